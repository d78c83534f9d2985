#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a small autoregressive model on a language of six sentences, and checks what it makes.

A text is of one animal, which is an input, and says in every sentence one of two things that it does.
Generated texts must consist of such sentences of the animal asked for, go on from a prompt, be the same in
any batch and on any number of threads, and the likeliest one is the same whatever the seed.
"""
import csv
import json
import random
import subprocess
import sys

from check_model import enter_empty, last_json, run

VERBS = {"cat": ["purrs", "naps"], "dog": ["barks", "digs"], "bird": ["sings", "flies"]}
LENGTH = 40
MODEL = {
    "ccm": 1, "name": "animals",
    "unaligned_inputs": [{"name": "animal", "discrete": True, "vocabulary": 3}],
    "outputs": [{"name": "text", "shape": [LENGTH], "discrete": True, "vocabulary": 256,
                 "generate": "autoregressive"}],
    "compute": {"macs": 4e6},
    "train": {"optimizer": "adamw", "learning_rate": 3e-3, "schedule": "cosine", "weight_decay": 0.01},
}


def make_data(count):
    draws = random.Random(1)
    with open("texts.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["animal", "text"])
        for _ in range(count):
            number = draws.randrange(3)
            animal = list(VERBS)[number]
            sentences = (f"{animal} {draws.choice(VERBS[animal])}. " for _ in range(LENGTH))
            table.writerow([number, "".join(sentences)[:LENGTH]])


def generate(*options, count=30):
    run("ccm-run", "generate", "animals.so", "--checkpoint", "run", "--count", str(count),
        "--output", "text=made.csv", *options)
    with open("made.csv", encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def sentences_of(texts):
    """Those that are complete."""
    return [sentence for text in texts for sentence in text.split(". ")[:-1]]


def check_language():
    for number, (animal, verbs) in enumerate(VERBS.items()):
        sentences = sentences_of(generate("--input", f"animal={number}"))
        known = [sentence for sentence in sentences if sentence in [f"{animal} {v}" for v in verbs]]
        # Learned, not known: most of them, and both things in more than a quarter each.
        assert len(known) > 0.9 * len(sentences), sentences[:20]
        for verb in verbs:
            assert known.count(f"{animal} {verb}") > len(known) / 4, known[:20]


def check_prompts():
    texts = generate("--input", "animal=1", "--prompt", "dog ba")
    assert all(text.startswith("dog ba") for text in texts), texts[:3]
    rest = sum(text.startswith("dog barks. dog ") for text in texts)
    assert rest > 0.9 * len(texts), texts[:3]
    with open("prompt.txt", "w", encoding="utf-8") as file:
        file.write("dog ba")
    assert generate("--input", "animal=1", "--prompt", "@prompt.txt") == texts
    assert generate("--input", "animal=1", "--prompt", "x" * LENGTH, count=1) == ["x" * LENGTH]


def check_choices():
    likeliest = generate("--input", "animal=2", "--temperature", "0", "--seed", "5")
    assert len(set(likeliest)) == 1, likeliest[:3]
    for options in ["--top-k", "1"], ["--top-p", "1e-9"]:
        assert generate("--input", "animal=2", *options) == likeliest, options
    assert len(set(generate("--input", "animal=2", "--top-p", "0.99"))) > 3


def check_bits():
    whole = generate("--input", "animal=0")
    for options in ["--batch", "7"], ["--threads", "1"], ["--threads", "3", "--batch", "30"]:
        assert generate("--input", "animal=0", *options) == whole, f"other texts with {options}"
    assert generate("--input", "animal=0", "--seed", "9") != whole
    report = last_json(run("ccm-run", "generate", "animals.so", "--checkpoint", "run", "--input",
                           "animal=0", "--json"))
    assert report["outputs"]["text"]["text"] == whole[0], report


def refuse(status, message, *command):
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == status and message in result.stderr, (command, result)


def check_refusals():
    verb = ["ccm-run", "generate", "animals.so", "--checkpoint", "run", "--input", "animal=0"]
    refuse(1, "--prompt expects at most 40 elements, got 41", *verb, "--prompt", "x" * 41)
    refuse(2, "--steps goes with outputs of diffusion, 'animals' has none", *verb, "--steps", "9")
    refuse(2, "'text' is made element by element; use ccm-run generate", "ccm-run", "infer",
           *verb[2:])


def main():
    enter_empty(sys.argv[1])
    with open("animals.json", "w", encoding="utf-8") as file:
        json.dump(MODEL, file)
    make_data(2048)
    run("ccm-compile", "animals.json", "-o", "animals.so", "-q")
    run("ccm-run", "train", "animals.so", "--data", "texts.csv", "--epochs", "8", "--batch", "32",
        "--validation", "0", "--out", "run")
    check_language()
    check_prompts()
    check_choices()
    check_bits()
    check_refusals()
    print("texts have the sentences of the data")


if __name__ == "__main__":
    main()
