#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Throws the catalogue of hostile inputs at the tools: `run.py --bin build/bin [TABLE] [--only TEXT]`.

Every table is a module with a list CASES. A case says what is run and its exact verdict."""
import argparse
import importlib
import os
import sys

import harness

TABLES = ["declarations", "commands", "surroundings", "ir", "data"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", nargs="*", choices=[[], *TABLES], help="default: all")
    parser.add_argument("--bin", required=True, help="folder of the tools")
    parser.add_argument("--only", default="", help="run the cases whose name holds this text")
    parser.add_argument("--sanitized", action="store_true", help="the tools are a sanitized build")
    options = parser.parse_args()
    cases = [case for table in options.table or TABLES
             for case in importlib.import_module(table).CASES if options.only in case.name]
    return harness.run_all(cases, harness.Tools(os.path.abspath(options.bin), options.sanitized))


if __name__ == "__main__":
    sys.exit(main())
