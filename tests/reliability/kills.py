#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills trainings with SIGKILL at random times.

After every kill the loader must return a checkpoint that is not older than the last acknowledged one.
Part of the trainings then go on to their end, which must give the parameters and the best checkpoint of
a run that nothing interrupted; the others are killed again and again in one folder.
"""
import json
import shutil
import subprocess
import sys
import time

from drill import Drill, acknowledged, check_not_lost, temporaries

STEPS, SAVE_STEPS = 400, 20


def kill_once(drill, arguments, longest):
    """Starts a training and kills it after a random time; true when it was still running."""
    process = drill.start(arguments)
    try:
        process.communicate(timeout=drill.random.uniform(0, longest))
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    if process.returncode != 0:
        sys.exit(f"a training ends with {process.returncode}")
    return False


def outcome(done):
    """The parameters, and which step was the best of all."""
    report = json.loads(done.stdout)
    return {key: report[key] for key in ("parameters_sha256", "best_step", "best_validation_loss")}


def uninterrupted(drill):
    """What holds after all steps, and the seconds that takes."""
    start = time.monotonic()
    done = drill.run("ccm-run", *drill.training(drill.path("whole"), STEPS, SAVE_STEPS), check=True)
    return outcome(done), time.monotonic() - start


def kill_and_resume(drill, number, expected, seconds):
    """True when the training was killed after its first step and went on."""
    out = drill.path(f"resumed-{number}")
    if not kill_once(drill, drill.training(out, STEPS, SAVE_STEPS), seconds):
        return False
    step = check_not_lost(drill, out) if acknowledged(out) >= 0 else -1
    done = drill.run("ccm-run", *drill.training(out, STEPS, SAVE_STEPS, "--resume"), check=True)
    found = outcome(done)
    if found != expected:
        sys.exit(f"{out}: killed, resumed at step {step}: {found}, expected {expected}")
    if drill.load(out)["best"] != expected["best_step"]:
        sys.exit(f"{out}: the best is not what is loaded: {drill.load(out)}, expected {expected}")
    if temporaries(out):
        sys.exit(f"{out}: left behind: {temporaries(out)}")
    shutil.rmtree(out)
    return step > 0


def kill_again(drill, seconds):
    """True when a training that saves after every step was killed."""
    out = drill.path("killed")
    killed = kill_once(drill, drill.training(out, 10 ** 9, 1, "--resume"), seconds)
    if acknowledged(out) >= 0:
        check_not_lost(drill, out)
    return killed


def repeat(what, count, deadline, attempt):
    """Counts attempts that succeed, until there are `count` or the time is over."""
    done = 0
    while done < count and time.monotonic() < deadline:
        done += attempt()
    print(f"{done} {what}")
    if done == 0:
        sys.exit(f"expected at least one of: {what}")


def main():
    drill = Drill(__doc__, [("--kills", int, 1000, "in one folder"),
                            ("--resumes", int, 200, "each compared with the uninterrupted run"),
                            ("--seconds", float, 1e9, "at most, half for each kind")])
    expected, seconds = uninterrupted(drill)
    half, start, number = drill.arguments.seconds / 2, time.monotonic(), iter(range(10 ** 9))
    repeat("trainings killed and resumed: the parameters are those of the uninterrupted one",
           drill.arguments.resumes, start + half,
           lambda: kill_and_resume(drill, next(number), expected, seconds))
    repeat("kills in one folder: no acknowledged checkpoint lost", drill.arguments.kills,
           time.monotonic() + half, lambda: kill_again(drill, min(seconds, 0.3)))


if __name__ == "__main__":
    main()
