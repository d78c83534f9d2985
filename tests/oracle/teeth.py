#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether the oracle notices: twins that are wrong in one place, by little, must fail.

usage: tools/oracle --teeth DECLARATION        (of a model with a transformer of one head)
"""
import argparse
import sys
import tempfile

import oracle

SPOILED = [
    ("approximate='tanh'", "approximate='none'"),  # the other form, off by 5e-4 at most
    ("1e-5)", "1.3e-5)"),
    ("heads=1", "heads=2"),
    (".mean(1)", ".mean(1) * (1 + 1e-4)"),
    ("x = x + x1", "x = x + x1 * (1 - 1e-4)"),
]


def errors_of(declaration, bin_folder, old, new):
    """The scaled errors of a twin in whose text something is replaced."""
    def load(path):
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        if old not in text:
            sys.exit(f"the twin has no {old}: expects a transformer of one head")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text.replace(old, new))
        return load_twin(path)

    load_twin, oracle.load_twin = oracle.load_twin, load
    try:
        with tempfile.TemporaryDirectory(prefix="ccm-oracle-") as folder:
            return oracle.Model(declaration, bin_folder, folder).check(0)
    finally:
        oracle.load_twin = load_twin


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("declaration")
    parser.add_argument("--bin", default=f"{oracle.ROOT}/build/bin", help="folder of the tools")
    parser.add_argument("--python", help="as of tools/oracle")
    parser.add_argument("--teeth", action="store_true", help="what is run here")
    options = parser.parse_args()
    oracle.prepare()
    unseen = 0
    for old, new in SPOILED:
        error = max(errors_of(options.declaration, options.bin, old, new).values())
        unseen += error <= 1
        print(f"{old} for {new}: {error:.1f} of the bound", flush=True)
    print(f"{len(SPOILED) - unseen} of {len(SPOILED)} faults seen")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
