# SPDX-License-Identifier: Apache-2.0
"""What the drivers in this folder share: a small compiled model, and trainings of it."""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys


class Drill:
    """The tools, a library to train, and a scratch folder."""

    def __init__(self, description, options=()):
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("bin", help="folder of the tools")
        parser.add_argument("model", help="declaration of a small model")
        parser.add_argument("scratch", help="folder to work in; emptied first")
        parser.add_argument("--seed", type=int, default=0, help="of the random times")
        for name, kind, default, text in options:
            parser.add_argument(name, type=kind, default=default, help=text)
        self.arguments = parser.parse_args()
        self.random = random.Random(self.arguments.seed)
        shutil.rmtree(self.arguments.scratch, ignore_errors=True)
        os.makedirs(self.arguments.scratch)
        self.library = self.path("model.so")
        self.run("ccm-compile", self.arguments.model, "-o", self.library, "-q",
                 "--cache-dir", self.path("cache"), check=True)

    def path(self, name):
        return os.path.join(self.arguments.scratch, name)

    def tool(self, name):
        return os.path.join(self.arguments.bin, name)

    def run(self, tool, *arguments, check=False, env=None):
        done = subprocess.run([self.tool(tool), *arguments], capture_output=True, text=True,
                              env={**os.environ, **(env or {})})
        if check and done.returncode != 0:
            sys.exit(f"{tool} {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def training(self, out, steps, save_steps, *more):
        """The command line of a training into `out`."""
        return ["train", self.library, "--data", "synthetic:64", "--batch", "16", "--threads", "1",
                "--validation", "synthetic:16", "--steps", str(steps), "--save-steps", str(save_steps), "--out", out, "--json", *more]

    def start(self, arguments):
        return subprocess.Popen([self.tool("ccm-run"), *arguments], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def load(self, out):
        """What the loader makes of a directory."""
        return json.loads(self.run("read-checkpoint", self.library, out, check=True).stdout)


def acknowledged(out):
    """The last step that the training said is safe; -1 when it said so of none."""
    last = -1
    try:
        with open(os.path.join(out, "log.jsonl"), encoding="utf-8") as log:
            for line in log:
                if line.endswith("\n") and "checkpoint" in json.loads(line):
                    last = json.loads(line)["step"]
    except FileNotFoundError:
        pass
    return last


def check_not_lost(drill, out):
    """Returns the step that is loaded, -1 for none; ends the program where one is lost."""
    safe, loaded = acknowledged(out), drill.load(out)
    step = loaded.get("step", -1)
    if step < safe or loaded.get("damaged"):
        sys.exit(f"step {safe} was acknowledged, the loader returns {loaded}")
    best = loaded.get("names_best", -1)
    if loaded.get("lost") or (best >= 0 and loaded["best"] != best):
        sys.exit(f"the best checkpoint is lost: {loaded}")
    return step


def temporaries(folder):
    return [name for name in os.listdir(folder) if name.startswith(".ccm-")]
