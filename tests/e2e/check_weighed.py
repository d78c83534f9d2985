#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether a loss counts what is declared, and sureness is right: `check_weighed.py SCRATCH`.

Rows have two numbers and one of two kinds, which overlap. A quarter of the rows have any kind, but a weight
of 0; one kind is rare; and chances that are calibrated must be those that are found."""
import json
import math
import os
import random
import subprocess
import sys


def model(**loss):
    return {"ccm": 1, "name": "row",
            "unaligned_inputs": [{"name": "place", "columns": ["a", "b"]}],
            "outputs": [{"name": "kind", "values": ["common", "rare"], **loss}],
            "compute": {"macs": 40000},
            "train": {"learning_rate": 0.003, "weight_decay": 0}}


def row(rng, share, wrong):
    """Kinds are apart by two deviations; a wrong row has its kind turned round, and no weight."""
    kind = int(rng.random() < share)
    is_wrong = rng.random() < wrong
    values = f"{rng.gauss(2.0 * kind, 1):.3f},{rng.gauss(0, 1):.3f}"
    return f"{values},{['common', 'rare'][kind != is_wrong]},{0 if is_wrong else 1.5}"


def write(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(["a,b,kind,times", *rows]) + "\n")


class Scratch:
    def __init__(self, folder):
        self.folder = folder
        subprocess.run(["rm", "-rf", folder], check=True)
        os.makedirs(folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def compiled(self, name, **loss):
        with open(self.path(name + ".json"), "w", encoding="utf-8") as file:
            json.dump(model(**loss), file)
        run("ccm-compile", self.path(name + ".json"), "-o", self.path(name + ".so"), "-q")
        return self.path(name + ".so")

    def learned(self, name, train, test, **loss):
        """What eval says after a training, and what the training said."""
        library, out = self.compiled(name, **loss), self.path(name)
        said = run("ccm-run", "train", library, "--data", train, "--epochs", "40", "--out", out, "--json")
        report = run("ccm-run", "eval", library, "--data", test, "--checkpoint", out, "--json")
        return json.loads(report.stdout)["outputs"]["kind"], json.loads(said.stdout)


def run(*command, code=0):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{command}: {done.returncode} {done.stderr}"
    return done


def check_samples(scratch, rng):
    """Rows of weight 0 do not count."""
    train, test = scratch.path("wrong.csv"), scratch.path("right.csv")
    write(train, [row(rng, 0.5, 0.45) for _ in range(1200)])
    write(test, [row(rng, 0.5, 0) for _ in range(1000)])
    plain, _ = scratch.learned("plain", train, test)
    weighed, _ = scratch.learned("weighed", train, test, sample_weight="times")
    best = 0.5 * (1 + math.erf(1 / math.sqrt(2)))
    assert weighed["accuracy"] > best - 0.04, weighed
    assert plain["accuracy"] < weighed["accuracy"] - 0.1, (plain["accuracy"], weighed["accuracy"])
    return test


def check_columns(scratch, test):
    """Training wants the column, an answer does not; a weight is not negative."""
    library, out = scratch.path("weighed.so"), scratch.path("weighed")
    told = run("ccm-run", "importance", library, "--data", test, "--checkpoint", out, "--json").stdout
    assert [one["column"] for one in json.loads(told)["inputs"]] in (["a", "b"], ["b", "a"]), told
    bare, wrong = scratch.path("bare.csv"), scratch.path("negative.csv")
    with open(bare, "w", encoding="utf-8") as file:
        file.write("a,b,kind\n2,0,rare\n")
    write(wrong, ["2,0,rare,-1"])
    run("ccm-run", "infer", library, "--checkpoint", out, "--data", bare, "--output", "kind=" + scratch.path("k.csv"))
    run("ccm-run", "infer", library, "--checkpoint", out, "--data", test, "--output", "kind=" + scratch.path("k.csv"))
    said = run("ccm-run", "eval", library, "--data", bare, code=1).stderr
    assert "no column 'times' for port 'kind_weight'" in said, said
    said = run("ccm-run", "eval", library, "--data", wrong, code=1).stderr
    assert "'kind_weight' expects a number of at least 0, got '-1'" in said, said


def check_balanced(scratch, rng):
    """A rare kind is found as often as the common one."""
    train, test = scratch.path("rare.csv"), scratch.path("tested.csv")
    write(train, [row(rng, 0.06, 0) for _ in range(1500)])
    write(test, [row(rng, 0.5, 0) for _ in range(1000)])
    plain, _ = scratch.learned("common", train, test)
    balanced, _ = scratch.learned("balanced", train, test, class_weights="balanced")
    assert balanced["balanced_accuracy"] > plain["balanced_accuracy"] + 0.1, (plain, balanced)


def check_calibrated(scratch, rng):
    """Smoothed targets make scores of half the sureness; the answers stay when that is put right."""
    train, test = scratch.path("some.csv"), scratch.path("many.csv")
    write(train, [row(rng, 0.5, 0) for _ in range(1000)])
    write(test, [row(rng, 0.5, 0) for _ in range(2000)])
    loss = {"label_smoothing": 0.5, "class_weights": [1, 1]}
    plain, _ = scratch.learned("unsure", train, test, **loss)
    calibrated, said = scratch.learned("calibrated", train, test, calibrate=True, **loss)
    assert calibrated["accuracy"] == plain["accuracy"], (plain, calibrated)
    assert abs(calibrated["loss"] - plain["loss"]) < 1e-6, (plain, calibrated)
    assert 0.2 < said["temperatures"]["kind"] < 0.7, said
    assert calibrated["log_loss"] < plain["log_loss"] - 0.05, (plain, calibrated)


def main():
    scratch, rng = Scratch(sys.argv[1]), random.Random(3)
    test = check_samples(scratch, rng)
    check_columns(scratch, test)
    check_balanced(scratch, rng)
    check_calibrated(scratch, rng)


if __name__ == "__main__":
    main()
