# SPDX-License-Identifier: Apache-2.0
"""How far rounding may take a computation in float32 from its twin in float64.

The twin is computed again with every operation, forward and backward, disturbed at random by what
float32 would round: each result by one unit in its last place (functions that ccm approximates by
four), and where an element is a sum of n terms, terms and result by sqrt(n) units, since the error of
a sum in order grows no faster than that. The mean square of the deviations over some such runs is the
square of an element's own unit. A library may be off by as many units as chance needs for the number
of elements that are looked at, to fail a right one once in a million checks. No tolerance is written
by hand, and the library's own errors count for nothing.

At a kink (relu at zero) rounding alone may change a delta by more. That happens at one point and not
at another; what is wrong is wrong at every point.
"""
import math

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

UNIT, APPROXIMATED, RUNS, FALSE_ALARM = 2.0**-23, 4, 8, 1e-6
FUNCTIONS = {"exp", "gelu", "gelu_backward", "log", "log_sigmoid_forward", "sigmoid", "silu",
             "silu_backward", "softplus", "tanh", "_log_softmax", "_softmax", "log1p",
             "binary_cross_entropy_with_logits"}
ATTENTION = "_scaled_dot_product"


def terms_of(name, args, results):
    """How many terms an element of a result sums, at most."""
    tensors = [a for a in args if isinstance(a, torch.Tensor)]
    if name in ("mm", "bmm"):
        return args[0].shape[-1]
    if name == "addmm":
        return args[1].shape[-1]
    if name == "convolution":
        return args[1].numel() // results[0].shape[1]
    if name == "convolution_backward":
        return max(args[0].numel() // args[0].shape[1], args[2].numel() // min(args[2].shape[:2]))
    if name == "embedding_dense_backward":
        return args[1].numel()
    if name.startswith(ATTENTION):
        return max(extent for a in tensors if a.dim() == 4 for extent in a.shape[-2:])
    if "softmax" in name:
        return tensors[0].shape[-1]
    largest = max((a.numel() for a in tensors), default=1)
    return max(1, largest // max(1, min(r.numel() for r in results)))


class Rounding(TorchDispatchMode):
    """Disturbs what is computed while it is active."""

    def __init__(self, seed):
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)

    def disturbed(self, x, units):
        if not x.is_floating_point():
            return x
        signs = torch.randint(0, 2, x.shape, generator=self.generator).mul_(2).sub_(1)
        return x * (1 + signs * (units * UNIT))

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if any(each.alias_info for each in func._schema.returns):  # a view, or what it overwrote
            return result
        results = [r for r in (result if isinstance(result, (tuple, list)) else [result])
                   if isinstance(r, torch.Tensor) and r.numel() > 0]
        name = func._schema.name.split("::")[1]
        if not results or name in ("clone", "detach", "_to_copy", "zeros_like", "ones_like"):
            return result
        units = math.sqrt(terms_of(name, args, results))
        if units > 1:
            args = tree_map_only(torch.Tensor, lambda x: self.disturbed(x, units), args)
            result = func(*args, **(kwargs or {}))
        if name in FUNCTIONS or name.startswith(ATTENTION):
            units *= APPROXIMATED
        return tree_map_only(torch.Tensor, lambda x: self.disturbed(x, units), result)


def units_for(checks):
    """By how many standard deviations the worst of some right numbers may be off."""
    return math.sqrt(2 * math.log(2 * max(checks, 1) / FALSE_ALARM))


def bounds_of(observe, exact):
    """Per tensor of `exact`, what an element may be off. `observe` computes the same again."""
    squares = {name: torch.zeros_like(value) for name, value in exact.items()}
    for run in range(RUNS):
        with Rounding(run):
            disturbed = observe()
        for name, value in disturbed.items():
            squares[name] += (value - exact[name])**2 / RUNS
    units = units_for(sum(value.numel() for value in exact.values()))
    # Of few runs an element's own deviation may be small by chance, so that of all is added.
    return {name: units * torch.sqrt(square + square.mean() + (exact[name] * UNIT / 2)**2)
            for name, square in squares.items()}
