#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether numbers depend on how they are computed: `check_numbers.py --bin build/bin --count 100`.

Takes declarations (`--models`) and valid ones at random, compiles each twice, the second
time keeping as few internals as can be, and compares to the bit: `infer` and `forward`, the backward and
its halves, a sample alone, in every batch and at other places, values kept and computed again. Model i is
the same for every count, so a finding is repeated with `--first i --count 1`."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fuzz"))
import random_models  # noqa: E402


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Tally:
    passed = failed = refused = 0


def compile_model(tools, text, library, *options):
    return run(tools + "/ccm-compile", "-q", text, "-o", library, "--target=x86-64-v3", *options)


def check(name, text, options, tally, scratch):
    """Adds what one declaration gives to the tally; False when it is refused."""
    library, capped = os.path.join(scratch, "m.so"), os.path.join(scratch, "capped.so")
    made = compile_model(options.bin, text, library)
    if made.returncode == 1 and f"{text}:" in made.stderr:
        tally.refused += 1
        return False
    again = compile_model(options.bin, text, capped, "--ccm-pipeline=internals-cap=1")
    if made.returncode or again.returncode:
        sys.exit(f"{name}: ccm-compile failed\n{made.stderr}{again.stderr}")
    compared = run(options.bin + "/ccm-numbers", library, str(options.most), capped)
    lines = compared.stdout.strip().split("\n")
    if compared.returncode not in (0, 1):
        sys.exit(f"{name}: ccm-numbers failed\n{compared.stdout}{compared.stderr}")
    if compared.returncode == 1:
        print(f"{name}:", *lines, sep="\n  ", flush=True)
    passed, failed = lines[-1].split(" passed, ")
    tally.passed += int(passed)
    tally.failed += int(failed.split(" ", 1)[0])
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="folder of the tools")
    parser.add_argument("--models", nargs="*", default=[], help="declarations beside those at random")
    parser.add_argument("--first", type=int, default=0, help="number of the first model at random")
    parser.add_argument("--count", type=int, default=100, help="how many models at random")
    parser.add_argument("--most", type=int, default=33, help="the largest batch")
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="ccm-numbers-") as scratch:
        for path in options.models:
            check(path, path, options, tally, scratch)
        number, done = options.first, 0
        while done < options.count:
            text = os.path.join(scratch, "m.json")
            with open(text, "w", encoding="utf-8") as stream:
                json.dump(random_models.declaration(number), stream, indent=1)
            done += check(f"random model {number}", text, options, tally, scratch)
            number += 1
    print(f"{tally.refused} declarations refused for their budget")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
