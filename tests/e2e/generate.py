#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a small model of diffusion on a distribution that is known, and checks what it makes.

The data: a label of 0 or 1, and two numbers around a centre of the label. Samples of a label must have
its mean and deviation, those without a label the mean of both; they must be the same bits in any batch
and on any number of threads; and with guidance they must not lie nearer to the other label.
"""
import csv
import json
import random
import statistics
import sys

from check_model import enter_empty, run

CENTRES = [(2.0, -1.0), (-2.0, 0.5)]
DEVIATION = 0.25
MODEL = {
    "ccm": 1, "name": "pairs",
    "unaligned_inputs": [{"name": "label", "discrete": True, "vocabulary": 2, "optional": True}],
    "outputs": [{"name": "pair", "channels": 2, "generate": "diffusion"}],
    "compute": {"macs": 60000},
    "train": {"optimizer": "adamw", "learning_rate": 4e-3, "schedule": "cosine", "weight_decay": 0.01},
}


def make_data(count):
    draws = random.Random(1)
    with open("pairs.csv", "w", encoding="utf-8") as file:
        file.write("label,pair\n")
        for _ in range(count):
            label = draws.randrange(2)
            file.write(f"{label}," + " ".join(str(draws.gauss(centre, DEVIATION))
                                             for centre in CENTRES[label]) + "\n")


def generate(*options, count=600):
    """Pairs of numbers, a tuple per sample."""
    run("ccm-run", "generate", "pairs.so", "--checkpoint", "run", "--count", str(count), "--output",
        "pair=made.csv", *options)
    with open("made.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count, rows[:2]
    return [tuple(float(number) for number in row["pair"].split()) for row in rows]


def check_label(label, options):
    # Learned, not known: within half of the data's deviation, a tenth of the centres' distance.
    made = generate("--input", f"label={label}", *options)
    for numbers, centre in zip(zip(*made), CENTRES[label]):
        mean, deviation = statistics.fmean(numbers), statistics.stdev(numbers)
        assert abs(mean - centre) < DEVIATION / 2, (label, options, mean, centre)
        assert abs(deviation - DEVIATION) < DEVIATION / 2, (label, options, deviation)


def check_distribution():
    for label in 0, 1:
        check_label(label, [])
        check_label(label, ["--ancestral", "1", "--steps", "100"])
    first = [pair[0] for pair in generate()]
    share = sum(number > 0 for number in first) / len(first)
    assert 0.35 < share < 0.65, f"without a label {share} of the samples are of the first"


def check_bits():
    whole = generate("--input", "label=1", count=40)
    for options in ["--batch", "7"], ["--threads", "1"], ["--threads", "3", "--batch", "40"]:
        other = generate("--input", "label=1", *options, count=40)
        assert whole == other, f"other samples with {options}"
    assert whole != generate("--input", "label=1", "--seed", "9", count=40)


def check_guidance():
    plain, guided = (statistics.fmean(pair[0] for pair in generate("--input", "label=0", *options))
                     for options in ([], ["--guidance", "2"]))
    assert guided > plain - DEVIATION / 2, (plain, guided)
    assert generate("--input", "label=0", "--guidance", "0") == generate()


def main():
    enter_empty(sys.argv[1])
    with open("pairs.json", "w", encoding="utf-8") as file:
        json.dump(MODEL, file)
    make_data(8192)
    run("ccm-compile", "pairs.json", "-o", "pairs.so", "-q")
    run("ccm-run", "train", "pairs.so", "--data", "pairs.csv", "--epochs", "60",
        "--batch", "64", "--validation", "0", "--out", "run")
    check_distribution()
    check_bits()
    check_guidance()
    print("samples have the distribution of the data")


if __name__ == "__main__":
    main()
