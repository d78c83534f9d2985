#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ends trainings early by signals and by a loss that is not finite.

SIGINT and SIGTERM: the step is finished and saved, the exit code is 130, and going on gives the
parameters of a run that nothing interrupted. A loss or parameters that are not finite: the exit code
is 1, and the folder holds the checkpoints it held. A second trainer in a folder: exit code 74.
"""
import json
import os
import signal
import sys
import time

from drill import Drill, acknowledged, check_not_lost

STEPS = 4000


def parameters(done):
    return json.loads(done.stdout)["parameters_sha256"]


def wait_for_steps(out):
    """Until a training has written its first record."""
    while acknowledged(out) < 0:
        time.sleep(0.01)


def interrupt(drill, number, kind, expected):
    out = drill.path(f"interrupted-{number}")
    process = drill.start(drill.training(out, STEPS, 1000))
    wait_for_steps(out)
    time.sleep(drill.random.uniform(0, 0.02))
    process.send_signal(kind)
    output, errors = process.communicate()
    if process.returncode == 0:  # it was done before the signal came
        return False
    step = check_not_lost(drill, out)
    said = json.loads(output)["steps"]
    if process.returncode != 130 or step != said:
        sys.exit(f"{kind.name}: exit {process.returncode}, {said} steps done, {step} saved\n{errors}")
    resumed = parameters(drill.run("ccm-run", *drill.training(out, STEPS, 1000, "--resume"), check=True))
    if resumed != expected:
        sys.exit(f"{kind.name} after step {step}, resumed: {resumed}, expected {expected}")
    return True


def generations(out):
    contents = {}
    for name in sorted(os.listdir(out)):
        if name.endswith(".safetensors"):
            with open(os.path.join(out, name), "rb") as stream:
                contents[name] = stream.read()
    return contents


def diverge(drill):
    out = drill.path("diverged")
    drill.run("ccm-run", *drill.training(out, 10, 5), check=True)
    before = generations(out)
    done = drill.run("ccm-run", *drill.training(out, 40, 5, "--resume", "--learning-rate", "3e38"))
    if done.returncode != 1 or "not finite" not in done.stderr:
        sys.exit(f"diverged: exit {done.returncode}\n{done.stderr}")
    if generations(out) != before:
        sys.exit(f"diverged: held {sorted(before)}, now {sorted(generations(out))}")


def train_twice(drill):
    out = drill.path("shared")
    first = drill.start(drill.training(out, 10 ** 9, 1000))
    wait_for_steps(out)
    second = drill.run("ccm-run", *drill.training(out, 10, 1, "--resume"))
    first.send_signal(signal.SIGTERM)
    first.communicate()
    if second.returncode != 74 or "another process holds it" not in second.stderr:
        sys.exit(f"a second trainer: exit {second.returncode}\n{second.stderr}")


def main():
    drill = Drill(__doc__, [("--times", int, 6, "for each signal")])
    expected = parameters(drill.run("ccm-run", *drill.training(drill.path("whole"), STEPS, 1000), check=True))
    ended = sum(interrupt(drill, f"{kind.name}-{number}", kind, expected)
                for kind in (signal.SIGINT, signal.SIGTERM) for number in range(drill.arguments.times))
    print(f"{ended} trainings ended by a signal and resumed")
    if ended == 0:
        sys.exit("every training was done before its signal")
    diverge(drill)
    train_twice(drill)


if __name__ == "__main__":
    main()
