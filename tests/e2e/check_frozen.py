#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a declaration with frozen parts and compares the tensors of its checkpoints.

Frozen ones keep every bit through training with decay, all others change. A checkpoint of the same
declaration with nothing frozen can be trained on, and its frozen parts stay as that one left them.
"""
import json
import os
import shutil
import sys

from check_model import run


def tensors(out):
    """The bytes of every tensor in the newest checkpoint of a run."""
    files = sorted(name for name in os.listdir(out) if name.endswith(".safetensors"))
    with open(os.path.join(out, files[-1]), "rb") as file:
        content = file.read()
    size = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8:8 + size]), content[8 + size:]
    return {name: data[slice(*entry["data_offsets"])] for name, entry in header.items()
            if name != "__metadata__"}


def train(library, out, steps, *options):
    shutil.rmtree(out, ignore_errors=True)
    run("ccm-run", "train", library, "--data", "synthetic:64", "--batch", "16", "--steps", str(steps),
        "--out", out, *options)
    return tensors(out)


def compiled(text, path):
    with open(path + ".json", "w", encoding="utf-8") as file:
        file.write(text)
    run("ccm-compile", path + ".json", "-o", path + ".so", "-q", "--target=x86-64-v3")
    return path + ".so"


def check(before, after, is_frozen):
    for name, values in before.items():
        if name == "__state__":
            continue
        assert (values == after[name]) == is_frozen(name), f"{name} changed, or did not"


def main():
    model, scratch = sys.argv[1:]
    os.makedirs(scratch, exist_ok=True)
    with open(model, encoding="utf-8") as file:
        text = file.read()
    frozen = compiled(text, os.path.join(scratch, "frozen"))
    free = compiled(text.replace(', "frozen": true', ""), os.path.join(scratch, "free"))

    def is_scale(name):
        return name.startswith(("input.", "output."))

    def is_frozen(name):
        return name.startswith(("reduce.text.", "expand.kind.")) or is_scale(name)

    first, last = (train(frozen, os.path.join(scratch, f"run-{steps}"), steps) for steps in (1, 40))
    assert {is_frozen(name) for name in first} == {True, False}, list(first)
    check(first, last, is_frozen)
    whole = train(free, os.path.join(scratch, "whole"), 5)
    check(first, whole, is_scale)  # of the same data
    tuned = train(frozen, os.path.join(scratch, "tuned"), 5, "--checkpoint", os.path.join(scratch, "whole"))
    check(whole, tuned, is_frozen)
    trained = sum(len(values) for name, values in last.items() if not is_frozen(name) and name != "__state__")
    assert len(last["__state__"]) < len(whole["__state__"]), "frozen parameters have state"
    print(f"{len(first)} tensors, {trained} bytes of them trained, {len(last['__state__'])} of state")


if __name__ == "__main__":
    main()
