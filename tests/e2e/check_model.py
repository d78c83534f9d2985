#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes one declaration from text to a trained library and checks what must hold on the way.

The library needs at most the C and math libraries and exports one symbol; its deltas pass gradcheck;
training on synthetic data brings the loss below what the mean of the targets gives; the parameters
after it are the same for every number of threads, trained in one go or resumed half way with another
number.
"""
import argparse
import json
import os
import shutil
import struct
import subprocess
import sys


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def enter_empty(folder):
    """Makes the folder, without what it had, the working one."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)


def last_json(text):
    return json.loads(text.strip().split("\n")[-1])


def check_elf(library):
    needed = [line for line in run("llvm-readelf", "-d", library).split("\n") if "NEEDED" in line]
    foreign = [line for line in needed if "libc.so" not in line and "libm.so" not in line]
    assert not foreign, f"needs {foreign}"
    symbols = run("llvm-nm", "-D", "--defined-only", library).split()
    assert len(symbols) == 3 and symbols[2].startswith("ccm_model_"), f"exports {symbols}"


def check_deltas(library):
    report = last_json(run("ccm-run", "gradcheck", library, "--json"))
    assert report["passed"], report


DATA = "synthetic:256"


def write_npy(path, shape, values):
    """An array of f32 in NumPy's format."""
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    with open(path, "wb") as stream:
        stream.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
        stream.write(struct.pack(f"<{len(values)}f", *values))


def train(library, out, steps, threads, *options, data=DATA):
    """The digest of the parameters after `steps` steps in all."""
    report = last_json(run("ccm-run", "train", library, "--data", data, "--steps", str(steps),
                           "--batch", "32", "--threads", str(threads), "--out", out, "--json",
                           *options))
    assert report["steps"] == steps, report
    return report["parameters_sha256"]


def fresh(library, out, steps, threads, data=DATA):
    shutil.rmtree(out, ignore_errors=True)
    return train(library, out, steps, threads, data=data)


def check_bits(library, scratch, steps, counts):
    """One digest for every number of threads, fresh and resumed."""
    digests = {}
    for threads, others in zip(counts, reversed(counts)):
        out = os.path.join(scratch, f"run-{threads}")
        digests[f"{threads} threads"] = fresh(library, out, steps, threads)
        halves = os.path.join(scratch, f"halves-{threads}")
        half = fresh(library, halves, steps // 2, threads)
        resumed = train(library, halves, steps, others, "--resume")
        digests[f"{threads}, then {others} threads"] = resumed
        assert half != resumed, "the resumed run did nothing"
    assert len(set(digests.values())) == 1, f"parameters depend on threads or on resuming: {digests}"
    print(f"{len(digests)} runs, one digest: {digests['1 threads']}")


def check_learning(library, scratch, data=DATA):
    report = last_json(run("ccm-run", "eval", library, "--data", data, "--checkpoint",
                           os.path.join(scratch, "run-1"), "--baseline", "--json"))
    assert report["loss"] < 0.9 * report["baseline"], report
    print(f"loss {report['loss']:.4f}, of the mean {report['baseline']:.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("scratch")
    parser.add_argument("--type", help="type that the output must be given")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--threads", default="1,2,3,4,7,8", help="numbers of threads to compare")
    arguments = parser.parse_args()
    os.makedirs(arguments.scratch, exist_ok=True)
    library = os.path.join(arguments.scratch, "model.so")
    report = last_json(run("ccm-compile", arguments.model, "-o", library, "--report=json"))
    assert arguments.type is None or set(report["type"].values()) == {arguments.type}, report["type"]
    check_elf(library)
    check_deltas(library)
    check_bits(library, arguments.scratch, arguments.steps,
               [int(count) for count in arguments.threads.split(",")])
    check_learning(library, arguments.scratch)


if __name__ == "__main__":
    main()
