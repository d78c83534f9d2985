#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every message that the compiler says of its input is expected by some test, and every pass has a
test of its own that runs it by its flag.

In `ir`, `nests`, `passes` and `codegen` a message is what follows `emitError`, `emitOpError` or an error that was kept in a variable, up to
the end of the statement: its string literals in order, with anything between them. A test says it
when a line with `expected-error`, `expected-note` or a FileCheck directive, or a string of a C++
test, has those literals in that order. Types that definitions confine are messages too.

In `frontend`, `CoverageTest.cpp` counts the messages of `Messages.def`; here the words that are
filled into them are looked for in the tables of refusals, and the tests that it names elsewhere.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCES = ["ir", "nests", "passes", "codegen"]
STARTS = r"(?:\bemit(?:Op)?Error\s*\([^;]*?\)|\berrorAt\(site\)|\berror|\berror\.attachNote\(\))"
LITERAL = r'"(?:[^"\\]|\\.)*"'

# Messages that no input provokes, with the reason: the compiler itself or the machine is at fault.
BY_NO_INPUT = {
    "internal error: ": "a fault of the compiler",
    "has no backward": "every registered primitive has one; the laws check it",
    "built no delta for an operand": "every wanted delta is built; the laws check it",
    "merging nests did not come to an end": "patterns would have to undo each other",
    "expects an optimizer of at most ": "no registered optimizer has more states",
}


def read(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def files_under(folders, suffixes):
    for folder in folders:
        for where, _, names in sorted(os.walk(os.path.join(ROOT, folder))):
            for name in sorted(names):
                if name.endswith(suffixes):
                    yield os.path.join(where, name)


def without_comments(text):
    """Comments as blanks of the same length, so that places stay."""
    pattern = re.compile(LITERAL + r"|//[^\n]*|/\*.*?\*/", re.S)
    return pattern.sub(lambda m: m[0] if m[0][0] == '"' else re.sub(r"[^\n]", " ", m[0]), text)


def streamed(statement):
    """The operands of `<<` at the top level of a statement."""
    parts, depth, current = [], 0, ""
    for token in re.findall(LITERAL + r"|<<|[()\[\]{}]|[^\"()\[\]{}<]+|<", statement, re.S):
        depth += token in "([{"
        depth -= token in ")]}"
        if token == "<<" and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += token
    return parts + [current]


def end_of(text, start):
    """Where the statement that starts at `start` ends: a `;` outside brackets, or their end."""
    depth = 0
    for match in re.compile(LITERAL + r"|[()\[\]{};]").finditer(text, start):
        token = match[0]
        if token == ";" and depth <= 0 or token in ")]}" and depth == 0:
            return match.start()
        depth += token in "([{"
        depth -= token in ")]}"
    return len(text)


def literals_of(text):
    """The words of a sequence of string literals, or None for any other expression."""
    if not re.fullmatch(rf"\s*(?:{LITERAL}\s*)+", text):
        return None
    joined = "".join(found[1:-1] for found in re.findall(LITERAL, text))
    return joined.replace('\\"', '"').replace("\\\\", "\\")


def messages_of(path):
    """(line, literals in order) of every message of a source file."""
    text = without_comments(read(path))
    for match in re.finditer(STARTS + r"\s*<<", text):
        body = text[match.end():end_of(text, match.end())]
        words = [literals_of(part) for part in streamed(body)]
        words = [word for word in words if word and word.strip(" '`(),:;.")]
        if words:
            yield text.count("\n", 0, match.start()) + 1, words


def confined_types():
    """(line, literals in order) of what `.td` files say of types that they confine."""
    for path in files_under(["ir"], (".td",)):
        text = read(path)
        for match in re.finditer(rf'ConfinedType<.*?\]\s*,\s*((?:{LITERAL}|#|\w|\s)+)>;', text, re.S):
            pieces = re.split(r"#\s*\w+\s*#", match[1])
            yield path, text.count("\n", 0, match.start()) + 1, [literals_of(p) for p in pieces]


def expectations():
    """Everything that tests expect to be said."""
    said = []
    for path in files_under(["tests"], (".mlir", ".test", ".json")):
        said += re.findall(r"expected-(?:error|note).*?\{\{(.*)\}\}", read(path))
        said += re.findall(r"^.*\b[A-Z][A-Z-]*(?:-NEXT|-SAME)?: (.*)", read(path), re.M)
    for path in files_under(["tests/unit"], (".cpp", ".h")):
        for run in re.findall(rf"{LITERAL}(?:\s*{LITERAL})*", without_comments(read(path))):
            said.append(literals_of(run))
    return said


def untested_messages():
    said = expectations()
    exempt = dict.fromkeys(BY_NO_INPUT, False)
    found = [(path, *message) for path in files_under(SOURCES, (".cpp", ".h"))
             for message in messages_of(path)]
    for path, line, words in found + list(confined_types()):
        reason = next((start for start in BY_NO_INPUT if words[0].startswith(start)), None)
        if reason:
            exempt[reason] = True
            continue
        pattern = re.compile(".*".join(map(re.escape, [*words[:-1], words[-1].rstrip()])))
        if not any(pattern.search(text) for text in said):
            yield f"{os.path.relpath(path, ROOT)}:{line}: no test expects: {' … '.join(words)}"
    for start, found in exempt.items():
        if not found:
            yield f"{os.path.relpath(__file__, ROOT)}: no message starts with '{start}' any more"


def untested_words():
    """Words that the frontend fills into its messages and no test has."""
    said = [read(path) for path in files_under(["tests/unit/frontend"], (".txt", ".cpp"))]
    for path in files_under(["frontend"], (".cpp",)):
        text = without_comments(read(path))
        for match in re.finditer(r"\b(?:error\([^;]*?Message::|reportExpected\()", text):
            statement = text[match.start():text.find(";", match.end())]
            for literal in re.findall(LITERAL, statement):
                words = literal[1:-1].replace('\\"', '"').strip()
                if " " in words and not any(words in test for test in said):
                    line = text.count("\n", 0, match.start()) + 1
                    yield f"{os.path.relpath(path, ROOT)}:{line}: no test expects: {words}"


def missing_tests():
    """Tests that CoverageTest.cpp relies on and that do not exist."""
    tests = "\n".join(read(path) for path in files_under(["tests/unit/frontend"], (".cpp",)))
    coverage = read(os.path.join(ROOT, "tests/unit/frontend/CoverageTest.cpp"))
    named = re.findall(r"Message::\w+,\s*// (\w+)\.(\w+)", coverage)
    if not named:
        yield "tests/unit/frontend/CoverageTest.cpp: expects names of tests beside messages"
    for suite, test in named:
        if not re.search(rf"TEST(?:_F)?\({suite}, {test}\)", tests):
            yield f"tests/unit/frontend/CoverageTest.cpp: there is no test {suite}.{test}"


def passes_without_test():
    """Passes whose own lit test does not run them by their flag."""
    for flag in re.findall(r':\s*Pass<"([^"]+)"', read(os.path.join(ROOT, "passes/Passes.td"))):
        test = f"tests/passes/{flag.removeprefix('ccm-')}.mlir"
        path = os.path.join(ROOT, test)
        runs = [line for line in read(path).split("\n") if "RUN:" in line] if os.path.exists(
            path) else []
        if not any(re.search(rf"[-(,]{flag}(?![\w-])", line) for line in runs):
            yield f"passes/Passes.td: {test} does not run -{flag}"


def main():
    problems = [problem for check in (untested_messages, untested_words, missing_tests,
                                      passes_without_test) for problem in check()]
    print("\n".join(problems) if problems else "every message and every pass has a test")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
