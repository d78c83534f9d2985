#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Computes results and deltas of every case of the laws with PyTorch: an oracle that shares nothing
with ccm but the descriptions of the primitives. Writes golden.txt beside this file.

usage: python golden.py        (with PyTorch, in an environment of its own)

Inputs are drawn as tests/laws/Cases.cpp draws them, from the case's name. A line holds a case, what
it is of (result, or the delta of an operand), and sums: element i, times 1 + i % 7, goes into sum
i % 13. A case that states a `formula` is left out: the formula is its oracle.
"""
import glob
import math
import os
import re
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
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

    def list(self, word):
        return [int(n) for n in re.search(rf"{word} \[([-\d, ]*)\]", self.rest)[1].split(",")]

    def number(self, word):
        return int(re.search(rf"{word} (\d+)", self.rest)[1])

    def index_limit(self):
        return self.types[1][0][0] if self.op == "embedding" else self.types[0][0][-1]

    def draw(self, numbers):
        arguments = []
        for number, (shape, element) in enumerate(self.types):
            if element == "i32":
                draw = lambda: numbers.random() % self.index_limit()
            else:
                draw = numbers.target if self.op in LOSSES and number == 1 else numbers.value
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


# ---- Primitives ------------------------------------------------------------------------------------


def channels_first(x):
    return x.movedim(-1, 1)


def rows_of_panels(w, c):
    """[N, ..., V] -> [O, ...]: the outputs of all panels, those beyond the result's cut."""
    rows = w.movedim(-1, 1).flatten(0, 1)
    return rows[:c.result[-1]]


def gelu(c, x):
    # The nests hold both constants in f32; with those of PyTorch the result is the same to 1e-6.
    own = x / 2 * (1 + torch.tanh(f32(math.sqrt(2 / math.pi)) * (x + f32(0.044715) * x**3)))
    assert torch.allclose(own, F.gelu(x, approximate="tanh"), rtol=0, atol=1e-6)
    return own


def conv(c, x, w, b):
    stride, padding = c.list("stride"), c.list("padding")
    # Panels are [outputs, taps but the last, inputs, last tap].
    weight = rows_of_panels(w, c).movedim(-2, 1).contiguous()
    function = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[len(stride)]
    return function(channels_first(x), weight, b[:c.result[-1]], stride, padding).movedim(1, -1)


def conv_transpose(c, x, w, b):
    stride, padding, slots = c.list("stride"), c.list("padding"), b.shape[0]
    axes, outputs = len(stride), c.result[-1]
    # [N, M.., I, V] -> [M.., I, columns] -> [M.., I, r.., slots] -> [I, O, M, r, M, r..]: tap
    # m * stride + r of every axis.
    columns = w.movedim(0, -2).flatten(-2)[..., :math.prod(stride) * slots]
    apart = columns.unflatten(-1, (*stride, slots))
    taps = [at for axis in range(axes) for at in (axis, axes + 1 + axis)]
    weight = apart.permute(axes, -1, *taps)[:, :outputs]
    weight = weight.reshape(*weight.shape[:2], *[m * r for m, r in zip(w.shape[1:], stride)])
    function = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[axes]
    full = function(channels_first(x), weight, b[:outputs], stride).movedim(1, -1)
    cut = [slice(p, p + extent) for p, extent in zip(padding, c.result[1:])]
    return full[(slice(None), *cut)]


def attention(c, q, k, v):
    heads = c.number("heads")
    split = lambda x: x.unflatten(-1, (heads, -1)).transpose(1, 2)
    scale = f32(1 / math.sqrt(q.shape[-1] // heads))
    mixed = F.scaled_dot_product_attention(split(q), split(k), split(v), scale=scale,
                                           is_causal="causal" in c.rest)
    return mixed.transpose(1, 2).flatten(2)


def mean_pool(c, x):
    window = c.list("window")
    function = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}[len(window)]
    exact = function(channels_first(x), window).movedim(1, -1)
    return exact * math.prod(window) * f32(1 / math.prod(window))


def windows(x, window):
    """[B, positions, C], whole windows -> [B, windows, offsets.., C]."""
    for axis, width in enumerate(window):
        x = x.unfold(1 + axis, width, width)
    return x.movedim(1 + len(window), -1)


def patch(c, x):
    window = c.list("window")
    room = [-extent % width for extent, width in zip(x.shape[1:], window)]
    padded = F.pad(x, [0, 0] + [side for extra in reversed(room) for side in (0, extra)])
    return windows(padded, window).flatten(1 + len(window))


def unpatch(c, x):
    window = c.list("window")
    axes = range(len(window))
    # [B, windows.., offsets.., C] -> [B, window, offset, window, offset, C]
    y = x.unflatten(-1, (*window, -1))
    y = y.permute(0, *[at for axis in axes for at in (1 + axis, 1 + len(window) + axis)], -1)
    y = y.reshape(x.shape[0], *[n * w for n, w in zip(x.shape[1:-1], window)], y.shape[-1])
    return y[tuple(slice(0, extent) for extent in c.result)]


def frame(c, x):
    """Negative padding cuts."""
    starts, sides = c.list("start"), []
    for start, extent, size in zip(starts, c.result[1:], x.shape[1:]):
        sides.append((-start, start + extent - size))
    return F.pad(x, [0, 0] + [side for both in reversed(sides) for side in both])


def resample(c, x):
    for axis, factor in enumerate(c.list("factor")):
        x = x.repeat_interleave(factor, 1 + axis)
    return x[tuple(slice(0, extent) for extent in c.result)]


def broadcast(c, x):
    return x.reshape(x.shape[0], *[1] * (len(c.result) - 2), -1).expand(c.result)


PRIMITIVES = {
    "add": lambda c, a, b: a + b,
    "attention": attention,
    "broadcast": broadcast,
    "concat": lambda c, *parts: torch.cat(parts, int(c.rest.split()[0])),
    "conv": conv,
    "conv_transpose": conv_transpose,
    "dense": lambda c, x, w, b: F.linear(x, rows_of_panels(w, c), b[:c.result[-1]]),
    "embedding": lambda c, x, t: F.embedding(x, t),
    "frame": frame,
    "gelu": gelu,
    "layer_norm": lambda c, x, g, s: F.layer_norm(x, g.shape, g, s, f32(1e-5)),
    "mean_pool": mean_pool,
    "multiply": lambda c, a, b: a * b,
    "patch": patch,
    "positions": lambda c, x, t: x + t,
    "relu": lambda c, x: F.relu(x),
    "resample": resample,
    "reshape": lambda c, x: x.reshape(c.result),
    "transpose": lambda c, x: x.transpose(1, 2),
    "sigmoid": lambda c, x: torch.sigmoid(x),
    "silu": lambda c, x: F.silu(x),
    "softmax": lambda c, x: F.softmax(x, -1),
    "tanh": lambda c, x: torch.tanh(x),
    "unpatch": unpatch,
}


def per_sample(losses):
    """The mean over all but the batch, by the constant that the nests hold."""
    flat = losses.flatten(1)
    return flat.sum(1) * f32(1 / flat.shape[1])


LOSSES = {
    "bce": lambda x, t: per_sample(F.binary_cross_entropy_with_logits(x, t, reduction="none")),
    "cross_entropy": lambda x, t: per_sample(
        F.cross_entropy(channels_first(x), t, reduction="none").reshape(t.shape[0], -1)),
    "huber": lambda x, t: per_sample(F.huber_loss(x, t, reduction="none")),
    "l1": lambda x, t: per_sample(F.l1_loss(x, t, reduction="none")),
    "mse": lambda x, t: per_sample(F.mse_loss(x, t, reduction="none")),
}


# ---- Golden values ---------------------------------------------------------------------------------


def tensors_of(case):
    """(what it is of, tensor) of a case: the result, then the deltas of f32 operands."""
    numbers = Numbers(case.name)
    arguments = case.draw(numbers)
    if case.op in LOSSES:
        losses = LOSSES[case.op](*arguments)
        yield "result", losses
        # Deltas are changes to make: down the slope.
        yield "delta0", -torch.autograd.grad(losses.sum(), arguments[0])[0]
        return
    result = PRIMITIVES[case.op](case, *arguments)
    assert list(result.shape) == case.result, (case.name, result.shape, case.result)
    yield "result", result
    output_delta = numbers.draw(case.result, numbers.value)
    wanted = [number for number, (_, element) in enumerate(case.types) if element == "f32"]
    deltas = torch.autograd.grad(result, [arguments[n] for n in wanted], output_delta)
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
        if case.op not in PRIMITIVES and case.op not in LOSSES:
            sys.exit(f"{case.name}: golden.py does not know ccm.{case.op} yet; write what it means")
        for what, tensor in tensors_of(case):
            lines.append(" ".join([case.name, what, *map(repr, sums_of(tensor))]))
    with open(os.path.join(HERE, "golden.txt"), "w", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
    print(f"{len(lines)} tensors, PyTorch {torch.__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
