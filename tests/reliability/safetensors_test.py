#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Opens checkpoints with the official safetensors package, and checks what it finds in them."""
import hashlib
import json
import os
import struct
import sys

import numpy
import safetensors
from safetensors.numpy import load_file

from drill import Drill


def header_of(path):
    with open(path, "rb") as stream:
        length = struct.unpack("<Q", stream.read(8))[0]
        return 8 + length, json.loads(stream.read(length))


def check(condition, message):
    if not condition:
        sys.exit(message)


def main():
    drill = Drill(__doc__)
    out = drill.path("out")
    drill.run("ccm-run", *drill.training(out, 30, 10), check=True)
    loaded = drill.load(out)
    path = os.path.join(out, "step-000000000030.safetensors")
    check(loaded["path"] == path, f"expected {path}, found {loaded}")

    start, header = header_of(path)
    check(start % 64 == 0, f"data start at byte {start}, expected a multiple of 64")
    tensors = load_file(path)
    with safetensors.safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
        check(set(file.keys()) == set(tensors), f"keys differ: {file.keys()}")
    check(metadata["ccm.step"] == "30" and metadata["ccm.model"] == "table", f"the manifest says {metadata}")

    state = tensors.pop("__state__")
    check(state.dtype == numpy.uint8, f"state is {state.dtype}")
    check(metadata["ccm.sha256.__state__"] == hashlib.sha256(state.tobytes()).hexdigest(), "state differs")
    # The loader's digest is over the parameters as floats in the order of the declaration, the file's.
    names = sorted(tensors, key=lambda name: header[name]["data_offsets"][0])
    digest = hashlib.sha256()
    for name in names:
        values = tensors[name]
        check(values.dtype == numpy.float32 and numpy.isfinite(values).all(), f"{name} holds {values}")
        check(list(values.shape) == header[name]["shape"], f"{name} has shape {values.shape}")
        check(metadata["ccm.sha256." + name] == hashlib.sha256(values.tobytes()).hexdigest(), f"{name} differs")
        digest.update(numpy.ascontiguousarray(values).astype("<f4").tobytes())
    check(digest.hexdigest() == loaded["parameters_sha256"], "the values are not those the loader returns")
    print(f"{len(names)} parameters of {sum(tensors[name].size for name in names)} values agree")


if __name__ == "__main__":
    main()
