#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a small model with each strategy pinned: the library's deltas pass gradcheck, training brings the
loss below what the mean of the targets gives, and the chosen part is the pinned one. A strategy that
the compiler has and this file does not know fails."""
import json
import math
import os
import random
import re
import sys

import check_model

STEPS = 300

ROW = {"name": "row", "channels": 6}
WORDS = {"name": "words", "shape": [20], "discrete": True, "vocabulary": 12}
SIGNAL = {"name": "signal", "structure": "high", "shape": [300]}
PICTURE = {"name": "picture", "structure": "high", "shape": [18, 20], "channels": 2}
NUMBERS = {"name": "numbers", "channels": 3}
TAGS = {"name": "tags", "shape": [20], "discrete": True, "vocabulary": 3}
CURVE = {"name": "curve", "shape": [12]}
SOUND = {"name": "sound", "structure": "high", "shape": [300]}
MAP = {"name": "map", "structure": "high", "shape": [18, 20]}
PITCH = {"name": "pitch", "shape": [40], "channels": 2}


def reduced(port):
    return {"unaligned_inputs": [port], "outputs": [NUMBERS]}, "unaligned_inputs"


def expanded(port, output):
    return {"unaligned_inputs": [port], "outputs": [output]}, "outputs"


def core(port):
    return {"unaligned_inputs": [port], "outputs": [NUMBERS]}, None


ALIGNED = {"aligned_inputs": [PICTURE], "outputs": [MAP]}

# By strategy: a model, and the ports whose first has the pin, or None for the core.
MODELS = {
    "aligned-embed": ({"aligned_inputs": [WORDS, PITCH], "outputs": [TAGS]}, "aligned_inputs"),
    "attention-pool": expanded(WORDS, CURVE),
    "conv-attention": reduced(PICTURE),
    "conv-pyramid": reduced(PICTURE),
    "dense-embed": reduced(ROW),
    "embedding": reduced(WORDS),
    "latent-attention": reduced(SIGNAL),
    "log-mel": reduced(SIGNAL),
    "mixer": core(WORDS),
    "mlp": core(ROW),
    "patch-embed": reduced(PICTURE),
    "pool-dense": expanded(WORDS, NUMBERS),
    "resize-conv": expanded(ROW, MAP),
    "shuffle": expanded(ROW, MAP),
    "strided-conv": reduced(SIGNAL),
    "token-dense": expanded(WORDS, TAGS),
    "transformer": core(WORDS),
    "transposed-conv": expanded(ROW, SOUND),
    "u-decoder": (ALIGNED, "outputs"),
    "u-encoder": (ALIGNED, "aligned_inputs"),
    "unpatch": expanded(ROW, MAP),
    "use": reduced({"name": "row"}),
    "window-attention": reduced(PICTURE),
}


def tones(scratch):
    """Signals that are sines of any phase, and which of three ranges the frequency is from: nothing for
    what is linear in the samples, and all that a strategy hears which keeps powers alone."""
    rng = random.Random("tones")
    signals, numbers = [], []
    for _ in range(256):
        kind, phase = rng.randrange(3), rng.uniform(0, 2 * math.pi)
        turns = rng.uniform(0.02, 0.05) * 3 ** kind
        signals += [math.sin(2 * math.pi * turns * t + phase) for t in range(300)]
        numbers += [float(kind == number) for number in range(3)]
    paths = {port: os.path.join(scratch, f"{port}.npy") for port in ("signal", "numbers")}
    check_model.write_npy(paths["signal"], (256, 300), signals)
    check_model.write_npy(paths["numbers"], (256, 3), numbers)
    return ",".join(f"{port}={path}" for port, path in paths.items())


# Synthetic data have targets that are odd in what slowly varying inputs are: without a phase, no more
# than noise.
DATA = {"log-mel": tones}


# What the part uses whose strategy is that.
USED = {"ccm": 1, "name": "used", "unaligned_inputs": [ROW],
        "outputs": [{"name": "tokens", "shape": [4], "channels": 16}], "compute": {"macs": 300000}}


def declaration(name):
    ports, side = MODELS[name]
    model = {"ccm": 1, "name": "m", **ports, "compute": {"macs": 1500000},
             "train": {"optimizer": "adamw", "learning_rate": 4e-3, "schedule": "constant", "weight_decay": 0.01}}
    pin = {"use": "used.json"} if name == "use" else {"strategy": {"name": name}}
    if side is None:
        return {**model, **pin}
    first, *others = model[side]
    return {**model, side: [{**first, **pin}, *others]}


def check(name, scratch):
    os.makedirs(scratch, exist_ok=True)
    text, library = os.path.join(scratch, "m.json"), os.path.join(scratch, "m.so")
    for path, content in (text, declaration(name)), (os.path.join(scratch, "used.json"), USED):
        with open(path, "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=1)
    report = check_model.last_json(check_model.run("ccm-compile", text, "-o", library,
                                                   "--report=json"))
    assert name in {part["strategy"] for part in report["parts"]}, report["parts"]
    check_model.check_deltas(library)
    data = DATA[name](scratch) if name in DATA else check_model.DATA
    check_model.fresh(library, os.path.join(scratch, "run-1"), STEPS, 2, data)
    print(f"trains {name}: ", end="")
    check_model.check_learning(library, scratch, data)


def main():
    known = check_model.run("ccm-compile", "--print-strategies")
    names = re.findall(r"^(?:reduce|core|expand) ([\w-]+):", known, re.M)
    if unknown := set(names) ^ set(MODELS):
        sys.exit(f"every_strategy.py and the compiler differ in {sorted(unknown)}")
    for name in dict.fromkeys(names):
        check(name, os.path.join(sys.argv[1], name))


if __name__ == "__main__":
    main()
