#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Valid declarations at random, each compiled, held against its budgets, its deltas checked, and trained
on 1, 2 and 3 threads to the same parameters: `random_models.py --bin build/bin --count 300`. Model i is the same for every count, so a finding is repeated with `--first i --count 1`.

A declaration may still be refused, with exit code 1 and a place, because nothing fits its budget; every
other exit code but 0 is a finding. `--bin` also holds ccm-run, whose gradcheck must pass."""
import argparse
import collections
import json
import os
import random
import subprocess
import sys
import tempfile

LOSSES = ["mse", "l1", "huber", "bce"]
OPTIMIZERS = ["sgd", "momentum", "adam", "adamw"]


def shape(rng):
    """Pointwise, low or high, of rank 0 to 2; primes and ones among the extents."""
    kind = rng.choice(["pointwise", "low", "low", "high"])
    if kind == "pointwise":
        return rng.choice([[], [1], [1, 1]])
    if kind == "low":
        return rng.choice([[rng.randint(2, 97)], [rng.randint(2, 12), rng.randint(2, 12)],
                           [1, rng.randint(2, 40)]])
    return rng.choice([[rng.randint(1001, 4099)], [rng.randint(32, 67), rng.randint(32, 67)]])


def common(rng, name):
    """A port without what depends on its side."""
    port = {"name": name}
    if extents := shape(rng):
        port["shape"] = extents
    if rng.random() < 0.4:
        port.update(discrete=True, vocabulary=rng.randint(2, 300))
    elif rng.random() < 0.5:
        port["channels"] = rng.randint(1, 7)
    return port


def budget(rng, most):
    return {"macs": int(10 ** rng.uniform(4.5, most))}


def input_port(rng, name):
    port = common(rng, name)
    if "discrete" not in port and rng.random() < 0.3:
        port["dtype"] = "u8"
    if rng.random() < 0.5:
        port["compute"] = budget(rng, 6.3)
    return port


def output_port(rng, name):
    port = common(rng, name)
    if "discrete" not in port:
        port["loss"] = rng.choice(LOSSES)
    if rng.random() < 0.3:
        port["weight"] = round(rng.uniform(0.1, 3), 3)
    if rng.random() < 0.5:
        port["compute"] = budget(rng, 6.3)
    return port


def aligned_extents(rng, extents):
    """Extents on the same axes: the same, finer, coarser up to padding, or by a ratio."""
    stride = rng.randint(2, 4)
    if rng.random() < 0.2 and all(extent % 2 == 0 for extent in extents):
        return [extent * 3 // 2 for extent in extents]
    return rng.choice([extents, extents, [extent * stride for extent in extents],
                       [-(-extent // stride) for extent in extents]])


def align(rng, model):
    """Adds inputs that are aligned to some outputs with axes, where there are such."""
    outputs = [port for port in model["outputs"] if any(e > 1 for e in port.get("shape", []))]
    if not outputs:
        return
    model["aligned_inputs"] = []
    for number in range(rng.choice([1, 1, 2, 3])):
        output = rng.choice(outputs)
        port = input_port(rng, f"aligned_{number}")
        port["shape"] = aligned_extents(rng, output["shape"])
        port["aligned_to"] = [output["name"]]
        if port.get("compute"):
            port["compute"] = budget(rng, 7.3)
        model["aligned_inputs"].append(port)
    if rng.random() < 0.5:
        model["unaligned_inputs"] = model["unaligned_inputs"][1:]
    model["compute"]["macs"] *= 10
    for port in outputs:
        if "compute" in port:
            port["compute"]["macs"] *= 20


def generate(rng, model):
    """Makes outputs generated: one text, or all that are continuous from noise."""
    if rng.random() < 0.4 or all("discrete" in port for port in model["outputs"]):
        model.pop("aligned_inputs", None)
        model["outputs"] = [{"name": "out_0", "shape": [rng.randint(2, 90)], "discrete": True,
                             "vocabulary": rng.randint(2, 300), "generate": "autoregressive"}]
    for port in model["outputs"]:
        if "discrete" not in port:
            port.update(generate="diffusion", loss=rng.choice(["mse", "l1", "huber"]))
    model["compute"]["macs"] = min(20 * model["compute"]["macs"], 20_000_000)


def vary_inputs(rng, model):
    """Makes an input one that samples may lack, and two of one shape share their parameters."""
    if not model["unaligned_inputs"]:
        return
    port = rng.choice(model["unaligned_inputs"])
    if rng.random() < 0.7:
        port["optional"] = True
    if rng.random() < 0.6:
        port["share"] = "pair"
        model["unaligned_inputs"].append({**port, "name": port["name"] + "_too"})


def scale(number, model):
    """Gives ports of some models a scale that is not the default one."""
    kinds = {3: "robust", 4: {"offset": 0.5, "factor": 2}, 5: "none"}
    for port in model["unaligned_inputs"] + model.get("aligned_inputs", []) + model["outputs"]:
        is_fit = "discrete" not in port and "generate" not in port and port.get("loss") != "bce"
        if is_fit and number % 6 in kinds:
            port["scale"] = kinds[number % 6]


def leave_gaps(number, model):
    """Lets values of inputs of some models be missing."""
    for port in model["unaligned_inputs"] + model.get("aligned_inputs", []):
        if number % 5 == 3 and "discrete" not in port and port.get("dtype") != "u8":
            port["missing"] = "learn"


def weigh(number, model):
    """Lets losses of some models count targets and samples differently, and training change samples."""
    if number % 5 != 2:
        return
    rng = random.Random(f"weigh {number}")
    for port in model["outputs"]:
        if "discrete" in port:
            port["label_smoothing"] = round(rng.uniform(0, 0.3), 2)
            weights = [round(rng.uniform(0.1, 3), 1) for _ in range(port["vocabulary"])]
            port["class_weights"] = rng.choice(["balanced", weights])
        if "generate" not in port and ("discrete" in port or port.get("loss") == "bce"):
            port["calibrate"] = True
        if rng.random() < 0.5:
            port["sample_weight"] = "times"
    for port in model["unaligned_inputs"]:
        if "discrete" not in port and 1 <= len(port.get("shape", [])) <= 3:
            port["augment"] = {"flip": True, "shift": rng.randint(0, 3), "crop": 0.2, "noise": 0.1}


def declaration(number):
    rng = random.Random(number)
    model = {
        "ccm": 1,
        "name": f"random_{number}",
        "unaligned_inputs": [input_port(rng, f"in_{i}") for i in range(rng.choice([1, 1, 2, 3]))],
        "outputs": [output_port(rng, f"out_{i}") for i in range(rng.choice([1, 1, 2]))],
        "compute": budget(rng, 6.8),
        "train": {"optimizer": rng.choice(OPTIMIZERS), "learning_rate": 10 ** rng.uniform(-4, -2)},
    }
    if number % 2:
        align(rng, model)
    if number % 5 == 4:
        generate(rng, model)
    if number % 7 == 6:
        vary_inputs(rng, model)
    scale(number, model)
    leave_gaps(number, model)
    weigh(number, model)
    return model


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def own_budgets(model):
    """Of parts by their ports' names; inputs aligned to the same output are one part."""
    own = {port["name"]: port["compute"]["macs"]
           for port in model["unaligned_inputs"] + model["outputs"] if "compute" in port}
    groups = collections.defaultdict(list)
    for port in model.get("aligned_inputs", []):
        groups[port["aligned_to"][0]].append(port)
    for ports in groups.values():
        if any("compute" in port for port in ports):
            own[ports[0]["name"]] = sum(port["compute"]["macs"] for port in ports
                                        if "compute" in port)
    return own


def budget_problem(model, parts):
    """What exceeds a budget: a part its own, or those without one the model's together; or ""."""
    own = own_budgets(model)
    shared = 0
    for part in parts:
        if part["part"] == "core" or part["port"] not in own:
            shared += part["macs"]
        elif part["macs"] > own[part["port"]]:
            return f"{part['port']} takes {part['macs']} MACs of {own[part['port']]}"
    most = model["compute"]["macs"]
    return f"the parts that share take {shared} MACs of {most}" if shared > most else ""


def training_problem(library, tools):
    """Whether the number of threads changes what is learned; or ""."""
    hashes = set()
    for threads in "123":
        trained = run(tools + "/ccm-run", "train", library, "--data", "synthetic:11", "--batch", "5",
                      "--steps", "3", "--threads", threads, "--json")
        if trained.returncode != 0:
            return f"train: exit code {trained.returncode}\n{trained.stderr[-3000:]}"
        hashes.add(json.loads(trained.stdout.strip().split("\n")[-1])["parameters_sha256"])
    return "" if len(hashes) == 1 else f"parameters depend on the number of threads: {hashes}"


def try_model(number, tools, scratch):
    """What became of a model: "passed", "refused", or a finding."""
    text, library = os.path.join(scratch, "m.json"), os.path.join(scratch, "m.so")
    model = declaration(number)
    with open(text, "w", encoding="utf-8") as stream:
        json.dump(model, stream, indent=1)
    made = run(tools + "/ccm-compile", "-q", text, "-o", library, "--target=x86-64-v3",
               "--report=json")
    if made.returncode == 1 and f"{text}:" in made.stderr:
        return "refused"
    if made.returncode != 0:
        return f"ccm-compile: exit code {made.returncode}\n{made.stderr[-3000:]}"
    if problem := budget_problem(model, json.loads(made.stdout)["parts"]):
        return problem
    checked = run(tools + "/ccm-run", "gradcheck", library, "--json")
    report = checked.stdout.strip().split("\n")[-1]
    if checked.returncode != 0 or not json.loads(report)["passed"]:
        return f"gradcheck: exit code {checked.returncode}\n{report}\n{checked.stderr[-3000:]}"
    return training_problem(library, tools) or "passed"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="folder of the tools")
    parser.add_argument("--first", type=int, default=0, help="number of the first model")
    parser.add_argument("--count", type=int, default=300, help="how many models must be compiled")
    options = parser.parse_args()
    tally, number = collections.Counter(), options.first
    with tempfile.TemporaryDirectory(prefix="ccm-random-") as scratch:
        while tally["passed"] + tally["found"] < options.count:
            outcome = try_model(number, os.path.abspath(options.bin), scratch)
            if outcome not in ("passed", "refused"):
                print(f"model {number}: {outcome}\n{json.dumps(declaration(number))}", flush=True)
                outcome = "found"
            tally[outcome] += 1
            number += 1
    print(f"{tally['passed']} models passed, {tally['found']} findings, {tally['refused']} declarations "
          f"refused for their budget")
    return 1 if tally["found"] or tally["refused"] > 2 * options.count else 0


if __name__ == "__main__":
    sys.exit(main())
