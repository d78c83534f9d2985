# SPDX-License-Identifier: Apache-2.0
"""Holds compiled models against their twins in PyTorch: `tools/oracle`.

A declaration is compiled to a library and to PyTorch code; a short training gives both the same
checkpoint. Then outputs, the loss of every sample, the deltas of outputs, inputs and parameters of one
batch are compared with the twin in float64, within bounds that tests/oracle/rounding.py derives. Errors
are in units of the bound: above 1 a model fails.
"""
import argparse
import glob
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy
import torch
import torch.nn.functional as F

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests/oracle"), os.path.join(ROOT, "tests/fuzz")]
# Last, so that PyTorch finds the numpy that it was built for.
sys.path += glob.glob(f"{ROOT}/.venv/lib/python3*/site-packages")
from safetensors.numpy import load_file  # noqa: E402

import declarations  # noqa: E402
import library  # noqa: E402
import rounding  # noqa: E402

SAMPLES, POINTS = 3, 3


class Refused(Exception):
    """A declaration that the compiler refuses, with what it says."""


def run(*command):
    """What a command printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 1 and command[0].endswith("ccm-compile"):
        raise Refused(done.stderr.strip())
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


class Model:
    """A library, its twin, and the parameters that both have."""

    def __init__(self, declaration, bin_folder, folder):
        compiler = f"{bin_folder}/ccm-compile"
        path = f"{folder}/model"
        self.report = json.loads(run(compiler, "-q", declaration, "-o", f"{path}.so",
                                     "--target=x86-64-v3", "--report=json"))
        run(compiler, "-q", declaration, "-o", f"{path}.py")
        run(compiler, "-q", declaration, "--emit=structure", "-o", f"{path}.mlir")
        run(f"{bin_folder}/ccm-run", "train", f"{path}.so", "--data", "synthetic:16", "--batch", "4",
            "--steps", "4", "--out", f"{folder}/run")
        checkpoint = sorted(glob.glob(f"{folder}/run/*.safetensors"))[-1]
        with open(f"{path}.mlir", encoding="utf-8") as stream:
            structure = stream.read()
        name = re.search(r"ccm\.model @(\w+)", structure)[1]
        self.primitives = declarations.primitives_in(structure)
        self.strategies = {(part["part"], part["strategy"]) for part in self.report.get("parts", [])}
        self.library = library.Library(f"{path}.so", name)
        self.parameters = load_file(checkpoint)
        self.twin = load_twin(f"{path}.py")
        self.twin.load(checkpoint)
        self.input_names = [port.name.decode() for port in self.library.inputs]
        names = [parameter.name.decode() for parameter in self.library.parameters]
        if sorted(names) != sorted(self.twin.state_dict()):
            raise RuntimeError("the twin's state_dict has other names than the checkpoint")

    def check_bytes(self, inputs):
        """The twin reads bytes as the numbers that deltas are of."""
        given = dict(zip(self.input_names, map(as_twin, inputs)))
        numbers = {name: value / 255 if value.dtype == torch.uint8 else value
                   for name, value in given.items()}
        with torch.no_grad():
            found, expected = self.twin(**given), self.twin(**numbers)
        if not all(torch.equal(found[name], expected[name]) for name in expected):
            raise RuntimeError("the twin reads bytes otherwise")

    def check(self, seed):
        """The scaled error of every tensor for one batch."""
        inputs, targets = library.fill(self.library, seed, SAMPLES)
        self.check_bytes(inputs)
        found = self.library.observe(self.parameters, inputs, targets)
        observe = lambda: observe_twin(self.library, self.twin, inputs, targets)
        exact = observe()
        if set(found) != set(exact):
            raise RuntimeError(f"compares different tensors: {set(found) ^ set(exact)}")
        bounds = rounding.bounds_of(observe, exact)
        return {name: scaled_error(found[name], exact[name], bounds[name]) for name in exact}


def attention(query, key, value, is_causal):
    """F.scaled_dot_product_attention, where PyTorch is older than 2.0 and has none."""
    scores = query @ key.transpose(-2, -1) / query.shape[-1]**0.5
    if is_causal:
        later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, float("-inf"))
    return scores.softmax(-1) @ value


def load_twin(path):
    """An instance of the class that the compiler wrote."""
    spec = importlib.util.spec_from_file_location("twin", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Model()


def as_twin(values):
    """An array as the twin takes it: numbers in float64, bytes and indices as they are."""
    value = torch.from_numpy(values)
    return value.double() if value.is_floating_point() else value


def observe_twin(model, twin, inputs, targets):
    """What `Library.observe` gives, by the twin."""
    given, leaves, weights = {}, {}, {}
    for port, values in zip(model.inputs, inputs):
        name, value = port.name.decode(), as_twin(values)
        if port.draw == library.WEIGHT:
            weights[name] = value
        elif port.dtype != library.INDICES:
            # The delta of bytes is with respect to what is read.
            value = value / 255 if port.dtype == library.BYTES else value
            leaves[f"input {name}"] = value.requires_grad_()
        given[name] = value
    goals = {port.name.decode(): as_twin(values) for port, values in zip(model.outputs, targets)}
    outputs = twin(**given)
    losses, total = twin.losses(outputs, goals, **weights), twin.loss(outputs, goals, **weights)
    leaves.update((f"output {name}", value) for name, value in outputs.items())
    leaves.update((name, value) for name, value in twin.named_parameters() if value.requires_grad)
    # Deltas are of the sum over samples, down the slope.
    slopes = torch.autograd.grad(-len(inputs[0]) * total, list(leaves.values()))
    seen = {"loss": total.reshape(1)}
    seen.update((f"loss of {name}", value) for name, value in losses.items())
    seen.update((f"output {name}", value) for name, value in outputs.items())
    seen.update((f"delta of {name}", slope) for name, slope in zip(leaves, slopes))
    return {name: value.detach() for name, value in seen.items()}


def scaled_error(found, exact, bound):
    """The difference of the worst element in units of its bound; infinite for what is no number."""
    found = torch.from_numpy(numpy.ascontiguousarray(found)).double()
    if found.shape != exact.shape:
        raise RuntimeError(f"expects shape {tuple(exact.shape)}, found {tuple(found.shape)}")
    difference = (found - exact).abs()
    scaled = torch.where(difference == 0, 0.0, difference / bound)
    return float(torch.nan_to_num(scaled, nan=float("inf")).max())


def judge(model):
    """The worst tensor, of each the error at the first point at which it is within its bound."""
    errors = {}
    for point in range(POINTS):
        for name, error in model.check(point).items():
            errors[name] = min(error, errors.get(name, float("inf")))
        if max(errors.values()) <= 1:
            break
    worst = max(errors, key=errors.get)
    return worst, errors[worst], [name for name, error in errors.items() if error > 1]


class Tally:
    """What became of the models, and what they were made of."""

    def __init__(self, options):
        self.options, self.worst = options, (0.0, "", "")
        self.passed, self.failed, self.refused = 0, 0, 0
        self.primitives, self.strategies = set(), set()

    def check(self, name, declaration):
        """Compares one declaration; False when the compiler refuses it."""
        with tempfile.TemporaryDirectory(prefix="ccm-oracle-") as folder:
            try:
                model = Model(declaration, self.options.bin, folder)
                worst, error, wrong = judge(model)
            except Refused as refusal:
                self.refused += 1
                self.refusal = str(refusal)
                return False
            except RuntimeError as problem:
                worst, error, wrong = str(problem), float("inf"), ["-"]
        self.passed += not wrong
        self.failed += bool(wrong)
        self.worst = max(self.worst, (error, name, worst))
        if not wrong:
            self.primitives |= model.primitives
            self.strategies |= model.strategies
        verdict = "FAILED " + ", ".join(wrong[:6]) if wrong else "passed"
        print(f"{name}: worst {error:.3f} of the bound ({worst}): {verdict}", flush=True)
        return True

    def missing(self):
        """Primitives and strategies that no model had."""
        printed = run(f"{self.options.bin}/ccm-compile", "--print-strategies")
        strategies = set(re.findall(r"^(\w+) ([\w-]+): serves", printed, re.M))
        primitives = declarations.primitives()
        return sorted(primitives - self.primitives) + [
            " ".join(each) for each in sorted(strategies - self.strategies)]


def check_random(tally, options):
    number, done = options.first, 0
    while done < options.count:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(declarations.declaration(number), file)
            file.flush()
            done += tally.check(f"random {number}", file.name)
        number += 1


def parse():
    parser = argparse.ArgumentParser(prog="tools/oracle", description=__doc__.split("\n\n", 1)[1])
    parser.add_argument("models", nargs="*", help="declarations (.json) or IR (.mlir); without any, "
                        "all examples and models at random")
    parser.add_argument("--bin", default=f"{ROOT}/build/bin", help="folder of the tools")
    parser.add_argument("--count", type=int, help="how many declarations at random; 200, with models 0")
    parser.add_argument("--first", type=int, default=0, help="number of the first of them")
    parser.add_argument("--python", help="an interpreter with PyTorch, safetensors and numpy; by "
                        "default that of the distribution, else one in .oracle, which is made")
    options = parser.parse_args()
    options.covers = not options.models and options.count is None
    if options.count is None:
        options.count = 0 if options.models else 200
    options.models = options.models or declarations.examples()
    return options


def prepare():
    """Twins compute in float64."""
    torch.set_default_dtype(torch.float64)
    if not hasattr(F, "scaled_dot_product_attention"):
        F.scaled_dot_product_attention = attention


def main():
    options = parse()
    prepare()
    tally = Tally(options)
    for path in options.models:
        if not tally.check(os.path.relpath(path, ROOT), path):
            sys.exit(tally.refusal)
    check_random(tally, options)
    missing = tally.missing() if options.covers else []
    for name in missing:
        print(f"{name}: in no model")
    error, name, tensor = tally.worst
    print(f"worst of all: {error:.3f} of the bound ({name}, {tensor}); PyTorch {torch.__version__}; "
          f"{tally.refused} declarations refused for their budget")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or missing else 0


if __name__ == "__main__":
    sys.exit(main())
