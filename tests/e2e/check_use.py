#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a model of other models is, against those models themselves.

A model whose input, core and output each use another declaration answers as these do one after the other, bit
for bit, with the parameters that it learned. Its checkpoint gives theirs, and takes theirs; what is
of another model is refused.
"""
import json
import os
import random
import shutil
import subprocess
import sys

from check_frozen import tensors, train
from check_model import last_json, run, write_npy


def port(name, **keys):
    return {"name": name, **keys}


TOKENS = {"shape": [4, 4], "channels": 32}
CHILDREN = {
    "eye": ([port("photo", shape=[16, 16], channels=3)], [port("seen", **TOKENS)], {}),
    "depth": ([port("seen", **TOKENS)], [port("felt", **TOKENS)], {}),
    "thought": ([port("seen", use="depth.json")], [port("thought", **TOKENS)],
                {"strategy": {"name": "transformer", "depth": 1}}),
    "hand": ([port("thought", **TOKENS)], [port("drawing", structure="high", shape=[20, 20])], {}),
}
WHOLE = ([port("photo", use="eye.json")], [port("drawing", use="hand.json")],
         {"use": "thought.json", "compute": {"macs": 9000000}})
PARTS = {"reduce.photo": "eye", "core": "thought", "expand.drawing": "hand"}


def declaration(name, inputs, outputs, keys):
    return {"ccm": 1, "name": name, "unaligned_inputs": inputs, "outputs": outputs,
            "compute": {"macs": 700000}, **keys}


def compiled(name, ports, scratch, *options):
    text = os.path.join(scratch, f"{name}.json")
    with open(text, "w", encoding="utf-8") as stream:
        json.dump(declaration(name, *ports), stream, indent=1)
    library = os.path.join(scratch, f"{name}.so")
    run("ccm-compile", text, "-o", library, "-q", "--target=x86-64-v3", *options)
    return library


def refused(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode != 0, command
    return result.stderr


def answer(library, checkpoint, data, output, path, *options):
    run("ccm-run", "infer", library, "--checkpoint", checkpoint, "--data", data, "--output",
        f"{output}={path}", *options)
    return path


def check_chain(libraries, whole, out, scratch):
    """The whole's answers are those of its parts, one after the other."""
    random.seed(7)
    data = os.path.join(scratch, "photo.npy")
    write_npy(data, (9, 16, 16, 3), [random.gauss(0, 1) for _ in range(9 * 16 * 16 * 3)])
    expected = answer(whole, out, f"photo={data}", "drawing", os.path.join(scratch, "whole.npy"))
    names = ["photo", "seen", "thought", "drawing"]
    for (part, child), given, wanted in zip(PARTS.items(), names, names[1:]):
        data = answer(libraries[child], out, f"{given}={data}", wanted,
                      os.path.join(scratch, f"{wanted}.npy"), "--part", part)
    with open(expected, "rb") as one, open(data, "rb") as other:
        assert one.read() == other.read(), "the whole is not its parts"
    print("the whole is its parts, bit for bit")


def check_checkpoints(libraries, whole, out, scratch):
    """A part starts from what its model learned alone, keeps it when frozen, and gives it back."""
    eye, begun = os.path.join(scratch, "eye-run"), os.path.join(scratch, "begun")
    inputs, outputs, keys = WHOLE
    tuned = compiled("tuned", ([{**inputs[0], "frozen": True}], outputs, keys), scratch)
    alone = train(libraries["eye"], eye, 20)
    parts = train(tuned, begun, 3, "--into", f"reduce.photo={eye}")
    for name, values in alone.items():
        assert name == "__state__" or parts[f"reduce.photo.{name}"] == values, name
    losses = {json.dumps(last_json(run("ccm-run", "eval", libraries["eye"], "--data", "synthetic:32",
                                       "--json", "--checkpoint", *options))["loss"])
              for options in ([eye], [begun, "--part", "reduce.photo"])}
    assert len(losses) == 1, losses
    said = refused("ccm-run", "train", whole, "--data", "synthetic:8", "--into", f"core={eye}")
    assert "the model lacks parameter 'core.reduce.photo." in said, said
    said = refused("ccm-run", "eval", libraries["eye"], "--data", "synthetic:8", "--checkpoint", out,
                   "--part", "core")
    assert "it lacks parameter 'core.reduce.photo." in said, said
    print("checkpoints of parts go in and come out")


def main():
    scratch = sys.argv[1]
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    libraries = {name: compiled(name, ports, scratch) for name, ports in CHILDREN.items()}
    whole = compiled("whole", WHOLE, scratch)
    report = last_json(run("ccm-run", "gradcheck", whole, "--json"))
    assert report["passed"], report
    out = os.path.join(scratch, "run")
    names = set(train(whole, out, 10)) - {"__state__"}
    prefixes = {next((part for part in PARTS if name.startswith(part + ".")), None) for name in names}
    assert prefixes == set(PARTS), prefixes
    check_chain(libraries, whole, out, scratch)
    check_checkpoints(libraries, whole, out, scratch)


if __name__ == "__main__":
    main()
