#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether a table that stays as it is trains: `check_named.py SCRATCH`.

Birds have two measures, some of which are missing, and live on islands. What they are called stands in the
declaration: titles with blanks, names, integers that are no indices. A measure is missing much more often
for one kind than for the others, and then nothing but its being missing tells that kind."""
import json
import os
import random
import subprocess
import sys

MODEL = {"ccm": 1, "name": "bird",
         "unaligned_inputs": [
             {"name": "measure", "columns": ["Bill (mm)", "Mass, g"], "missing": "learn"},
             {"name": "island", "column": "Island", "values": ["Biscoe", "Dream"]}],
         "outputs": [{"name": "kind", "column": "class", "values": [7, -1, 30]}],
         "compute": {"macs": 20000}, "train": {"optimizer": "adamw", "learning_rate": 0.003}}


def row(rng):
    kind = rng.choice([7, -1, 30])
    bill = rng.gauss(40 if kind == 7 else 50, 2)
    mass = rng.gauss(4000, 300)
    is_gap = rng.random() < (0.97 if kind == 30 else 0.03)
    return f"{bill:.1f}", "NA" if is_gap else f"{mass:.0f}", rng.choice(["Biscoe", "Dream"]), kind


def write(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        file.write('id,class,"Mass, g",Island,Bill (mm)\n')
        for number, (bill, mass, island, kind) in enumerate(rows):
            file.write(f"{number},{kind},{mass},{island},{bill}\n")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done


def main():
    scratch = sys.argv[1]
    os.makedirs(scratch, exist_ok=True)
    model, library, train, test, out = (os.path.join(scratch, name) for name in (
        "model.json", "model.so", "train.csv", "test.csv", "run"))
    subprocess.run(["rm", "-rf", out], check=True)
    rng = random.Random(5)
    with open(model, "w", encoding="utf-8") as file:
        json.dump(MODEL, file)
    write(train, [row(rng) for _ in range(900)])
    write(test, [row(rng) for _ in range(300)] + [("44.0", "4100", "Elsewhere", 7)])
    run("ccm-compile", model, "-o", library, "-q")
    said = run("ccm-run", "train", library, "--data", train, "--epochs", "30", "--out", out).stderr
    assert "columns passed over: id" in said and "cells of 'measure' are missing" in said, said
    report = run("ccm-run", "eval", library, "--data", test, "--checkpoint", out, "--json")
    assert "1 cells of 'island' hold none of its values, the first 'Elsewhere' in line 302" in report.stderr, \
        report.stderr
    accuracy = json.loads(report.stdout)["outputs"]["kind"]["accuracy"]
    assert accuracy > 0.93, accuracy  # two of three kinds without gaps: at most 0.67
    told = json.loads(run("ccm-run", "importance", library, "--data", test, "--checkpoint", out, "--json").stdout)
    changes = {one.get("column", one["name"]): one["loss_change"] for one in told["inputs"]}
    assert set(changes) == {"Bill (mm)", "Mass, g", "island"}, changes
    assert min(changes["Bill (mm)"], changes["Mass, g"]) > 0.3 > 0.1 > abs(changes["island"]), changes
    answer = run("ccm-run", "infer", library, "--checkpoint", out, "--input", "measure=50 NA", "--input",
                 "island=Dream", "--json")
    kind = json.loads(answer.stdout)["outputs"]["kind"]
    assert kind["name"] == "30", kind
    print(f"accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
