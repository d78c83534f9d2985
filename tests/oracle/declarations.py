# SPDX-License-Identifier: Apache-2.0
"""What the oracle compares: examples, and declarations at random that reach every strategy."""
import glob
import os
import random
import re

import random_models

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def examples():
    """The declarations of the examples and of the tests, and primitives that no strategy builds."""
    return [*sorted(glob.glob(f"{ROOT}/examples/*/model.json")),
            *sorted(glob.glob(f"{ROOT}/tests/e2e/models/*.json")),
            *sorted(glob.glob(f"{ROOT}/tests/e2e/models/*.mlir")),
            f"{ROOT}/tests/oracle/primitives.mlir"]


def primitives():
    """Every primitive and loss that has a twin."""
    names = set()
    for path in glob.glob(f"{ROOT}/ir/Ccm*.td"):
        with open(path, encoding="utf-8") as stream:
            names |= set(re.findall(r'^def \w+ : Ccm_\w+<\s*"(\w+)"(?:(?!^def ).)*?^  let torch = ',
                                    stream.read(), re.M | re.S))
    return names


def primitives_in(structure):
    """The primitives and losses of a model of primitives."""
    return set(re.findall(r"= ccm\.(\w+)", structure)) | set(re.findall(r'loss\("(\w+)"\)', structure))


# What a port can be pinned to; of what does not fit the compiler says so.
REDUCES = {False: ["conv-pyramid", "patch-embed", "strided-conv", "log-mel", "conv-attention",
                   "window-attention", "dense-embed", "latent-attention"], True: ["embedding", "latent-attention"]}
EXPANDS = {False: ["pool-dense", "attention-pool", "token-dense"],
           True: ["transposed-conv", "unpatch", "shuffle", "resize-conv"]}


def is_high(port):
    extents = port.get("shape", [])
    size = 1
    for extent in extents:
        size *= extent
    return size > 1000


def declaration(number):
    """A model at random; of every three two have a port whose strategy is pinned, and of
    every five one has a frozen port, at random too; some have a second input that is made as
    another is, with its parameters."""
    model = random_models.declaration(number)
    rng = random.Random(f"oracle {number}")
    if number % 3 == 1 and model["unaligned_inputs"]:
        port = rng.choice(model["unaligned_inputs"])
        port["strategy"] = {"name": rng.choice(REDUCES["discrete" in port])}
    elif number % 3 == 2 and "aligned_inputs" not in model:
        port = rng.choice(model["outputs"])
        port["strategy"] = {"name": rng.choice(EXPANDS[is_high(port)])}
    if rng.random() < 0.2:
        model["strategy"] = {"name": rng.choice(["transformer", "mixer", "mlp"])}
    if rng.random() < 0.2:
        rng.choice(model["unaligned_inputs"] + model["outputs"])["frozen"] = True
    if model["unaligned_inputs"] and rng.random() < 0.15:
        port = rng.choice(model["unaligned_inputs"])
        port["share"] = "pair"
        model["unaligned_inputs"].append({**port, "name": port["name"] + "_too"})
    return model
