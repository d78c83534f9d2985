#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether a model of windows forecasts: `check_series.py SCRATCH`.

Stations measure a wave whose phase is their own, with gaps and noise. The next three values follow from the
last sixteen. What is learned must be far better than saying the last value again, the same on any number
of threads, and a forecast must be that of the end of each station's rows, wherever they stand."""
import json
import math
import os
import random
import subprocess
import sys

MODEL = {"ccm": 1, "name": "wave", "group": "Station",
         "unaligned_inputs": [{"name": "past", "window": {"steps": 16}, "columns": ["Heat"], "missing": "learn"}],
         "outputs": [{"name": "next", "shape": [3], "column": "Heat", "horizon": 3}],
         "compute": {"macs": 60000}, "train": {"optimizer": "adamw", "learning_rate": 0.002}}
STATIONS = ["north", "south", "east"]


def heat(station, step):
    return 20 + 5 * math.sin(step / 3 + 2 * STATIONS.index(station))


def write(path, steps):
    rng = random.Random(7)
    with open(path, "w", encoding="utf-8") as file:
        file.write("time,Station,Heat\n")
        for step in range(steps):
            for station in STATIONS:
                value = "" if rng.random() < 0.02 else f"{heat(station, step) + rng.gauss(0, 0.1):.3f}"
                file.write(f"{step},{station},{value}\n")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def main():
    scratch = sys.argv[1]
    os.makedirs(scratch, exist_ok=True)
    model, library, table, out = (os.path.join(scratch, name) for name in (
        "model.json", "model.so", "t.csv", "run"))
    with open(model, "w", encoding="utf-8") as file:
        json.dump(MODEL, file)
    write(table, 400)
    run("ccm-compile", model, "-o", library, "-q")
    digests = set()
    for threads in ("1", "2"):
        subprocess.run(["rm", "-rf", out], check=True)
        digests.add(json.loads(run("ccm-run", "train", library, "--data", table, "--epochs", "8", "--threads",
                                   threads, "--out", out, "--json"))["parameters_sha256"])
    assert len(digests) == 1, digests
    told = json.loads(run("ccm-run", "forecast", library, "--data", table, "--checkpoint", out, "--json"))
    assert [row["row"] for row in told["rows"]] == STATIONS, told
    worst = 0
    for row in told["rows"]:
        for ahead, value in enumerate(row["outputs"]["next"]["values"]):
            worst = max(worst, abs(value - heat(row["row"], 400 + ahead)))
    # Saying the last value again is wrong by up to 5 sin(1) 2, more than 4, at some phase.
    assert worst < 1, told
    print(f"forecasts are off by at most {worst:.2f}")


if __name__ == "__main__":
    main()
