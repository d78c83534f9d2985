#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes file calls of whole tools fail, one after the other: `ccm-run train` and `ccm-compile`.

CCM_FAIL_CALL does it to ccm-run-faulty and ccm-compile-faulty. Each run must either do all of its work
or exit with code 74, name a file and the reason, leave what was there before intact and leave
nothing behind.
"""
import errno
import json
import os
import re
import shutil
import sys

from drill import Drill, acknowledged, check_not_lost, temporaries

CODES = ["EIO", "ENOSPC", "EMFILE", "EINTR", "EACCES", "short"]


def faults(drill, calls):
    """Pairs of CCM_FAIL_CALL and whether the fault stays; every one or some at random."""
    every = [(f"{call}{'+' if stays else ''}:{code}", stays) for code in CODES
             for stays in (False, True) for call in range(calls)]
    some = drill.arguments.some
    return every if some == 0 else drill.random.sample(every, min(some, len(every)))


def calls_of(drill, tool, arguments):
    """How many calls a run makes: the first index at which none fails."""
    low, high = 0, 1
    def fails(call):
        prepare(drill)
        return "fault: call" in drill.run(tool, *arguments, env={"CCM_FAIL_CALL": f"{call}:EINTR"}).stderr
    while fails(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fails(middle) else (low, middle)
    return high


def prepare(drill):
    """What is there before each run: a checkpoint at step 10, and an older output."""
    shutil.rmtree(drill.path("out"), ignore_errors=True)
    shutil.copytree(drill.path("before"), drill.path("out"))


def refused_well(done, fault, what):
    """Ends the program unless a run that failed said what and why, with exit code 74."""
    code = fault.split(":")[1]
    reason = os.strerror(getattr(errno, code)) if code != "short" else "\0"
    if done.returncode != 74 or reason not in done.stderr or not re.search(r"'[^']+'", done.stderr):
        sys.exit(f"{what}, CCM_FAIL_CALL={fault}: exit {done.returncode}\n{done.stdout}{done.stderr}")


def check_nothing_left(drill, stays, what):
    # Where every later call fails, too, the removal of a temporary is one of them.
    if temporaries(drill.path("out")) and not stays:
        sys.exit(f"{what}: left behind: {temporaries(drill.path('out'))}")


def try_training(drill):
    arguments = drill.training(drill.path("out"), 20, 5, "--resume")
    prepare(drill)
    whole = json.loads(drill.run("ccm-run", *arguments, check=True).stdout)["parameters_sha256"]
    refused = 0
    for fault, stays in faults(drill, calls_of(drill, "ccm-run-faulty", arguments)):
        prepare(drill)
        done = drill.run("ccm-run-faulty", *arguments, env={"CCM_FAIL_CALL": fault})
        what = f"ccm-run train, CCM_FAIL_CALL={fault}"
        step = check_not_lost(drill, drill.path("out"))
        if done.returncode == 0:
            loaded = drill.load(drill.path("out"))
            if loaded["step"] != 20 or loaded["parameters_sha256"] != whole:
                sys.exit(f"{what}: a silent failure: {loaded}\n{done.stderr}")
        else:
            refused_well(done, fault, what)
            refused += 1
        if step < 10:
            sys.exit(f"{what}: the old checkpoint is gone: {drill.load(drill.path('out'))}")
        check_nothing_left(drill, stays, what)
    return refused


def try_compiler(drill):
    output = drill.path("out/model.so")
    with open(drill.library, "rb") as stream:
        whole = stream.read()
    arguments = [drill.arguments.model, "-o", output, "-q", "--cache-dir", drill.path("out/cache")]
    refused = 0
    for fault, stays in faults(drill, calls_of(drill, "ccm-compile-faulty", arguments)):
        prepare(drill)
        done = drill.run("ccm-compile-faulty", *arguments, env={"CCM_FAIL_CALL": fault})
        what = f"ccm-compile, CCM_FAIL_CALL={fault}"
        with open(output, "rb") as stream:
            found = stream.read()
        # A refused sync of the folder comes after the new output is in place.
        if found != whole and (done.returncode == 0 or found != b"old"):
            sys.exit(f"{what}: exit {done.returncode}, the output holds {len(found)} bytes\n{done.stderr}")
        if done.returncode != 0:
            refused_well(done, fault, what)
            refused += 1
        check_nothing_left(drill, stays, what)
    return refused


def main():
    drill = Drill(__doc__, [("--some", int, 0, "faults of each tool, drawn at random; 0: every one"),
                            ("--tool", str, "both", "ccm-run, ccm-compile or both")])
    before = drill.path("before")
    drill.run("ccm-run", *drill.training(before, 10, 5), check=True)
    with open(os.path.join(before, "model.so"), "wb") as stream:
        stream.write(b"old")
    # A cache is its compiler's own.
    drill.run("ccm-compile-faulty", drill.arguments.model, "-o", drill.path("faulty.so"), "-q",
              "--cache-dir", os.path.join(before, "cache"), check=True)
    for tool, attempt in (("ccm-run", try_training), ("ccm-compile", try_compiler)):
        if drill.arguments.tool in (tool, "both"):
            print(f"{tool}: {attempt(drill)} faults refused, no output or checkpoint harmed")


if __name__ == "__main__":
    main()
