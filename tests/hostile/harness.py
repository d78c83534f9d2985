# SPDX-License-Identifier: Apache-2.0
"""Runs one hostile case after another, each in a folder of its own, and compares the whole verdict:
exit code, every diagnostic with its place, standard output, and what is left in the folder."""
import dataclasses
import hashlib
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time

MEGABYTE = 1 << 20
# What refusing an input may take (design: under 200 MB with a stack of 1 MiB).
MEMORY, STACK = 200 * 1000 * 1000, MEGABYTE
# A hang is an error; the time itself is reported, never judged.
KILLED_AFTER = 120


@dataclasses.dataclass
class Case:
    """One run of a tool and its exact verdict."""

    name: str
    command: list  # the first word is a tool
    code: int
    says: list = dataclasses.field(default_factory=list)  # every line with a severity, in order
    files: dict = dataclasses.field(default_factory=dict)  # name → text or bytes, there before
    model: str = ""  # a declaration whose library is there as m.so
    prepare: object = None  # called with the folder: links, FIFOs, permissions
    input: bytes = b""
    stdin: str = "pipe"  # or "closed"
    stdout: str = "pipe"  # or "closed", "full"
    stderr: str = "pipe"  # or "closed"
    prints: object = ""  # standard output: text, or a function of it
    environment: dict = dataclasses.field(default_factory=dict)  # None removes a variable
    limits: object = dataclasses.field(default_factory=dict)  # resource → number, or a function of the tools
    memory: bool = True  # whether the bound on memory holds for this case
    sanitizable: bool = True  # whether the case makes sense where memory is shadowed
    interrupt: object = None  # (signal, function of the process that says when)
    leaves: list = dataclasses.field(default_factory=list)  # names that are new or changed after


@dataclasses.dataclass
class Tools:
    folder: str
    sanitized: bool = False
    scratch: str = ""

    def library(self, model):
        """The bytes of a model's library, compiled once."""
        path = os.path.join(self.scratch, hashlib.sha256(model.encode()).hexdigest())
        if not os.path.exists(path + ".so"):
            with open(path + ".json", "w", encoding="utf-8") as stream:
                stream.write(model)
            command = [self.folder + "/ccm-compile", "-q", path + ".json", "-o", path + ".so"]
            subprocess.run([*command, "--target=x86-64-v3"], check=True)
        with open(path + ".so", "rb") as stream:
            return stream.read()


def contents(folder):
    """Every name below a folder with what it is."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(root, name)
            status = os.lstat(path)
            what = stat.S_IFMT(status.st_mode)
            if stat.S_ISREG(status.st_mode):
                with open(path, "rb") as stream:
                    what = hashlib.sha256(stream.read()).hexdigest()
            elif stat.S_ISLNK(status.st_mode):
                what = os.readlink(path)
            found[os.path.relpath(path, folder)] = what
    return found


def limit(case, tools):
    """What the child does before it becomes the tool."""
    limits = case.limits(tools) if callable(case.limits) else case.limits
    chosen = {resource.RLIMIT_CORE: 0, **limits}
    if not tools.sanitized:  # shadow memory and larger frames are the sanitizers' own
        chosen.setdefault(resource.RLIMIT_STACK, STACK)
        if case.memory:
            chosen.setdefault(resource.RLIMIT_DATA, MEMORY)
    def apply():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        for what, most in chosen.items():
            resource.setrlimit(what, (most, most))
        for descriptor, how in ((0, case.stdin), (1, case.stdout), (2, case.stderr)):
            if how == "closed":
                os.close(descriptor)
    return apply


def environment_of(case, folder, tools):
    variables = dict(os.environ, HOME=folder + "/home", XDG_CACHE_HOME=folder + "/cache",
                     TMPDIR=folder + "/tmp", LC_ALL="C", NO_COLOR="1")
    for name, value in case.environment.items():
        variables.pop(name, None)
        if value is not None:
            variables[name] = value.replace("%folder", folder).replace("%scratch", tools.scratch)
    return variables


def send_when_due(process, case):
    """Waits for the moment that a case names, then sends its signal."""
    number, due = case.interrupt
    end = time.monotonic() + KILLED_AFTER
    while process.poll() is None and not due(process.pid) and time.monotonic() < end:
        time.sleep(0.002)
    if process.poll() is None:
        os.kill(process.pid, number)


def execute(case, folder, tools):
    """Runs a case's command; gives exit code, output, errors, seconds and peak megabytes."""
    command = [os.path.join(tools.folder, case.command[0]), *case.command[1:]]
    outputs = {"pipe": subprocess.PIPE, "closed": None, "full": None}
    full = open("/dev/full", "wb") if case.stdout == "full" else None
    start = time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder + "/work", env=environment_of(case, folder, tools),
        stdin=subprocess.PIPE if case.stdin == "pipe" else None,
        stdout=full or outputs[case.stdout], stderr=outputs[case.stderr],
        preexec_fn=limit(case, tools))
    if case.interrupt:
        threading.Thread(target=send_when_due, args=(process, case), daemon=True).start()
    try:
        printed, said = process.communicate(case.input or None, timeout=KILLED_AFTER)
    except subprocess.TimeoutExpired:
        process.kill()
        printed, said = process.communicate()
        said = (said or b"") + b"\nerror: killed because it did not end\n"
    seconds = time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    return process.returncode, printed or b"", said or b"", seconds, peak


def diagnostics(said):
    """The lines that carry a severity: each diagnostic without its excerpt."""
    lines = said.decode("utf-8", "replace").split("\n")
    severity = re.compile(r"(^|\s)(error|warning|note): |LLVM ERROR|Sanitizer|terminate|runtime error")
    return [line.strip() for line in lines if severity.search(line)]


def differences(case, result, before, after):
    """What a run did otherwise than its case says."""
    code, printed, said = result[:3]
    found = []
    if code != case.code:
        found.append(f"exit code {code}, expected {case.code}")
    if case.stderr == "pipe" and diagnostics(said) != case.says:
        found.append("says\n      " + "\n      ".join(diagnostics(said)) + "\n    expected\n      " +
                     "\n      ".join(case.says))
    text = printed.decode("utf-8", "replace")
    if not (case.prints(text) if callable(case.prints) else text == case.prints):
        found.append(f"prints {text[:300]!r}, expected {case.prints!r}")
    changed = sorted(name for name in before.keys() | after.keys()
                     if before.get(name) != after.get(name))
    if changed != sorted(case.leaves):
        found.append(f"leaves {changed}, expected {sorted(case.leaves)}")
    return found


def lay_out(case, folder, tools):
    for name in ("work", "tmp", "home", "cache"):
        os.mkdir(os.path.join(folder, name))
    library = {"m.so": tools.library(case.model)} if case.model else {}
    for name, content in {**library, **case.files}.items():
        with open(os.path.join(folder, "work", name), "wb") as stream:
            stream.write(content if isinstance(content, bytes) else content.encode())
    if case.prepare:
        case.prepare(folder + "/work")


def watched(folder):
    """What must be as before: all but the cache, where no half-written file may lie either."""
    found = contents(folder)
    return {name: what for name, what in found.items()
            if not name.startswith("cache/") or "/.ccm-" in name}


def run_case(case, tools):
    folder = tempfile.mkdtemp(prefix="hostile-", dir=tools.scratch)
    try:
        lay_out(case, folder, tools)
        before = watched(folder)
        result = execute(case, folder, tools)
        found = differences(case, result, before, watched(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{'ok  ' if not found else 'FAIL'} {result[3]:6.2f} s {case.name}", flush=True)
    for difference in found:
        print("    " + difference)
    return not found, result[3]


def run_all(cases, tools):
    """Runs all cases and closes with the figures that go with the promise."""
    cases = [case for case in cases if case.sanitizable or not tools.sanitized]
    names = [case.name for case in cases]
    assert len(names) == len(set(names)), "two cases share a name"
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    tools.scratch = tempfile.mkdtemp(prefix="ccm-hostile-")
    try:
        results = [run_case(case, tools) for case in cases]
    finally:
        shutil.rmtree(tools.scratch, ignore_errors=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    failed = sum(not good for good, _ in results)
    print(f"{len(results)} cases, {failed} failed; slowest {max(t for _, t in results):.2f} s, "
          f"largest {peak:.0f} MB resident")
    return 1 if failed else 0
