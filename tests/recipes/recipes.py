#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Applies the recipes of CONTRIBUTING.md to a copy of the sources, builds what they touch without
optimization, and runs the commands that stand there.

usage: recipes.py --work DIR [--tools DIR]

A `diff` block is a patch; a block with a path is a new file; `sh` blocks are commands run in the
copy. The case of the primitive is written last: until then its laws must fail for want of it. DIR
keeps the copy and its build, so that a second run builds only what has changed.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGETS = ["law-tests", "ccm-opt"]
CASES = "tests/laws/cases/"


def run(command, folder, text=None, environment=None, expect=0):
    result = subprocess.run(command, cwd=folder, env=environment, input=text, text=True, check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if (result.returncode != 0) != (expect != 0):
        sys.exit(f"{' '.join(command)}: exit {result.returncode}\n{result.stdout[-4000:]}")
    return result.stdout


def sources():
    """Paths of everything that is part of the project, whether committed or not yet."""
    listing = run(["git", "ls-files", "-co", "--exclude-standard"], ROOT)
    return [path for path in listing.split("\n") if path and os.path.isfile(f"{ROOT}/{path}")]


def blocks():
    """(language, name, body) of the blocks of the recipes, in order."""
    with open(f"{ROOT}/CONTRIBUTING.md", encoding="utf-8") as stream:
        text = stream.read()
    return re.findall(r"^```(\w+)[ ]*(\S*)\n(.*?)^```$", text, re.M | re.S)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)


def same(left, right):
    if not os.path.exists(right):
        return False
    with open(left, "rb") as first, open(right, "rb") as second:
        return first.read() == second.read()


def mirror(staged, copy):
    """Brings `copy` to the files of `staged`, touching only what differs; its build stays."""
    wanted = set()
    for where, _, names in os.walk(staged):
        for name in names:
            path = os.path.relpath(os.path.join(where, name), staged)
            wanted.add(path)
            if not same(f"{staged}/{path}", f"{copy}/{path}"):
                os.makedirs(os.path.dirname(f"{copy}/{path}"), exist_ok=True)
                shutil.copyfile(f"{staged}/{path}", f"{copy}/{path}")
                shutil.copymode(f"{staged}/{path}", f"{copy}/{path}")
    for where, folders, names in os.walk(copy):
        if where == copy:
            folders[:] = [folder for folder in folders if folder not in ("build", ".venv")]
        for name in names:
            path = os.path.relpath(os.path.join(where, name), copy)
            if path not in wanted and path != ".venv":
                os.remove(f"{copy}/{path}")


def prepare(copy, found):
    """The copy with both recipes applied, but for cases of laws; returns those."""
    with tempfile.TemporaryDirectory() as staged:
        for path in sources():
            os.makedirs(os.path.dirname(f"{staged}/{path}"), exist_ok=True)
            shutil.copy(f"{ROOT}/{path}", f"{staged}/{path}")
        cases = {}
        for language, name, body in found:
            if language == "diff":
                run(["git", "apply", "-"], staged, text=body)
            elif name.startswith(CASES):
                cases[name] = body
            elif name:
                write(f"{staged}/{name}", body)
        os.makedirs(copy, exist_ok=True)
        mirror(staged, copy)
    if not os.path.exists(f"{copy}/.venv"):
        os.symlink(os.path.realpath(f"{ROOT}/.venv"), f"{copy}/.venv")
    return cases


def check_laws_without_case(copy, cases):
    """A registered primitive without a case fails the suite, by its name."""
    names = {name for body in cases.values() for name in re.findall(r"= (ccm\.\w+) ", body)}
    printed = run([f"{copy}/build/bin/law-tests", "--gtest_filter=Coverage.*"], copy, expect=1)
    for name in names:
        if f"{name} has no case" not in printed:
            sys.exit(f"without its case the laws do not fail for {name}:\n{printed}")
    if not names:
        sys.exit("expects a case of a primitive in CONTRIBUTING.md")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", required=True, help="folder for the copy and its build")
    parser.add_argument("--tools", default="/usr/lib/llvm-22/bin", help="folder of lit and FileCheck")
    arguments = parser.parse_args()
    copy = os.path.join(os.path.abspath(arguments.work), "tree")
    found = blocks()
    cases = prepare(copy, found)
    run(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None"], copy)
    run(["ninja", "-C", "build", *TARGETS], copy)
    check_laws_without_case(copy, cases)
    for name, body in cases.items():
        write(f"{copy}/{name}", body)
    path = os.pathsep.join([arguments.tools, os.environ["PATH"]])
    for language, _, body in found:
        if language == "sh":
            printed = run(["bash", "-euo", "pipefail", "-c", body], copy,
                          environment={**os.environ, "PATH": path})
            ran = re.search(r"\[  PASSED  \] ([1-9]\d*) test|Passed *: ([1-9]\d*)", printed)
            if not ran:
                sys.exit(f"{body}ran nothing:\n{printed}")
            print(f"{body.strip()}: {ran[0].strip()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
