#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Applies the recipes of CONTRIBUTING.md to a copy of the sources, builds what they touch without
optimization, and runs the commands that stand there.

usage: recipes.py --build DIR [--tools DIR]

The copy keeps the rules of the house: `tools/check` runs in it.

A `diff` block is a patch; a block with a path is a new file; `sh` blocks are commands run in the
copy. The case of the primitive is written last: until then its laws must fail for want of it.

The copy is configured by CMake and its definitions are generated; of the sources those are compiled
that differ, that define or register the dialect's operations, or that know where the copy lies. All
other objects come from DIR, the finished build: a new class changes none of them.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGETS = ["law-tests", "ccm-opt"]
CASES = "tests/laws/cases/"
DEFINES_OPERATIONS = re.compile(r"Ccm(Ops\.cpp|Torch)\.inc")
KNOWS_ITS_PLACE = "CCM_LAW_CASES"


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


def read(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def prepare(copy, found):
    """The copy with both recipes applied, but for cases of laws; returns those."""
    for path in sources():
        os.makedirs(os.path.dirname(f"{copy}/{path}"), exist_ok=True)
        shutil.copy(f"{ROOT}/{path}", f"{copy}/{path}")
    run(["git", "init", "-q"], copy)
    cases = {}
    for language, name, body in found:
        if language == "diff":
            run(["git", "apply", "-"], copy, text=body)
        elif name.startswith(CASES):
            cases[name] = body
        elif name:
            write(f"{copy}/{name}", body)
    os.symlink(os.path.realpath(f"{ROOT}/.venv"), f"{copy}/.venv")
    return cases


def is_touched(copy, path):
    """Whether a source compiles to something else than it does without the recipes."""
    relative = os.path.relpath(path, copy)
    if relative.startswith(("..", "build/")):
        return False
    text = read(path)
    return (not os.path.exists(f"{ROOT}/{relative}") or text != read(f"{ROOT}/{relative}")
            or DEFINES_OPERATIONS.search(text) or KNOWS_ITS_PLACE in text)


def output_of(entry):
    """The object of an entry of compile_commands.json, which need not name it."""
    words = shlex.split(entry["command"])
    return words[words.index("-o") + 1]


def compile_touched(copy):
    """Objects of the touched sources, by the library or program that they belong to."""
    entries = {output_of(entry): entry
               for entry in json.loads(read(f"{copy}/build/compile_commands.json"))}
    touched = {output: entry for output, entry in entries.items() if is_touched(copy, entry["file"])}

    def compile_one(entry):
        words = shlex.split(entry["command"])
        os.makedirs(os.path.dirname(os.path.join(entry["directory"], output_of(entry))), exist_ok=True)
        run([word for word in words if word != "-Winvalid-pch"], entry["directory"])

    wanted = [entry for output, entry in touched.items()
              if re.match(r"(ir|passes|tests/laws|tools/CMakeFiles/ccm-opt)\b", output)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, wanted))
    return [output_of(entry) for entry in wanted]


def link(build, copy, target, objects):
    """Links a program of the finished build anew, with the objects of the copy before its own."""
    command = run(["ninja", "-C", build, "-t", "commands", "-s", f"bin/{target}"], ROOT).strip().split("\n")[-1]
    words = [word for word in shlex.split(command) if word not in (":", "&&")]
    words[words.index("-o") + 1] = f"{copy}/build/bin/{target}"
    first = next(at for at, word in enumerate(words) if word.endswith(".o"))
    of_program = f"CMakeFiles/{target}.dir/"
    mine = [path for path in objects
            if of_program in path or re.match(r"ir/", path) or
            (re.match(r"passes/", path) and target == "ccm-opt")]
    words = [word for word in words if word not in mine]
    words[first:first] = [f"{copy}/build/{path}" for path in mine]
    os.makedirs(f"{copy}/build/bin", exist_ok=True)
    run(words, build)


def check_laws_without_case(copy, cases):
    """A registered primitive without a case fails the suite, by its name."""
    names = {name for body in cases.values() for name in re.findall(r"= (ccm\.\w+) ", body)}
    printed = run([f"{copy}/build/bin/law-tests", "--gtest_filter=Coverage.*"], copy, expect=1)
    for name in names:
        if f"{name} has no case" not in printed:
            sys.exit(f"without its case the laws do not fail for {name}:\n{printed}")
    if not names:
        sys.exit("expects a case of a primitive in CONTRIBUTING.md")


def run_commands(copy, found, tools):
    """The commands of the recipes, each of which must run some test."""
    path = os.pathsep.join([tools, os.environ["PATH"]])
    for language, _, body in found:
        if language != "sh":
            continue
        printed = run(["bash", "-euo", "pipefail", "-c", body], copy,
                      environment={**os.environ, "PATH": path})
        ran = re.search(r"\[  PASSED  \] [1-9]\d* test|Passed *: +[1-9]\d*", printed)
        if not ran:
            sys.exit(f"{body}ran nothing:\n{printed}")
        print(f"{body.strip()}: {ran[0].strip()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, help="folder of the finished build")
    parser.add_argument("--tools", default="/usr/lib/llvm-22/bin", help="folder of lit and FileCheck")
    arguments = parser.parse_args()
    found = blocks()
    with tempfile.TemporaryDirectory() as copy:
        cases = prepare(copy, found)
        run(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None"], copy)
        run(["ninja", "-C", "build", "CcmIrGen", "CcmPassesGen"], copy)
        objects = compile_touched(copy)
        for target in TARGETS:
            link(os.path.abspath(arguments.build), copy, target, objects)
        check_laws_without_case(copy, cases)
        for name, body in cases.items():
            write(f"{copy}/{name}", body)
        run([f"{copy}/tools/check"], copy)
        run_commands(copy, found, arguments.tools)
    return 0


if __name__ == "__main__":
    sys.exit(main())
