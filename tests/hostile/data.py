# SPDX-License-Identifier: Apache-2.0
"""Tables, arrays and files of data that are made to hurt, through ccm-run."""
import gzip
import os
import struct
import zlib

from harness import Case

MODEL = ('{"ccm": 1, "name": "m", "unaligned_inputs": [{"name": "x"},\n'
         ' {"name": "p", "shape": [8, 8], "dtype": "u8"}],\n'
         ' "outputs": [{"name": "label", "discrete": true, "vocabulary": 3}], "compute": {"macs": 1e18}}\n')


GAPS = 'where values may be missing say "missing": "learn"'


def chunk(name, content):
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def picture(width=8, height=8):
    """A PNG file of one channel; its rows are those of 8 x 8 whatever it claims."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            chunk(b"IDAT", zlib.compress(bytes(9 * 8))) + chunk(b"IEND", b""))


def train(data):
    return ["ccm-run", "train", "m.so", "--data", data, "--steps", "1", "--batch", "1", "--out", "run"]


def refused(name, table, *says, **files):
    """A table that is refused with these errors, and with nothing written."""
    files = {"p.png": picture(), **{key.replace("_", "."): value for key, value in files.items()}}
    return Case(name, train("t.csv"), 1, list(says), {"t.csv": table, **files}, model=MODEL)


def accepted(name, table, *notes, file="t.csv", options=()):
    return Case(name, ["ccm-run", "eval", "m.so", "--data", file, "--json", *options], 0,
                [*notes, "note: no checkpoint is given, the parameters are fresh ones"],
                {file: table, "p.png": picture()}, model=MODEL, prints=lambda text: '"loss"' in text)


def array(name, content, *says, code=1, repeats=3, **more):
    """The same array for every port; each port says what is wrong with it."""
    return Case(name, train("x=x.npy,p=x.npy,label=x.npy"), code, list(says) * repeats,
                {"x.npy": content}, model=MODEL, **more)


def npy(header):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def bomb():
    """A gzip file of 1 MB that holds 1 GiB."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1 << 20)
    return b"".join(squeeze.compress(zeros) for _ in range(1024)) + squeeze.flush()


NAMED = ('{"ccm": 1, "name": "m", "unaligned_inputs": [{"name": "x", "columns": ["A b", "c"]},\n'
         ' {"name": "k", "column": "Kind", "values": ["u", "v"], "unknown": false}],\n'
         ' "outputs": [{"name": "y", "values": [7, -1]}], "compute": {"macs": 1e18}}\n')
STEPS = ('{"ccm": 1, "name": "m", "group": "g", "unaligned_inputs": [{"name": "x", "window": {"steps": 3}}],\n'
         ' "outputs": [{"name": "y", "column": "x", "horizon": 2}], "compute": {"macs": 1e18}}\n')


def named(title, table, *lines):
    return Case(title, train("t.csv"), 1, list(lines), {"t.csv": table}, model=NAMED)


TITLES = [
    named("titles in other letters", "a b,c,Kind,y\n1,2,u,7\n",
          "t.csv:1:1: error: no column 'A b' for port 'x' among a b; did you mean 'a b'?"),
    named("an index where names are", "A b,c,Kind,y\n1,2,0,7\n",
          "t.csv:2:5: error: 'k' expects one of the names u, v, got '0'"),
    named("a name that no output has", "A b,c,Kind,y\n1,2,u,8\n",
          "t.csv:2:7: error: 'y' expects one of the names 7, -1, got '8'"),
    named("a missing name without one for the unknown", "A b,c,Kind,y\n1,2,,7\n",
          "t.csv:2:5: error: 'k' expects one of the names u, v, got nothing; an input that rows may lack says "
          '"optional": true'),
    named("a word in one of several columns", "A b,c,Kind,y\n1,two,u,7\n",
          "t.csv:2:3: error: 'x' expects a number, got 'two'"),
    Case("series that are too short", train("t.csv"), 1,
         ["t.csv: error: no series has 5 rows with targets, as a sample needs: the longest has 4"],
         {"t.csv": "g,x\n" + "a,1\n" * 4 + "b,2\n" * 3}, model=STEPS),
    Case("a table without the column of series", train("t.csv"), 1,
         ["t.csv:1:1: error: no column 'g', which tells the series apart"], {"t.csv": "x\n1\n"}, model=STEPS),
]

ROWS = [
    refused("a short row", "x,p,label\n1,p.png\n", "t.csv:2:1: error: expects 3 cells, got 2"),
    refused("a long row", "x,p,label\n1,p.png,0,0\n", "t.csv:2:1: error: expects 3 cells, got 4"),
    refused("a label out of range", "x,p,label\n1,p.png,3\n",
            "t.csv:2:9: error: 'label' expects an integer below 3, got '3'"),
    refused("a label below zero", "x,p,label\n1,p.png,-1\n",
            "t.csv:2:9: error: 'label' expects an integer below 3, got '-1'"),
    refused("a label that is no integer", "x,p,label\n1,p.png,1.5\n",
            "t.csv:2:9: error: 'label' expects an integer below 3, got '1.5'"),
    refused("a value that is nan", "x,p,label\nnan,p.png,0\n",
            "t.csv:2:1: error: 'x' expects a number, got 'nan', a missing value; " + GAPS),
    refused("a value that is infinite", "x,p,label\ninf,p.png,0\n",
            "t.csv:2:1: error: 'x' expects a number, got 'inf'"),
    refused("a decimal comma", 'x,p,label\n"1,5",p.png,0\n',
            "t.csv:2:1: error: 'x' expects a number, got '1,5', with a comma where only a decimal point may be"),
    refused("a number too large for f32", "x,p,label\n1e39,p.png,0\n",
            "t.csv:2:1: error: 'x' expects a number, got '1e39', which f32 cannot hold"),
    refused("a number too large for anything", "x,p,label\n1E400,p.png,0\n",
            "t.csv:2:1: error: 'x' expects a number, got '1E400', which is not finite"),
    refused("a hexadecimal number", "x,p,label\n0x10,p.png,0\n",
            "t.csv:2:1: error: 'x' expects a number, got '0x10', a hexadecimal number"),
    refused("a number with thousands", "x;p;label\n1.234,5;p.png;0\n",
            "t.csv:2:1: error: 'x' expects a number, got '1.234,5', with a comma where only a decimal point may be"),
    refused("decimal points and commas", "x;p;label\n1.5;p.png;0\n2,5;p.png;0\n",
            "t.csv:3:1: error: a decimal comma in '2,5', but line 2 has a decimal point"),
    refused("an empty cell", "x,p,label\n,p.png,0\n", 
            "t.csv:2:1: error: 'x' expects a number, got nothing; " + GAPS),
    refused("no row with a target", "x,p,label\n1,p.png,\n2,p.png,NA\n",
            "t.csv: error: none of 2 rows has a value of 'label'"),
    refused("a thousand bad rows", "x,p,label\n" + "z,p.png,0\n" * 1000,
            *[f"t.csv:{line}:1: error: 'x' expects a number, got 'z'" for line in range(2, 12)],
            "t.csv: error: and 990 more such problems"),
    refused("UTF-16 with half a pair", "x,p,label\n1,p.png,0\n\ud800".encode("utf-16", "surrogatepass"),
            "t.csv:3:1: error: UTF-16 with half a pair of surrogates"),
    refused("UTF-16 that ends early", "x,p,label\n1,p.png,0\n".encode("utf-16") + b"x",
            "t.csv: error: UTF-16 that ends within a character"),
    refused("an empty table", "", "t.csv: error: an empty table: expects a header of x, p, label"),
    refused("a table without rows", "x,p,label\n", "t.csv: error: a table without rows"),
    refused("a header without a port", "x,label\n1,0\n", "t.csv:1:1: error: no column for port 'p'"),
    refused("a misspelt header", "x,P,lable\n1,p.png,0\n",
            "t.csv:1:1: error: no column for port 'p' among P, lable; did you mean 'P'?",
            "t.csv:1:1: error: no column for port 'label' among P, lable; did you mean 'lable'?"),
    Case("a column too many where tables are strict", [*train("t.csv"), "--strict"], 1,
         ["t.csv:1:1: error: column 'id' is no port: expects x, p, label"],
         {"t.csv": "id,x,p,label\n7,1,p.png,0\n", "p.png": picture()}, model=MODEL),
    refused("a header with a port twice", "x,x,p,label\n1,1,p.png,0\n",
            "t.csv:1:3: error: column 'x' stands twice"),
    refused("a quote that does not end", 'x,p,label\n1,"p.png,0\n',
            "t.csv:2:3: error: a quote is not closed"),
    refused("a million commas", "x,p,label\n" + "," * 1_000_000,
            "t.csv:2:1: error: expects 3 cells, got 1000001"),
    accepted("a table with CRLF", "x,p,label\r\n1,p.png,0\r\n"),
    accepted("a table with a byte-order mark", "\ufeffx,p,label\n1,p.png,0\n"),
    accepted("a table of an old Mac", "x,p,label\r1,p.png,0\r"),
    accepted("a table with empty lines", "\n\nx,p,label\n\n1,p.png,0\n\n"),
    accepted("a table with semicolons", "x;p;label\n1,5;p.png;0\n"),
    accepted("a table with tabs", "x\tp\tlabel\n1\tp.png\t0\n", file="t.tsv"),
    accepted("a table in UTF-16", "x,p,label\n1,p.png,0\n".encode("utf-16")),
    accepted("a gzipped table", gzip.compress(b"x,p,label\n1,p.png,0\n"), file="t.csv.gz"),
    accepted("a table with columns too many", ",id,x,p,label\n1,7,1,p.png,0\n",
             "note: t.csv: columns passed over: number 1 (no name), id"),
    accepted("a table without some targets", "x,p,label\n1,p.png,0\n2,p.png,.\n",
             "note: t.csv: left out 1 of 2 rows, which have no value of 'label'", options=["--missing", "NA,."]),
]

FILES = [
    refused("a truncated PNG", "x,p,label\n1,q.png,0\n", "t.csv:2:3: error: 'q.png': a truncated PNG file", q_png=picture()[:60]),
    refused("an empty PNG", "x,p,label\n1,q.png,0\n",
            "t.csv:2:3: error: 'q.png': expects a PNG or JPEG file, got an empty file", q_png=b""),
    refused("a PNG that claims 2^31 rows", "x,p,label\n1,q.png,0\n",
            "t.csv:2:3: error: 'q.png': a damaged PNG file: PNG unsigned integer out of range", q_png=picture(8, 1 << 31)),
    refused("a PNG that claims more than it has", "x,p,label\n1,q.png,0\n",
            "t.csv:2:3: error: 'q.png': an image of 60000x60000 pixels: expects at most 2^28 pixels", q_png=picture(60000, 60000)),
    refused("a text as a PNG", "x,p,label\n1,q.png,0\n",
            "t.csv:2:3: error: 'q.png': expects a PNG or JPEG file", q_png=b"not a picture"),
    Case("a picture outside the folder", train("t.csv"), 1, [
            "t.csv:2:3: error: cannot open '../../../etc/passwd.png': expected a path without '..'; "
            "--follow allows it"],
         {"t.csv": "x,p,label\n1,../../../etc/passwd.png,0\n"}, model=MODEL),
    Case("a picture behind a link", train("t.csv"), 1, [
            "t.csv:2:3: error: cannot open 'q.png': it is or goes through a symbolic link; --follow allows it"],
         {"t.csv": "x,p,label\n1,q.png,0\n", "p.png": picture()}, model=MODEL,
         prepare=lambda folder: os.symlink("p.png", folder + "/q.png")),
    Case("a picture behind a link that is followed",
         ["ccm-run", "eval", "m.so", "--data", "t.csv", "--follow", "--json"], 0,
         ["note: no checkpoint is given, the parameters are fresh ones"],
         {"t.csv": "x,p,label\n1,q.png,0\n", "p.png": picture()}, model=MODEL,
         prepare=lambda folder: os.symlink("p.png", folder + "/q.png"), prints=lambda text: '"loss"' in text),
    Case("a device behind a link that is followed", [*train("t.csv"), "--follow"], 74, [
            "t.csv:2:3: error: cannot read './q.png': it is not a regular file"],
         {"t.csv": "x,p,label\n1,q.png,0\n"}, model=MODEL,
         prepare=lambda folder: os.symlink("/dev/zero", folder + "/q.png")),
    Case("a picture that is not there", train("t.csv"), 74, [
            "t.csv:2:3: error: cannot open 'none.png': No such file or directory"],
         {"t.csv": "x,p,label\n1,none.png,0\n"}, model=MODEL),
    Case("a table that is not there", train("t.csv"), 74, [
            "error: cannot open 't.csv': No such file or directory"], model=MODEL),
    Case("a device as table", train("/dev/zero"), 1, [
            "error: data '/dev/zero' is none of: a table (name.csv or .tsv), arrays "
            "(port=file.npy,port=file.gz), synthetic:N"], model=MODEL),
]

SOUND = ('{"ccm": 1, "name": "m", "unaligned_inputs": [{"name": "s", "shape": [64], "structure": "low"}],\n'
         ' "outputs": [{"name": "y"}], "compute": {"macs": 1e18}}\n')


def wav(samples, whole=None, size=None):
    """A WAV file of floats; its sizes are right unless they are given."""
    whole, size = 36 + len(samples) if whole is None else whole, len(samples) if size is None else size
    return (b"RIFF" + struct.pack("<I", whole) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 3, 1, 8000, 32000, 4, 32) +
            b"data" + struct.pack("<I", size) + samples)


def sound(name, content, says):
    return Case(name, train("t.csv"), 1, ["t.csv:2:1: error: 's.wav': " + says],
                {"t.csv": "s,y\ns.wav,1\n", "s.wav": content}, model=SOUND)


BCE = ('{"ccm": 1, "name": "m", "unaligned_inputs": [{"name": "x"}],\n'
       ' "outputs": [{"name": "spam", "loss": "bce"}], "compute": {"macs": 1e18}}\n')

FRACTIONS = [
    Case("labels of bce that are no fractions", train("t.csv"), 1,
         [f"t.csv:{line}:3: error: 'spam' is compared by bce and expects 0 to 1, got '{found}'"
          for line, found in [(3, "2"), (5, "-1"), (6, "2")]],
         {"t.csv": "x,spam\n1,0\n1,2\n1,1\n1,-1\n1,2\n"}, model=BCE),
    Case("an array of labels of bce that are no fractions", train("x=x.npy,spam=x.npy"), 1,
         ["x.npy: error: 'spam' is compared by bce and expects 0 to 1, got 2.000000 in element 1"],
         {"x.npy": npy(b"{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n") + b"\1\2"}, model=BCE),
]

SOUNDS = [
    sound("a sound without samples", wav(b""), "a sound without samples"),
    sound("a sound without samples or sizes", wav(b"", 0, 0), "a sound without samples"),
    sound("a sound that is cut", wav(bytes(64), size=128, whole=164), "a truncated WAV file"),
    sound("a sound without sizes that is cut", wav(bytes(62), 0, 0),
          "a truncated WAV file: it ends within a frame of 4 bytes"),
    sound("a sound with a sample that is no number", wav(bytes(8) + struct.pack("<ff", float("nan"), 0)),
          "expects finite samples, got nan in sample 2"),
    sound("a sound with a sample that is infinite", wav(struct.pack("<f", float("-inf"))),
          "expects finite samples, got inf in sample 0"),
    sound("a WAV file of a head alone", b"RIFF", "a truncated WAV file"),
    sound("a WAV file without chunks", wav(b"")[:12], "a truncated WAV file"),
]

ARRAYS = [
    array("an empty array file", b"", "x.npy: error: expects an npy or IDX array, got an empty file"),
    array("an array of 2^62 elements",
          npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,), }\n"),
            "x.npy: error: a truncated npy file: its header promises more than 2^64 bytes "
            "of elements, it holds 0"),
    array("an array whose extents overflow",
          npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }\n"),
            "x.npy: error: a truncated npy file: its header promises more than 2^64 bytes "
            "of elements, it holds 0"),
    array("an array in Fortran order whose extents overflow",
          npy(b"{'descr': '<f4', 'fortran_order': True, 'shape': (4294967296, 4294967296), }\n"),
            "x.npy: error: a truncated npy file: its header promises more than 2^64 bytes "
            "of elements, it holds 0"),
    array("an array in Fortran order of no elements and large extents",
          npy(b"{'descr': '|u1', 'fortran_order': True, 'shape': (4611686018427387904, 3, 0), }\n"),
            "x.npy: error: 'x' expects samples of 1, got an array of 4611686018427387904x3x0",
            "x.npy: error: 'p' expects samples of 8x8x1, got an array of 4611686018427387904x3x0",
            "x.npy: error: 'label' expects samples of one element, got an array of 4611686018427387904x3x0",
            repeats=1),
    array("an array of negative extent",
          npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n"),
            "x.npy: error: not an npy file: its 'shape' is not a list of extents"),
    array("an array of Python objects",
          npy(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"),
            "x.npy: error: npy elements of type '|O': expects booleans, integers, float16, float32 or float64"),
    array("an IDX file of 2^31 rows", struct.pack(">BBBBI", 0, 0, 8, 1, (1 << 31) - 1),
            "x.npy: error: a truncated IDX file: its header promises 2147483647 bytes of "
            "elements, it holds 0"),
    array("a gzip file that ends early", b"\x1f\x8b\x08\x00", "x.npy: error: a truncated gzip file"),
    array("a gzip file of a gigabyte of zeros", bomb(), "error: not enough memory", code=74, repeats=1,
          sanitizable=False),
]

BOMBS = [
    Case("a gzipped table of a gigabyte of zeros", train("t.csv.gz"), 74, ["error: not enough memory"],
         {"t.csv.gz": bomb()}, model=MODEL, sanitizable=False),
]

LIBRARIES = [
    Case("a text as a model library", ["ccm-run", "info", "t.so"], 1, [
            "error: cannot load 't.so': it is not an ELF file; expected a library written by ccm-compile"], {"t.so": "not a library"}),
    Case("an empty file as a model library", ["ccm-run", "info", "t.so"], 1, [
            "error: cannot load 't.so': it is not an ELF file; expected a library written by ccm-compile"], {"t.so": ""}),
    Case("a header of a library alone", ["ccm-run", "info", "t.so"], 1, [
            "error: cannot load 't.so': it was compiled for another processor: expected ELF "
            "machine 62 (x86-64), found 0"],
         {"t.so": b"\x7fELF\x02\x01\x01" + bytes(57)}),
    Case("no model library", ["ccm-run", "info", "t.so"], 74, [
            "error: cannot find 't.so': No such file or directory"]),
]



def option(name, code, says, *arguments):
    """A training or a measurement whose options are refused, with nothing written."""
    return Case(name, ["ccm-run", arguments[0], "m.so", "--data", "t.csv", *arguments[1:]], code,
                ["error: " + says], {"t.csv": "x,p,label\n1,p.png,0\n2,p.png,1\n", "p.png": picture()}, model=MODEL)


OPTIONS = [
    option("patience below 0", 2, "--patience: Value -1 not in range 0 to 1099511627776",
           "train", "--patience", "-1", "--out", "run"),
    option("patience of half an epoch", 2, "--patience: Value 0.5 not in range 0 to 1099511627776",
           "train", "--patience", "0.5", "--out", "run"),
    option("patience with nothing to wait for", 2,
           "--patience expects rows to validate with; give --validation",
           "train", "--patience", "3", "--validation", "0", "--out", "run"),
    option("more than all rows held out", 1, "validation expects a fraction between 0 and 1 of at "
           "least 2 rows, got 1.500000 of 2", "train", "--validation", "1.5", "--out", "run"),
    option("less than no rows held out", 1, "validation expects a fraction between 0 and 1 of at "
           "least 2 rows, got -0.100000 of 2", "train", "--validation", "-0.1", "--out", "run"),
    option("a share that is no number", 1, "validation expects a fraction between 0 and 1 of at "
           "least 2 rows, got nan of 2", "train", "--validation", "nan", "--out", "run"),
    option("a rate of nothing", 2, "--rate: Value 0 not in range 1 to 16777216", "eval", "--rate", "0"),
    option("no permutation", 2, "--repeats: Value 0 not in range 1 to 1048576",
           "importance", "--checkpoint", "run", "--repeats", "0"),
    option("importance of no checkpoint", 74, "cannot list 'run': No such file or directory",
           "importance", "--checkpoint", "run"),
]

CASES = ROWS + FRACTIONS + FILES + SOUNDS + ARRAYS + BOMBS + LIBRARIES + OPTIONS
