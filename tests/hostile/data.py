# SPDX-License-Identifier: Apache-2.0
"""Tables, arrays and files of data that are made to hurt, through ccm-run."""
import struct
import zlib

from harness import Case

MODEL = ('{"ccm": 1, "name": "m", "unaligned_inputs": [{"name": "x"},\n'
         ' {"name": "p", "shape": [8, 8], "dtype": "u8"}],\n'
         ' "outputs": [{"name": "label", "discrete": true, "vocabulary": 3}], "compute": {"macs": 1e18}}\n')


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


def accepted(name, table):
    return Case(name, ["ccm-run", "eval", "m.so", "--data", "t.csv", "--json"], 0, [],
                {"t.csv": table, "p.png": picture()}, model=MODEL, prints=lambda text: '"loss"' in text)


def array(name, content, *says, code=1):
    return Case(name, train("x=x.npy,p=x.npy,label=x.npy"), code, list(says), {"x.npy": content},
                model=MODEL)


def npy(header):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def bomb():
    """A gzip file of 1 MB that holds 1 GiB."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1 << 20)
    return b"".join(squeeze.compress(zeros) for _ in range(1024)) + squeeze.flush()


ROWS = [
    refused("a short row", "x,p,label\n1,p.png\n", "?"),
    refused("a long row", "x,p,label\n1,p.png,0,0\n", "?"),
    refused("a label out of range", "x,p,label\n1,p.png,3\n", "?"),
    refused("a label below zero", "x,p,label\n1,p.png,-1\n", "?"),
    refused("a label that is no integer", "x,p,label\n1,p.png,1.5\n", "?"),
    refused("a value that is nan", "x,p,label\nnan,p.png,0\n", "?"),
    refused("a value that is infinite", "x,p,label\ninf,p.png,0\n", "?"),
    refused("a decimal comma", 'x,p,label\n"1,5",p.png,0\n', "?"),
    refused("a number too large for f32", "x,p,label\n1e39,p.png,0\n", "?"),
    refused("an empty cell", "x,p,label\n,p.png,0\n", "?"),
    refused("an empty table", "", "?"),
    refused("a table without rows", "x,p,label\n", "?"),
    refused("a header without a port", "x,label\n1,0\n", "?"),
    refused("a header with a port twice", "x,x,p,label\n1,1,p.png,0\n", "?"),
    refused("a quote that does not end", 'x,p,label\n1,"p.png,0\n', "?"),
    refused("a byte of value 0 in a table", "x,p,label\n1\0,p.png,0\n", "?"),
    refused("a million commas", "x,p,label\n" + "," * 1_000_000, "?"),
    accepted("a table with CRLF", "x,p,label\r\n1,p.png,0\r\n"),
    accepted("a table with a byte-order mark", "\ufeffx,p,label\n1,p.png,0\n"),
]

FILES = [
    refused("a truncated PNG", "x,p,label\n1,q.png,0\n", "?", q_png=picture()[:60]),
    refused("an empty PNG", "x,p,label\n1,q.png,0\n", "?", q_png=b""),
    refused("a PNG that claims 2^31 rows", "x,p,label\n1,q.png,0\n", "?", q_png=picture(8, 1 << 31)),
    refused("a PNG that claims more than it has", "x,p,label\n1,q.png,0\n", "?", q_png=picture(60000, 60000)),
    refused("a text as a PNG", "x,p,label\n1,q.png,0\n", "?", q_png=b"not a picture"),
    Case("a picture outside the folder", train("t.csv"), 74, ["?"],
         {"t.csv": "x,p,label\n1,../../../etc/passwd.png,0\n"}, model=MODEL),
    Case("a picture that is not there", train("t.csv"), 74, ["?"],
         {"t.csv": "x,p,label\n1,none.png,0\n"}, model=MODEL),
    Case("a table that is not there", train("t.csv"), 74, ["?"], model=MODEL),
    Case("a device as table", train("/dev/zero"), 74, ["?"], model=MODEL),
]

ARRAYS = [
    array("an empty array file", b"", "?"),
    array("an array of 2^62 elements",
          npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,), }\n"), "?"),
    array("an array whose extents overflow",
          npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }\n"), "?"),
    array("an array of negative extent",
          npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n"), "?"),
    array("an array of Python objects",
          npy(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"), "?"),
    array("an IDX file of 2^31 rows", struct.pack(">BBBBI", 0, 0, 8, 1, (1 << 31) - 1), "?"),
    array("a gzip file that ends early", b"\x1f\x8b\x08\x00", "?"),
    array("a gzip file of a gigabyte of zeros", bomb(), "?"),
]

LIBRARIES = [
    Case("a text as a model library", ["ccm-run", "info", "t.so"], 1, ["?"], {"t.so": "not a library"}),
    Case("an empty file as a model library", ["ccm-run", "info", "t.so"], 1, ["?"], {"t.so": ""}),
    Case("a header of a library alone", ["ccm-run", "info", "t.so"], 1, ["?"],
         {"t.so": b"\x7fELF\x02\x01\x01" + bytes(57)}),
    Case("no model library", ["ccm-run", "info", "t.so"], 74, ["?"]),
    Case("a folder as a model library", ["ccm-run", "info", "."], 74, ["?"]),
]

CASES = ROWS + FILES + ARRAYS + LIBRARIES
