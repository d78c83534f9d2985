#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every snippet of a Markdown page, in order, in a folder of its own.

usage: snippets.py PAGE --build DIR

What a block's language means:

    sh          commands; the first that fails fails the page
    json NAME   a declaration: written to NAME (model.json) and checked in silence
    mlir NAME   lines of a file that a command wrote, in order; … stands for anything
    mlir        IR that ccm-opt reads; what it does not define is made up, as in the `Example:` of an
                operation. One with `// becomes` shows a pass at work: every operation and attribute
                before and after is one that the pass's own test reads and prints
    python NAME lines of a file that a command wrote, as of mlir NAME
    python      a program: it parses
    text        lines of what the last commands printed, in order; … stands for anything
    cmake       a CMakeLists.txt: at the end of the page it is configured, built and run against an
                installation of this build, with the programs of the page
    c, cpp      a program, NAME or main: compiles against the sources, or is built by that project

The recipes of CONTRIBUTING.md, blocks of every language, are left to the test `recipes`.
Blocks without a language are allowed in docs/reference, where they show syntax.
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
[TABLES] = glob.glob(f"{ROOT}/.venv/lib/python3*/site-packages")
FASHION = "/usr/share/datasets/fashion-mnist"

# Files that a page speaks of and that its reader has; every page may name the examples.
CONTEXT = {
    "docs/model-json.md": {"model.json": f"{ROOT}/tests/e2e/models/table.json"},
    "examples/table/README.md": {"penguins.csv": f"{TABLES}/palmerpenguins/data/penguins.csv"},
    "README.md": {
        "penguins.csv": f"{TABLES}/palmerpenguins/data/penguins.csv",
        "new.csv": f"{ROOT}/tests/docs/data/penguins.csv",
        "train-images.gz": f"{FASHION}/train-images-idx3-ubyte.gz",
        "train-labels.gz": f"{FASHION}/train-labels-idx1-ubyte.gz",
        "test-images.gz": f"{FASHION}/t10k-images-idx3-ubyte.gz",
        "test-labels.gz": f"{FASHION}/t10k-labels-idx1-ubyte.gz",
        "train.csv": f"{ROOT}/tests/docs/data/train.csv",
        "fox.png": f"{ROOT}/tests/docs/data/fox.png",
    },
}

# The declaration that a page's project compiles.
PROJECT_MODEL = f"{ROOT}/examples/embed/model.json"

# Commands that install, train or measure for minutes: what is run of them instead.
BOUNDED = [
    # The set-up, everything built and every test: the script's text is checked; this test is part of it.
    (r"^(tools/(?:demo|test|setup|build|bench))\b.*$", rf"test -x {ROOT}/\1 && bash -n {ROOT}/\1"),
    # Training on real data: the same command for four steps.
    (r"^(ccm-run train (?!.*synthetic).*?)(?: --epochs \d+)?( --out .*|)$", r"\1 --steps 4\2"),
    # What needs PyTorch, or other packages: its text is checked.
    (r"^(tools/(?:oracle|tables))\b.*$", rf"bash -n {ROOT}/\1"),
    (r"^python (tests/\S+\.py) .*$", rf"python3 -m py_compile {ROOT}/\1"),
    # Kernels measured for a blink.
    (r"^(ccm-bench-kernels(?!.* --seconds).*)$", r"\1 --seconds 0.001"),
]


class Failure(Exception):
    """A snippet that does not hold, with the reason."""


def read(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def blocks_of(text):
    """(line, language, name, body) of every fenced block, and of every example in a line."""
    found = []
    for match in re.finditer(r"^```(\w*)[ ]*(\S*)\n(.*?)^```$", text, re.M | re.S):
        found.append((match.start(), match[1], match[2], match[3]))
    for match in re.finditer(r"^Example(?: \(.*\))?:\s+`([^`\n]+)`$", text, re.M):
        found.append((match.start(), "mlir", "", match[1] + "\n"))
    return [(text.count("\n", 0, start) + 1, *rest) for start, *rest in sorted(found)]


def in_order(expected, actual, where):
    """Every line of `expected` stands in `actual`, in order; … is anything within a line."""
    at = 0
    for line in filter(None, map(str.strip, expected.split("\n"))):
        pattern = r"[^\n]*".join(re.escape(part) for part in line.split("…"))
        match = re.compile(pattern).search(actual, at)
        if not match:
            raise Failure(f"{where} does not say, or not in this order: {line}")
        at = match.end()


# ---- Text IR --------------------------------------------------------------------------------------


def top_level_split(text, separator):
    """Splits outside brackets."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += char in "([{<"
        depth -= char in ")]}" or (char == ">" and text[at - 1] != "-")
        if depth == 0 and text.startswith(separator, at):
            parts.append(text[start:at])
            start = at + len(separator)
    return parts + [text[start:]]


def operand_types(line):
    """The types of the operands of an operation, in order; of a part without types, tokens."""
    pieces = top_level_split(line, " : ")
    if "ccm.core" in line or "ccm.expand" in line or len(pieces) == 1:
        return ["!ccm.tokens"]
    types = top_level_split(pieces[-1], "->")[0].strip()
    if types.startswith("("):
        types = types[1:types.rindex(")")]
    return [part.strip() for part in top_level_split(types, ",")]


def free_values(text):
    """Type by name of the values that a piece of IR uses and does not define."""
    defined = set(re.findall(r"^\s*(%\w+)(?=.*=)", text, re.M))
    defined |= {name for block in re.findall(r"\^bb\w*\((.*?)\):$", text, re.M)
                for name in re.findall(r"%\w+", block)}
    free = {}
    for line in text.split("\n"):
        used = re.findall(r"%\w+", re.sub(r"^\s*%[\w, %]+=", "", line))
        if not used or line.startswith("^"):
            continue
        types = operand_types(line)
        types += [types[-1]] * (len(used) - len(types))
        for name, kind in zip(used, types):
            if name not in defined:
                free.setdefault(name, kind)
    return free


def completed(text):
    """A piece of IR with what it needs around it."""
    if re.match(r"\s*(module|func\.func|ccm\.model)\b", text):
        return text
    if text.startswith("#ccm"):
        return f"module attributes {{example.attribute = {text.strip()}}} {{}}\n"
    made = "".join(f"  {name} = builtin.unrealized_conversion_cast to {kind}\n"
                   for name, kind in free_values(text).items())
    if text.startswith("ccm.yield"):
        (name, kind), = free_values(text).items()
        made = f"  %given = builtin.unrealized_conversion_cast to {kind}\n"
        text = f"%made = ccm.kernel(%given) : ({kind}) -> {kind} {{\n^bb0({name}: {kind}):\n{text}}}\n"
    if "ccm.output" not in text:
        text += '%shown = builtin.unrealized_conversion_cast to tensor<?x1xf32>\n' \
                'ccm.output "shown" %shown pointwise loss("mse") : tensor<?x1xf32>\n'
    return f"ccm.model @example train {{}} {{\n{made}{text}}}\n"


def words_of_ir(text):
    """Names of operations and of attributes with a dialect."""
    return set(re.findall(r"(?<![\w.#@\"-])(?:ccm|linalg|arith|tensor|func)\.[a-z_]+\b", text))


# ---- Running --------------------------------------------------------------------------------------


class Page:
    def __init__(self, path, build, folder):
        self.name = os.path.relpath(path, ROOT)
        self.text, self.build, self.folder = read(path), build, folder
        self.printed, self.project = "", None
        path = os.pathsep.join([f"{build}/bin", os.environ["PATH"]])
        self.environment = {**os.environ, "PATH": path, "XDG_CACHE_HOME": f"{build}/cache",
                            "PYTHONPYCACHEPREFIX": folder}

    def run(self, *command, text=""):
        result = subprocess.run(command, cwd=self.folder, env=self.environment, input=text, text=True,
                                errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if result.returncode != 0:
            raise Failure(f"{' '.join(command)}: exit {result.returncode}\n{result.stdout}")
        return result.stdout

    def write(self, name, body):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as stream:
            stream.write(body)
        return name

    def run_sh(self, name, body, line):
        lines = re.sub(r"\\\n\s*", "", body).split("\n")
        for pattern, instead in BOUNDED:
            lines = [re.sub(pattern, instead, command) for command in lines]
        self.printed = self.run("bash", "-euo", "pipefail", "-c", "\n".join(lines))

    def run_json(self, name, body, line):
        printed = self.run("ccm-compile", "--check", self.write(name or "model.json", body))
        if printed:
            raise Failure(f"a right declaration is checked in silence, not with: {printed}")

    def run_python(self, name, body, line):
        if name:
            in_order(body, read(os.path.join(self.folder, name)), name)
        else:
            self.run("python3", "-m", "py_compile", self.write("snippet.py", body))

    def run_mlir(self, name, body, line):
        if name:
            in_order(body, read(os.path.join(self.folder, name)), name)
        elif re.search(r"^// (becomes|is joined by)", body, re.M):
            self.check_pass(body, line)
        else:
            self.run("ccm-opt", "-", text=completed(body))

    def check_pass(self, body, line):
        """The pass of the section, on its own test: what is shown before it reads, after it prints."""
        above = "\n".join(self.text.split("\n")[:line])
        flag = re.findall(r"^#+ `-([\w-]+)`$", above, re.M)[-1]
        test = f"{ROOT}/tests/passes/{flag.removeprefix('ccm-')}.mlir"
        run = re.search(r"RUN: ccm-opt %s(.*?)(?:\||$)", re.sub(r"\\\n// RUN:", "", read(test)), re.M)[1]
        printed = self.run("bash", "-c", f"ccm-opt {test} {run} --mlir-print-ir-before-all "
                           "--mlir-print-ir-after-all --mlir-disable-threading")
        before, after = re.split(r"^// (?:becomes|is joined by).*$", body, flags=re.M)
        # What stands between two marks is the IR at that point.
        dumps = re.split(r"^// -----// IR Dump ", printed, flags=re.M)
        seen = {when: " ".join(dump for dump in dumps if re.match(rf"{when} .*\({flag}\)", dump))
                for when in ("Before", "After")}
        for shown, when in ((before, "Before"), (after, "After")):
            missing = {word for word in words_of_ir(shown) if word not in seen[when]}
            if missing:
                raise Failure(f"{when.lower()} {flag}, {test} has no {', '.join(sorted(missing))}")

    def run_text(self, name, body, line):
        in_order(body, self.printed, "the output of the commands above")

    def run_c(self, name, body, line, language="c", compiler=("cc", "-std=c11")):
        name = self.write(name or f"main.{language}", body)
        if not self.project:
            includes = ["-I", f"{ROOT}/runtime/include", "-I", self.folder]
            self.run(*compiler, "-Wall", "-Werror", "-fsyntax-only", *includes, name)

    def run_cpp(self, name, body, line):
        self.run_c(name, body, line, "cpp", ("c++", "-std=c++20"))

    def run_cmake(self, name, body, line):
        self.project = body

    def finish(self):
        """Builds and runs the page's project, in a folder of its own."""
        if not self.project:
            return
        folder, prefix = f"{self.folder}/project", f"{self.folder}/prefix"
        os.makedirs(folder)
        shutil.copy(PROJECT_MODEL, f"{folder}/model.json")
        for name in os.listdir(self.folder):
            if name.endswith((".c", ".cpp")):
                shutil.copy(f"{self.folder}/{name}", folder)
        self.write("project/CMakeLists.txt", self.project)
        self.run("cmake", "--install", self.build, "--prefix", prefix)
        self.run("cmake", "-S", folder, "-B", f"{folder}/build", f"-DCMAKE_PREFIX_PATH={prefix}")
        self.run("cmake", "--build", f"{folder}/build")
        for program in re.findall(r"add_executable\((\S+)", self.project):
            self.run(f"{folder}/build/{program}")

    def leaves(self, language):
        """Whether a block is not run here: recipes have a test of their own, syntax cannot be run."""
        syntax = not language and self.name.startswith("docs/reference/")
        return self.name == "CONTRIBUTING.md" or syntax

    def run_block(self, line, language, name, body):
        how = getattr(self, f"run_{language}", None) if language else None
        if not how:
            raise Failure(f"no way to run a block of language '{language}'")
        how(name, body, line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("page", help="a Markdown file")
    parser.add_argument("--build", required=True, help="folder of the build")
    arguments = parser.parse_args()
    problems = 0
    with tempfile.TemporaryDirectory() as folder:
        page = Page(os.path.abspath(arguments.page), os.path.abspath(arguments.build), folder)
        os.symlink(f"{ROOT}/examples", f"{folder}/examples")
        for name, source in CONTEXT.get(page.name, {}).items():
            shutil.copy(source, os.path.join(folder, name))
        blocks = [block for block in blocks_of(page.text) if not page.leaves(block[1])]
        for line, language, name, body in blocks:
            try:
                page.run_block(line, language, name, body)
            except (Failure, OSError) as failure:
                problems += 1
                print(f"{page.name}:{line}: {failure}")
        try:
            page.finish()
        except Failure as failure:
            problems += 1
            print(f"{page.name}: its project: {failure}")
    print(f"{page.name}: {len(blocks)} snippets, {problems} do not hold")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
