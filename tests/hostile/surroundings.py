# SPDX-License-Identifier: Apache-2.0
"""Surroundings that are made to hurt: folders that are none, locales, limits of the
shell, and signals in the middle of a run."""
import os
import resource
import signal
import subprocess
import time

from commands import ERROR, TINY
from declarations import model
from harness import Case

EXAMPLES = os.path.join(os.path.dirname(__file__), "../../examples")
LIBRARY = ["ccm-compile", "-q", "--no-cache", "--target=x86-64-v3", "-j2", "m.json", "-o", "m.so"]


def library(name, code=0, *says, **more):
    """A whole compile of the small model."""
    return Case(name, LIBRARY, code, list(says), {"m.json": TINY}, memory=False,
                leaves=["work/m.so"] if code == 0 else more.pop("leaves", []), **more)


def example(name):
    with open(os.path.join(EXAMPLES, name, "model.json"), encoding="utf-8") as stream:
        return stream.read()


def german(folder):
    """A locale whose decimal point is a comma, whether or not the system has it."""
    subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", folder + "/../de_DE.UTF-8"], check=True)


GERMAN = {"LC_ALL": "de_DE.UTF-8", "LOCPATH": "%folder"}

PLACES = [
    library("TMPDIR that does not exist", environment={"TMPDIR": "/none"}),
    library("neither HOME nor XDG_CACHE_HOME", environment={"HOME": None, "XDG_CACHE_HOME": None}),
    Case("a cache that cannot be made",
         ["ccm-compile", "-q", "--target=x86-64-v3", "m.json", "-o", "m.so"], 0,
         ["m.json:1:55: warning: compiled kernels are not kept: cannot create directory '/dev/null': "
          "Not a directory"], {"m.json": TINY}, environment={"XDG_CACHE_HOME": "/dev/null"},
         memory=False, leaves=["work/m.so"]),
    Case("a cache that was asked for and cannot be made",
         ["ccm-compile", "-q", "--target=x86-64-v3", "--cache-dir=/dev/null/x", "m.json", "-o", "m.so"],
         74, [ERROR + "cannot create directory '/dev/null': Not a directory"], {"m.json": TINY}),
    Case("numbers in a locale with a decimal comma", ["ccm-compile", "-q", "--emit=ccm", "m.json"], 0, [],
         {"m.json": model(rest=', "train": {"learning_rate": 0.25}')}, prepare=german,
         environment=GERMAN, prints=lambda text: "learning_rate = 2.500000e-01" in text),
    Case("a refused number in a locale with a decimal comma", ["ccm-compile", "--check", "m.json"], 1,
         ["m.json:2:47: error: `shape` expects a list of integers from 1 to 2147483647, got 2.5"],
         {"m.json": model('{"name": "x", "shape": [2.5]}')}, prepare=german, environment=GERMAN),
    library("a whole compile in a locale with a decimal comma", prepare=german, environment=GERMAN),
]


def address_space(tools):
    """What the tool needs to start, and 24 MiB."""
    process = subprocess.Popen([tools.folder + "/ccm-compile", "--check", "-"], stdin=subprocess.PIPE)
    try:
        asleep = 0  # once it waits for the process that reads, it has all it needs
        while asleep < 3:
            time.sleep(0.02)
            with open(f"/proc/{process.pid}/stat", encoding="ascii") as stream:
                asleep = asleep + 1 if stream.read().split()[2] == "S" else 0
        with open(f"/proc/{process.pid}/status", encoding="ascii") as stream:
            peak = next(int(line.split()[1]) for line in stream if line.startswith("VmPeak"))
    finally:
        process.kill()
        process.communicate()
    return {resource.RLIMIT_AS: peak * 1024 + (24 << 20)}


LIMITS = [
    library("ulimit -s 1024"),
    library("ulimit -n 10", limits={resource.RLIMIT_NOFILE: 10}),
    library("ulimit -n 7", limits={resource.RLIMIT_NOFILE: 7}),
    Case("ulimit -d of 64 MiB", ["ccm-compile", "--check", "m.json"], 70, [ERROR + "out of memory"],
         {"m.json": '"' + "a" * ((16 << 20) - 2) + '"'}, limits={resource.RLIMIT_DATA: 64 << 20},
         sanitizable=False),
    Case("ulimit -v", ["ccm-compile", "--check", "m.json"], 70, [ERROR + "out of memory"],
         {"m.json": '"' + "a" * ((16 << 20) - 2) + '"'}, limits=address_space, sanitizable=False),
    Case("ulimit -f", ["ccm-compile", "-q", "--emit=ccm", "m.json", "-o", "o.mlir"], 74,
         [ERROR + "cannot write 'o.mlir': File too large"], {"m.json": TINY},
         limits={resource.RLIMIT_FSIZE: 64}),
]


def children(pid):
    """The processes that a process has started and that still run."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as stream:
                parent = stream.read().rpartition(")")[2].split()[1]
        except (OSError, IndexError):
            continue  # none of a process, or of one that has ended
        if parent == str(pid):
            found.append(int(entry))
    return found


def starting(pid):
    """Whether the process that does the work has been started."""
    return bool(children(pid))


def compiling(pid):
    """Whether kernels are being compiled: each in a process that the working one starts."""
    return any(children(child) for child in children(pid))


def interrupted(name, number, when):
    return Case(name, LIBRARY, 130, [], {"m.json": example("fashion"), "m.so": "of before"},
                interrupt=(number, when), memory=False)


SIGNALS = [
    interrupted(f"{signal.Signals(number).name} while {when.__name__}", number, when)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) for when in (starting, compiling)
]

CASES = PLACES + LIMITS + SIGNALS
