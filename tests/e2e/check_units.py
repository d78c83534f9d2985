#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether the unit of a column or of the target matters: `check_units.py SCRATCH`.

A smooth function of five columns is learned from 600 rows, with columns and target as they are and in other
units: years, seconds since 1970, billionths, a target far from zero or tiny. A sixth column is always 1e5.
The error on other rows must be at most a tenth of that of the constant answer, and parameters must not
depend on the number of threads. What `infer` gives is in the unit of the target."""
import json
import math
import os
import random
import subprocess
import sys

MODEL = {"ccm": 1, "name": "smooth", "unaligned_inputs": [{"name": "x", "channels": 6}],
         "outputs": [{"name": "y"}], "compute": {"macs": 100000},
         "train": {"optimizer": "adamw", "learning_rate": 0.001, "schedule": "constant", "weight_decay": 0.01}}
COLUMN = {"plain": lambda v: v, "year": lambda v: 2000 + 26 * v, "seconds": lambda v: 1.7e9 + 1e7 * v,
          "billionths": lambda v: 1e-9 * v}
TARGET = {"plain": lambda y: y, "tiny": lambda y: 1e-6 * y, "far": lambda y: y + 1e4}


def rows(count, column, target, seed):
    rng = random.Random(seed)
    for _ in range(count):
        v = [rng.random() for _ in range(5)]
        y = 10 * math.sin(math.pi * v[0] * v[1]) + 20 * (v[2] - .5) ** 2 + 10 * v[3] + 5 * v[4]
        v[3] = column(v[3])
        yield v + [1e5], target(y + rng.gauss(0, .5))


def write(path, data):
    with open(path, "w", encoding="utf-8") as file:
        file.write("x,y\n" + "".join(" ".join(map(repr, v)) + f",{y!r}\n" for v, y in data))


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return json.loads(done.stdout.strip().split("\n")[-1]) if "--json" in command else done.stdout


def check(library, scratch, column, target):
    train, test, out = (os.path.join(scratch, name) for name in ("train.csv", "test.csv", "run"))
    write(train, rows(600, COLUMN[column], TARGET[target], 1))
    others = list(rows(200, COLUMN[column], TARGET[target], 2))
    write(test, others)
    subprocess.run(["rm", "-rf", out], check=True)
    digests = {run("ccm-run", "train", library, "--data", train, "--epochs", "100", "--threads", threads,
                   "--validation", "0", "--json", *([] if threads == "1" else ["--out", out])
                   )["parameters_sha256"] for threads in ("1", "2")}
    assert len(digests) == 1, f"{column}, {target}: {digests}"
    report = run("ccm-run", "eval", library, "--data", test, "--checkpoint", out, "--baseline", "--json")
    share = report["loss"] / report["baseline"]
    assert share <= 0.1, f"column {column}, target {target}: {share} of the constant answer's loss"
    v, y = others[0]
    answer = run("ccm-run", "infer", library, "--checkpoint", out, "--input",
                 "x=" + " ".join(map(repr, v)), "--json")["outputs"]["y"]["values"][0]
    spread = TARGET[target](20) - TARGET[target](0)
    assert abs(answer - y) < spread / 4, f"column {column}, target {target}: {answer} for {y}"
    print(f"column {column}, target {target}: {share:.3f} of the constant answer's loss")


def main():
    scratch = sys.argv[1]
    os.makedirs(scratch, exist_ok=True)
    text, library = os.path.join(scratch, "model.json"), os.path.join(scratch, "model.so")
    with open(text, "w", encoding="utf-8") as file:
        json.dump(MODEL, file)
    run("ccm-compile", text, "-o", library, "-q")
    for column in COLUMN:
        check(library, scratch, column, "plain")
    for target in ("tiny", "far"):
        check(library, scratch, "plain", target)


if __name__ == "__main__":
    main()
