#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether what is put together is its parts: `check_compositions.py --bin build/bin MODEL…`.

Every model is compiled whole, and then, from the same primitives,
- beside another one: the outputs and deltas of the pair are those of the two;
- in two halves, cut at several places: what the second says of its inputs is given to the first. So
  (f g) h, cut behind h, and f (g h), cut behind g h, are the same whole;
- with an identity behind every value.
Outputs and every delta must be the same to the bit. Deltas scale: four times the deltas of the outputs
give four times all others, to the bit. Of a declaration, what is no number in an input reaches every
output of its sample and no other sample. With `--places all` models are cut wherever they can be, and
every primitive that has a twin must have been met."""
import argparse
import os
import re
import subprocess
import sys
import tempfile

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "oracle"),
                os.path.join(os.path.dirname(HERE), "fuzz")]
import declarations  # noqa: E402
import library  # noqa: E402
import structures  # noqa: E402

SAMPLES = 3


def command(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


class Laws:
    """Models compiled in a folder, and what was compared."""

    def __init__(self, tools, folder):
        self.tools, self.folder = tools, folder
        self.passed, self.failed, self.number, self.primitives = 0, [], 0, set()

    def structure(self, path):
        text = command(f"{self.tools}/ccm-compile", path, "-q", "--emit=structure", "-o", "-")
        operations = structures.operations_of(text)
        self.primitives |= declarations.primitives_in(text)
        return operations

    def compiled(self, text):
        """Each under its own path: a library once loaded stays."""
        self.number += 1
        path = f"{self.folder}/{self.number}"
        with open(f"{path}.mlir", "w", encoding="utf-8") as stream:
            stream.write(text)
        command(f"{self.tools}/ccm-compile", f"{path}.mlir", "-q", "-o", f"{path}.so",
                "--target=x86-64-v3")
        return library.Library(f"{path}.so", re.search(r"ccm\.model @(\w+)", text)[1])

    def expect(self, what, found, expected):
        """`found` has the tensors of `expected`, with the same bits."""
        wrong = [name for name in expected
                 if found[name].tobytes() != expected[name].tobytes()]
        if wrong:
            self.failed.append(f"{what}: {', '.join(wrong[:5])}")
        else:
            self.passed += 1


def parameters_of(model, random):
    """Numbers that no law can pass with by being zero."""
    return {parameter.name.decode(): random.standard_normal(
        list(parameter.shape[:parameter.rank]), numpy.float32) * numpy.float32(0.3)
        for parameter in model.parameters}


class Whole:
    """A model, a batch for it, and what it says of that."""

    def __init__(self, laws, path, seed):
        self.name = os.path.basename(path)
        self.operations = laws.structure(path)
        self.library = laws.compiled(structures.model(
            "whole", [op.text for op in self.operations]))
        inputs, targets = library.fill(self.library, seed, SAMPLES)
        self.inputs = {port.name.decode(): values for port, values in zip(self.library.inputs, inputs)}
        self.targets = {port.name.decode(): values for port, values in zip(self.library.outputs, targets)}
        self.parameters = parameters_of(self.library, numpy.random.default_rng(seed + 1))
        self.seen = self.library.observe(self.parameters, inputs, targets)
        self.seen.pop("loss")  # the sum over all outputs

    def scaled(self, factor):
        """Every delta with those of the outputs times a power of two."""
        run = self.run(self.library, {})
        run.forward()
        backward(run, {name: self.seen[f"delta of output {name}"] * numpy.float32(factor)
                       for name in self.targets})
        return deltas_of(run)

    def run(self, half, passed):
        """A run of a half, whose inputs are the whole's and what is passed."""
        inputs = {**self.inputs, **passed}
        return library.Run(half, self.parameters,
                           [inputs[port.name.decode()] for port in half.inputs],
                           [None for _ in half.outputs])


def backward(run, deltas):
    """From these deltas of the outputs."""
    for name, values in run.output_deltas.items():
        values[...] = deltas[name]
    run.backward()


def deltas_of(run):
    return {**{f"delta of input {name}": values for name, values in run.input_deltas.items()},
            **{f"delta of {name}": values for name, values in run.deltas.items()}}


def check_pair(laws, left, right):
    pair = laws.compiled(structures.pair(left.operations, right.operations))
    sides = {"left_": left, "right_": right}
    given = {kind: {side + name: values for side, whole in sides.items()
                    for name, values in getattr(whole, kind).items()}
             for kind in ("inputs", "targets", "parameters")}
    seen = pair.observe(given["parameters"],
                        [given["inputs"][port.name.decode()] for port in pair.inputs],
                        [given["targets"][port.name.decode()] for port in pair.outputs])
    for side, whole in sides.items():
        expected = {re.sub(r"(\S+)$", lambda name, side=side: side + name[1], name): values
                    for name, values in whole.seen.items()}
        laws.expect(f"{left.name} beside {right.name}: {side}", seen, expected)


def check_cut(laws, whole, place):
    """The two halves one after the other; False where the model cannot be cut there."""
    halves = structures.cut(whole.operations, place)
    if not halves:
        return False
    first, second = laws.compiled(halves[0]), laws.compiled(halves[1])
    head = whole.run(first, {})
    head.forward()
    passed = {name: values for name, values in head.outputs.items() if name.startswith("cut")}
    tail = whole.run(second, passed)
    tail.forward()
    outputs = {name: values for run in (head, tail) for name, values in run.outputs.items()}
    deltas = {name: whole.seen[f"delta of output {name}"] for name in whole.targets}
    backward(tail, deltas)
    backward(head, {**deltas, **tail.input_deltas})
    found = {**deltas_of(tail), **deltas_of(head),
             **{f"output {name}": values for name, values in outputs.items()}}
    expected = {name: values for name, values in whole.seen.items()
                if not name.startswith(("loss", "delta of output"))}
    laws.expect(f"{whole.name} cut at {place}", found, expected)
    return True


def check_cuts(laws, whole, most):
    """At up to `most` places, from all over the model."""
    places = range(1, len(whole.operations) - 1)
    cut = 0
    for place in sorted(places, key=lambda at: at * 0.6180339887498949 % 1):
        if cut == most:
            return
        cut += check_cut(laws, whole, place)


def check_no_number(laws, whole):
    """An element of an input that is no number reaches every output of its sample, and no other's."""
    for port in whole.library.inputs:
        name = port.name.decode()
        if port.dtype != library.FLOATS or port.draw:
            continue
        values = whole.inputs[name].copy()
        values[1].reshape(-1)[values[1].size // 2] = numpy.inf if port.missing else numpy.nan
        run = whole.run(whole.library, {name: values})
        run.forward()
        for output, found in run.outputs.items():
            others = whole.seen[f"output {output}"].copy()
            others[1] = found[1]
            if not numpy.isfinite(found[1]).all() and others.tobytes() == found.tobytes():
                laws.passed += 1
            else:
                laws.failed.append(f"{whole.name}: no number in {name} and output {output}")


def check_model(laws, whole, most):
    if not whole.name.endswith(".mlir"):  # whose outputs need not follow from every input
        check_no_number(laws, whole)
    same = laws.compiled(structures.with_identities(whole.operations))
    seen = same.observe(whole.parameters, list(whole.inputs.values()), list(whole.targets.values()))
    laws.expect(f"{whole.name} with identities", seen, whole.seen)
    expected = {name: values * numpy.float32(4) for name, values in whole.seen.items()
                if name.startswith("delta of ") and not name.startswith("delta of output")}
    laws.expect(f"{whole.name} times four", whole.scaled(4), expected)
    check_cuts(laws, whole, most)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", help="declarations or models of primitives; without "
                        "any the examples and those of the tests")
    parser.add_argument("--bin", required=True, help="folder of the tools")
    parser.add_argument("--places", default="2", help="at most so many cuts of a model, or all")
    options = parser.parse_args()
    options.most = None if options.places == "all" else int(options.places)
    return options


def main():
    options = parse()
    with tempfile.TemporaryDirectory(prefix="ccm-compositions-") as folder:
        laws = Laws(os.path.abspath(options.bin), folder)
        wholes = [Whole(laws, path, 10 * number)
                  for number, path in enumerate(options.models or declarations.examples())]
        for whole, other in zip(wholes, wholes[1:] + wholes[:1]):
            check_pair(laws, whole, other)
            check_model(laws, whole, options.most)
        if options.most is None:
            unmet = declarations.primitives() - laws.primitives
            laws.failed += [f"no model has {name}" for name in sorted(unmet)]
    for line in laws.failed:
        print(line)
    print(f"{len(wholes)} models: {laws.passed} passed, {len(laws.failed)} failed")
    return 1 if laws.failed else 0


if __name__ == "__main__":
    sys.exit(main())
