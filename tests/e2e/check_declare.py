#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether a first declaration trains: `check_declare.py SCRATCH`.

Of the tables of packages the penguins' kinds and the days' weather are told, and the weight of a penguin: a
declaration is written, compiled, and trained on three rows of four without a flag. The others must be told
far better than by the constant answer."""
import csv
import glob
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
[PACKAGES] = glob.glob(f"{ROOT}/.venv/lib/python3*/site-packages")
PENGUINS = f"{PACKAGES}/palmerpenguins/data/penguins.csv"
WEATHER = f"{PACKAGES}/vega_datasets/_data/seattle-weather.csv"


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def learned(scratch, table, target):
    """What eval says of the target on the rows held out."""
    os.makedirs(scratch, exist_ok=True)
    train, test, model, library, out = (os.path.join(scratch, name) for name in (
        "train.csv", "test.csv", "model.json", "model.so", "run"))
    subprocess.run(["rm", "-rf", out, model], check=True)
    with open(table, encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    for path, is_held in ((train, False), (test, True)):
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head] + [row for i, row in enumerate(rows) if (i % 4 == 1) == is_held])
    run("ccm-run", "declare", train, "--target", target, "--out", model)
    run("ccm-compile", model, "-o", library, "-q")
    run("ccm-run", "train", library, "--data", train, "--out", out)
    report = run("ccm-run", "eval", library, "--data", test, "--checkpoint", out, "--json")
    return json.loads(report)["outputs"][target]


def main():
    scratch = sys.argv[1]
    kind = learned(f"{scratch}/kind", PENGUINS, "species")["accuracy"]
    assert kind > 0.95, kind  # always Adelie: 0.44
    mass = learned(f"{scratch}/mass", PENGUINS, "body_mass_g")["r2"]
    assert mass > 0.7, mass
    weather = learned(f"{scratch}/weather", WEATHER, "weather")["accuracy"]
    assert weather > 0.65, weather  # always sun: 0.49
    print(f"kinds {kind:.3f}, mass R2 {mass:.3f}, weather {weather:.3f}")


if __name__ == "__main__":
    main()
