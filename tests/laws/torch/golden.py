#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Computes results and deltas of every case of the laws with PyTorch: an oracle that shares nothing
with ccm but the definitions of the primitives, whose `torch` lines it evaluates. Writes golden.txt
beside this file.

usage: python golden.py        (with PyTorch, in an environment of its own)

Inputs are drawn as tests/laws/Cases.cpp draws them, from the case's name. A line holds a case, what
it is of (result, or the delta of an operand), and sums: element i, times 1 + i % 7, goes into sum
i % 13. A case that states a `formula` is left out: the formula is its oracle.
"""
import glob
import json
import math
import os
import re
import subprocess
import sys
import textwrap

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
IR = os.path.join(HERE, "../../../ir")
LLVM = "/usr/lib/llvm-22"
BATCH, SUMS, WEIGHTS = 2, 13, 7
MASK = (1 << 64) - 1


def f32(number):
    """A constant as the nests hold it."""
    return torch.tensor(number, dtype=torch.float32).item()


# ---- Numbers ---------------------------------------------------------------------------------------


class MersenneTwister:
    """std::mt19937_64."""

    def __init__(self, seed):
        self.state, self.at = [seed], 312
        for i in range(1, 312):
            last = self.state[-1]
            self.state.append((6364136223846793005 * (last ^ (last >> 62)) + i) & MASK)

    def twist(self):
        s = self.state
        for i in range(312):
            mixed = (s[i] & 0xFFFFFFFF80000000) | (s[(i + 1) % 312] & 0x7FFFFFFF)
            s[i] = s[(i + 156) % 312] ^ (mixed >> 1) ^ (0xB5026F5AA96619E9 if mixed & 1 else 0)
        self.at = 0

    def __call__(self):
        if self.at == 312:
            self.twist()
        y = self.state[self.at]
        self.at += 1
        y ^= (y >> 29) & 0x5555555555555555
        y ^= (y << 17) & 0x71D67FFFEDA60000
        y ^= (y << 37) & 0xFFF7EEE000000000
        return y ^ (y >> 43)


class Numbers:
    """Numbers of tests/laws/Cases.h."""

    def __init__(self, name):
        seed = 14695981039346656037
        for byte in name.encode():
            seed = ((seed ^ byte) * 1099511628211) & MASK
        self.random = MersenneTwister(seed)

    def value(self):
        coarse = (2 * (self.random() % 16) - 15) / 16
        return coarse + (self.random() % 129 - 64) / 4096

    def target(self):
        return (self.random() % 33 - 16) / 8

    def draw(self, shape, element):
        numbers = [element() for _ in range(math.prod(shape))]
        return torch.tensor(numbers, dtype=torch.float64).reshape(shape)


# ---- Cases -----------------------------------------------------------------------------------------


class Case:
    """One function of a case file with a single primitive."""

    def __init__(self, name, arguments, result, operation):
        self.name, self.result = name, self.type_of(result)[0]
        self.types = [self.type_of(text) for text in re.findall(r"tensor<([^>]*)>", arguments)]
        self.op, self.rest = re.match(r"%\w+ = ccm\.(\w+) (.*)", operation).groups()

    @staticmethod
    def type_of(text):
        *extents, element = text.split("x")
        return [BATCH if extent == "?" else int(extent) for extent in extents], element

    def attribute(self, word):
        """What stands behind a word; of a flag whether it is there; an axis leads without a word."""
        if match := re.search(rf"\b{word} (\[[^]]*\]|-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)", self.rest):
            return match[1]
        leading = re.match(r"\d+", self.rest)
        return leading[0] if leading else str(f" {word} " in self.rest)

    def index_limit(self):
        return self.types[1][0][0] if self.op == "embedding" else self.types[0][0][-1]

    def draw(self, numbers):
        arguments = []
        for number, (shape, element) in enumerate(self.types):
            if element == "i32":
                draw = lambda: numbers.random() % self.index_limit()
            else:
                draw = numbers.target if TWINS[self.op].is_loss and number == 1 else numbers.value
            drawn = numbers.draw(shape, draw)
            arguments.append(drawn.long() if element == "i32" else drawn.requires_grad_())
        return arguments


def read_cases():
    for path in sorted(glob.glob(os.path.join(HERE, "../cases/*.mlir"))):
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        pattern = r"func\.func @(\w+)\((.*?)\) -> tensor<(\S+)> (.*?)\{\n(.*?)^\}"
        for match in re.finditer(pattern, text, re.M | re.S):
            name, arguments, result, attributes, body = match.groups()
            operations = [line.strip() for line in body.split("\n") if "= ccm." in line]
            if len(operations) == 1 and "formula" not in attributes:
                yield Case(name, arguments, result, operations[0])


# ---- Definitions -----------------------------------------------------------------------------------


class Twin:
    """How a primitive or a loss reads in PyTorch: what its definition says."""

    def __init__(self, record, attributes):
        self.line, self.helper = record["torch"], textwrap.dedent(record["torchHelper"])
        names = [(name, kind["def"] in attributes) for kind, name in record["arguments"]["args"]]
        self.operands = [name for name, is_attribute in names if not is_attribute]
        self.attributes = [name for name, is_attribute in names if is_attribute]
        self.is_loss = "Ccm_LossOp" in record["!superclasses"]

    def __call__(self, case, *arguments):
        values = dict(zip(self.operands, arguments))
        words = {name: name if name in values else "None" for name in self.operands}
        if len(arguments) > len(self.operands):  # the last one stands for any number
            last = [f"{self.operands[-1]}_{number}" for number in range(len(arguments))]
            values, words[self.operands[-1]] = dict(zip(last, arguments)), ", ".join(last)
        words.update((name, case.attribute(name)) for name in self.attributes)
        words["shape"] = ", ".join(map(str, case.result))
        words["positions"] = ", ".join(map(str, case.result[1:-1]))
        words["rank"] = arguments[0].dim() - 2
        names = {"torch": torch, "F": Rounded(), **values}
        exec(self.helper, names)  # pylint: disable=exec-used
        return eval(self.line.format_map(words), names)  # pylint: disable=eval-used


def read_twins():
    """Every definition that has a twin, by its name."""
    tool, folder = f"{LLVM}/bin/llvm-tblgen", os.path.join(IR, "CcmTorch.td")
    text = subprocess.run([tool, "--dump-json", "-I", IR, "-I", f"{LLVM}/include", folder],
                          capture_output=True, text=True, check=True).stdout
    records = json.loads(text)
    attributes = set(records["!instanceof"]["AttrConstraint"])
    return {records[name]["opName"]: Twin(records[name], attributes)
            for name in records["!instanceof"]["Ccm_TwinnedOp"]}


class Rounded:
    """torch.nn.functional with constants as the nests hold them, in f32: within 1e-6 the same."""

    def __getattr__(self, name):
        return getattr(F, name)

    @staticmethod
    def gelu(x, approximate):
        own = x / 2 * (1 + torch.tanh(f32(math.sqrt(2 / math.pi)) * (x + f32(0.044715) * x**3)))
        assert torch.allclose(own, F.gelu(x, approximate=approximate), rtol=0, atol=1e-6)
        return own

    @staticmethod
    def layer_norm(x, shape, gain, shift, epsilon):
        return F.layer_norm(x, shape, gain, shift, f32(epsilon))

    @staticmethod
    def scaled_dot_product_attention(query, key, value, is_causal):
        scale = f32(1 / math.sqrt(query.shape[-1]))
        return F.scaled_dot_product_attention(query, key, value, scale=scale, is_causal=is_causal)

    @staticmethod
    def pool(function, x, window):
        return function(x, window) * math.prod(window) * f32(1 / math.prod(window))

    def avg_pool1d(self, x, window):
        return self.pool(F.avg_pool1d, x, window)

    def avg_pool2d(self, x, window):
        return self.pool(F.avg_pool2d, x, window)

    def avg_pool3d(self, x, window):
        return self.pool(F.avg_pool3d, x, window)


def per_sample(losses):
    """The mean over all but the batch, by the constant that the nests hold."""
    flat = losses.reshape(len(losses), -1)
    return flat.sum(1) * f32(1 / flat.shape[1])


# ---- Canonical weights -----------------------------------------------------------------------------


def rows_of_panels(w, c):
    """[N, ..., V] -> [O, ...]: the outputs of all panels, those beyond the result's cut."""
    rows = w.movedim(-1, 1).flatten(0, 1)
    return rows[:c.result[-1]]


def dense(c, x, w, b):
    return x, rows_of_panels(w, c), b[:c.result[-1]]


def conv(c, x, w, b):
    # Panels are [outputs, taps but the last, inputs, last tap].
    return x, rows_of_panels(w, c).movedim(-2, -1), b[:c.result[-1]]


def conv_transpose(c, x, w, b):
    steps, slots, outputs = math.prod(json.loads(c.attribute("stride"))), b.shape[0], c.result[-1]
    # [N, M.., I, V] -> [M.., I, columns] -> [M.., strides, I, O]: a column is (r, slot).
    columns = w.movedim(0, -2).flatten(-2)[..., :steps * slots]
    weight = columns.unflatten(-1, (steps, slots)).movedim(-2, -3)
    return x, weight[..., :outputs], b[:outputs]


# From the packed operands of nests to those that checkpoints hold, where they differ.
CANONICAL = {"dense": dense, "conv": conv, "conv_transpose": conv_transpose}


TWINS = read_twins()

# ---- Golden values ---------------------------------------------------------------------------------


def tensors_of(case):
    """(what it is of, tensor) of a case: the result, then the deltas of f32 operands."""
    numbers = Numbers(case.name)
    arguments = case.draw(numbers)
    twin = TWINS[case.op]
    if twin.is_loss:
        constants = [argument.detach() for argument in arguments[1:]]
        losses = per_sample(twin(case, arguments[0], *constants))
        yield "result", losses
        # Deltas are changes to make: down the slope.
        yield "delta0", -torch.autograd.grad(losses.sum(), arguments[0])[0]
        return
    canonical = CANONICAL.get(case.op, lambda case, *operands: operands)
    result = twin(case, *canonical(case, *arguments))
    assert list(result.shape) == case.result, (case.name, result.shape, case.result)
    yield "result", result
    output_delta = numbers.draw(case.result, numbers.value)
    wanted = [number for number, (_, element) in enumerate(case.types) if element == "f32"]
    of = [arguments[n] for n in wanted]
    # A result that is the same however its operands change a little has none.
    deltas = (torch.autograd.grad(result, of, output_delta) if result.requires_grad
              else [torch.zeros_like(argument) for argument in of])
    for number, delta in zip(wanted, deltas):
        yield f"delta{number}", delta


def sums_of(tensor):
    sums = [0.0] * min(SUMS, tensor.numel())
    for i, element in enumerate(tensor.detach().flatten().tolist()):
        sums[i % SUMS] += (1 + i % WEIGHTS) * element
    return sums


def main():
    lines = []
    for case in read_cases():
        if case.op not in TWINS:
            sys.exit(f"{case.name}: ccm.{case.op} is neither a primitive nor a loss")
        for what, tensor in tensors_of(case):
            lines.append(" ".join([case.name, what, *map(repr, sums_of(tensor))]))
    with open(os.path.join(HERE, "golden.txt"), "w", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
    print(f"{len(lines)} tensors, PyTorch {torch.__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
