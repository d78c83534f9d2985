# SPDX-License-Identifier: Apache-2.0
"""Command lines that are made to hurt, through ccm-compile and ccm-opt: outputs that are no files,
inputs that are none, options that do not exist."""
import os

from harness import Case

TINY = ('{"ccm": 1, "name": "m", "unaligned_inputs": [{"name": "x"}], "outputs": [{"name": "y"}],\n'
        ' "compute": {"macs": 1e18}}\n')
REFUSED = TINY.replace('"x"', '"X"')
ERROR = "ccm-compile: error: "


def ccm(arguments):
    """`--emit=ccm` of the small model, with more arguments."""
    return ["ccm-compile", "-q", "--emit=ccm", "m.json", *arguments]


def compile_case(name, arguments, code, *says, **more):
    return Case(name, ccm(arguments), code, [ERROR + text for text in says],
                {"m.json": TINY, **more.pop("files", {})}, **more)


def wrong(name, arguments, *says):
    """A command line that is wrong."""
    return Case(name, ["ccm-compile", *arguments], 2, [ERROR + text for text in says],
                {"m.json": TINY})


def input_case(name, path, code, says, **more):
    return Case(name, ["ccm-compile", "--check", path], code, [ERROR + says], **more)


def link(target, name):
    return lambda folder: os.symlink(target, os.path.join(folder, name))


def hard_link(folder):
    os.link(os.path.join(folder, "m.json"), os.path.join(folder, "o.mlir"))


def fifo(folder):
    os.mkfifo(os.path.join(folder, "fifo"))


def directory(folder):
    os.mkdir(os.path.join(folder, "folder"))


def read_only(folder):
    """A folder below a file: no one may write there, the superuser included."""
    open(os.path.join(folder, "file"), "w").close()


OUTPUTS = [
    compile_case("-o to a file", ["-o", "o.mlir"], 0, leaves=["work/o.mlir"]),
    compile_case("-o to a directory", ["-o", "folder"], 74,
                 "cannot write 'folder': it is a directory", prepare=directory),
    compile_case("-o into no directory", ["-o", "none/o.mlir"], 74,
                 "cannot write 'none/o.mlir': No such file or directory"),
    compile_case("-o below a file", ["-o", "file/o.mlir"], 74,
                 "cannot write 'file/o.mlir': Not a directory", prepare=read_only),
    compile_case("-o to a symbolic link replaces it", ["-o", "link"], 0,
                 files={"kept.txt": "kept"}, prepare=link("kept.txt", "link"), leaves=["work/link"]),
    compile_case("-o to a dangling link replaces it", ["-o", "link"], 0,
                 prepare=link("nothing", "link"), leaves=["work/link"]),
    compile_case("-o to a link to the input", ["-o", "link"], 2,
                 "the output 'link' is the input", prepare=link("m.json", "link")),
    compile_case("-o to a hard link of the input", ["-o", "o.mlir"], 2,
                 "the output 'o.mlir' is the input", prepare=hard_link),
    compile_case("-o to the input", ["-o", "m.json"], 2, "the output 'm.json' is the input"),
    compile_case("-o to the input by another way", ["-o", "../work/m.json"], 2,
                 "the output '../work/m.json' is the input"),
    compile_case("-o to /dev/full", ["-o", "/dev/full"], 74,
                 "cannot write '/dev/full': it is not a regular file"),
    compile_case("-o to /dev/null", ["-o", "/dev/null"], 74,
                 "cannot write '/dev/null': it is not a regular file"),
    compile_case("-o to a FIFO", ["-o", "fifo"], 74,
                 "cannot write 'fifo': it is a FIFO, expected a regular file", prepare=fifo),
    compile_case("-o to a name of 300 characters", ["-o", "n" * 300], 74,
                 f"cannot write '{'n' * 300}': File name too long"),
    compile_case("-o to no name", ["-o", ""], 2, "--output: expects a file, got an empty name"),
    compile_case("a rule for make that cannot be written", ["-o", "o.mlir", "--depfile", "/dev/full"],
                 74, "cannot write '/dev/full': it is not a regular file"),
    compile_case("an output that cannot be written leaves no rule for make",
                 ["-o", "/dev/full", "--depfile", "o.d"], 74,
                 "cannot write '/dev/full': it is not a regular file"),
    Case("a refused declaration leaves the output of before",
         ["ccm-compile", "--emit=ccm", "m.json", "-o", "o.mlir"], 1,
         ['m.json:1:55: error: "X" is no name: it expects a letter a-z, then letters a-z, digits and `_`'],
         {"m.json": REFUSED, "o.mlir": "of before"}),
]

STREAMS = [
    compile_case("standard output closed", [], 74, "cannot write to standard output",
                 stdout="closed", prints=""),
    compile_case("standard output full", [], 74, "cannot write to standard output",
                 stdout="full", prints=""),
    Case("report to a full device", ["ccm-compile", "--check", "--report=json", "m.json"], 74,
         [ERROR + "cannot write to standard output"], {"m.json": TINY}, stdout="full"),
    Case("report to closed output", ["ccm-compile", "--check", "--report=json", "m.json"], 74,
         [ERROR + "cannot write to standard output"], {"m.json": TINY}, stdout="closed"),
    Case("schema to a full device", ["ccm-compile", "--print-schema"], 74,
         [ERROR + "cannot write to standard output"], stdout="full"),
    Case("help to a full device", ["ccm-compile", "--help"], 74,
         [ERROR + "cannot write to standard output"], stdout="full"),
    Case("standard output closed, output to a file", ccm(["-o", "o.mlir"]), 0, [], {"m.json": TINY},
         stdout="closed", leaves=["work/o.mlir"]),
    Case("standard error closed", ["ccm-compile", "--check", "m.json"], 0, [], {"m.json": TINY},
         stderr="closed"),
    Case("standard error closed, a refused declaration", ["ccm-compile", "--check", "m.json"], 1, [],
         {"m.json": REFUSED}, stderr="closed"),
    Case("standard input closed", ["ccm-compile", "--check", "-"], 74,
         [ERROR + "cannot read '-': Bad file descriptor"], stdin="closed"),
    Case("a declaration from standard input", ["ccm-compile", "-q", "--check", "-"], 0, [],
         input=TINY.encode()),
    Case("a refused declaration from standard input", ["ccm-compile", "--check", "-"], 1,
         ['<stdin>:1:55: error: "X" is no name: it expects a letter a-z, then letters a-z, digits and `_`'],
         input=REFUSED.encode()),
    Case("ccm-opt to a full device", ["ccm-opt", "m.mlir"], 74,
         ["ccm-opt: error: cannot write to standard output"], {"m.mlir": "module {}\n"}, stdout="full"),
]

INPUTS = [
    input_case("no such input", "none.json", 74, "cannot open 'none.json': No such file or directory"),
    input_case("a directory as input", "folder", 74, "cannot read 'folder': it is a directory",
               prepare=directory),
    input_case("a FIFO as input", "fifo", 74,
               "cannot read 'fifo': it is a FIFO, expected a regular file", prepare=fifo),
    input_case("/dev/zero as input", "/dev/zero", 74,
               "cannot read '/dev/zero': it is not a regular file"),
    input_case("a link in a circle as input", "m.json", 74,
               "cannot open 'm.json': Too many levels of symbolic links", prepare=link("m.json", "m.json")),
    input_case("an input of no name", "", 2, "expects a declaration, got no input"),
    Case("ccm-opt of no such file", ["ccm-opt", "none.mlir"], 74,
         ["ccm-opt: error: cannot open 'none.mlir': No such file or directory"]),
]

OPTIONS = [
    wrong("no arguments", [], "expects a declaration, got no input"),
    wrong("no output", ["m.json"], "expects -o FILE, --emit or --check"),
    wrong("two inputs", ["m.json", "m.json", "--check"],
          "the following argument was not expected: m.json"),
    wrong("an unknown option", ["--chek", "m.json"],
          "the following argument was not expected: --chek; did you mean --check?"),
    wrong("an option without its value", ["m.json", "--depfile"], "--depfile: 1 required TEXT missing"),
    wrong("an unknown stage", ["m.json", "--emit=x"],
          "--emit: x not in {archive,asm,ccm,header,kernels,llvm,nests,obj,so,structure,torch,schema}"),
    wrong("unknown entries", ["m.json", "--entries=some", "--check"],
          "--entries: some not in {infer,train,all}"),
    wrong("an unknown target", ["m.json", "--target=z80", "--check"],
          "unknown target 'z80', expects one of x86-64-v3, x86-64-v4"),
    Case("a repeated option before the input",
         ["ccm-compile", "-q", "--check", "--target", "x86-64-v3", "--target=x86-64-v4", "m.json"], 0, [],
         {"m.json": TINY}),
    wrong("jobs -1", ["m.json", "-j", "-1", "--check"], "could not convert: --jobs = -1"),
    wrong("jobs 99999999999999", ["m.json", "-j", "99999999999999", "--check"],
          "could not convert: --jobs = 99999999999999"),
    Case("an unknown option of the passes", ["ccm-compile", "m.json", "--ccm-pipeline=x", "--check"], 2,
         [ERROR + "--ccm-pipeline: no such option x"], {"m.json": TINY}),
    Case("an unknown option of ccm-opt", ["ccm-opt", "--ccm-derive-model-typ", "m.mlir"], 2, [], {"m.mlir": "module {}\n"}),
]

CASES = OUTPUTS + STREAMS + INPUTS + OPTIONS
