# SPDX-License-Identifier: Apache-2.0
"""Declarations that are made to hurt, and every limit of the language, through ccm-compile."""
from harness import Case


def model(input='{"name": "x"}', output='{"name": "y"}', rest="", name="m"):
    """A declaration: line 2 holds the inputs, line 3 the outputs, line 4 the rest."""
    return (f'{{"ccm": 1, "name": "{name}",\n "unaligned_inputs": [{input}],\n'
            f' "outputs": [{output}]\n {rest}}}\n')


def refused(name, text, *says):
    """A declaration that `--check` refuses with these errors alone."""
    return Case(name, ["ccm-compile", "--check", "m.json"], 1, list(says), {"m.json": text})


def refused_shape(shape, *says):
    return refused(f"shape {shape}", model('{"name": "x", "shape": %s}' % shape), *says)


def refused_name(name, *says):
    return refused(f"a port named {name!r}", model('{"name": "%s"}' % name), *says)


def accepted(name, text):
    return Case(name, ["ccm-compile", "--check", "-q", "m.json"], 0, [], {"m.json": text})


def ports(count):
    return ", ".join('{"name": "p%d"}' % i for i in range(count))


EXTENT = "m.json:2:47: error: `shape` expects a list of integers from 1 to 2147483647, got "
NAME = "m.json:2:32: error: "
BAD_NAME = ' is no name: it expects a letter a-z, then letters a-z, digits and `_`'

TEXTS = [
    refused("a million [", "[" * 1_000_000, "m.json:1:257: error: nested deeper than 256 levels"),
    refused("a million {", '{"a":' * 1_000_000, "m.json:1:1281: error: nested deeper than 256 levels"),
    refused("nested 256 deep", "[" * 256 + "]" * 256,
            "m.json:1:1: error: `declaration` expects an object, got a list"),
    refused("nested 257 deep", "[" * 257 + "]" * 257,
            "m.json:1:257: error: nested deeper than 256 levels"),
    refused("16 MiB of blanks", " " * (16 << 20),
            "m.json:1:1: error: not JSON: unexpected end of input; expected a value"),
    refused("16 MiB and a byte", " " * ((16 << 20) + 1),
            "ccm-compile: error: cannot read 'm.json': it is larger than the limit of 16777216 bytes"),
    refused("16 MiB of one string", '"' + "a" * ((16 << 20) - 2) + '"',
            'm.json:1:1: error: `declaration` expects an object, got "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'),
    refused("16 MiB of one number", "1" * (16 << 20),
            "m.json:1:1: error: a number of more than 4096 characters"),
    refused("a million line ends", "\n" * 1_000_001,
            "m.json:1:1: error: more than 1000000 ends of lines and other control characters"),
    refused("an empty file", "", "m.json:1:1: error: not JSON: unexpected end of input; expected a value"),
    refused("a byte of value 0", b'{"ccm"\0: 1}',
            "m.json:1:7: error: a byte of value 0 cannot stand in a declaration"),
    refused("not UTF-8", b'{"ccm\xff": 1}',
            "m.json:1:6: error: not JSON: invalid string: ill-formed UTF-8 byte"),
    refused("UTF-16", model().encode("utf-16"),
            "m.json:1:4: error: a byte of value 0 cannot stand in a declaration"),
    refused("two equal keys", model(rest=', "compute": "low", "compute": "high"'),
            "m.json:4:22: error: key `compute` is given twice",
            "note: the first is at line 4, column 4"),
    refused("a deep value of an unknown key", model(rest=', "x": ' + "[" * 250 + "]" * 250),
            "m.json:4:4: error: unknown key `x` of the model"),
    refused("a list instead of a model", "[]",
            "m.json:1:1: error: `declaration` expects an object, got []"),
    accepted("a byte-order mark", b"\xef\xbb\xbf" + model().encode()),
    accepted("CRLF", model().replace("\n", "\r\n")),
    refused("CR alone as line end", model('{"name": "x", "shape": [0]}').replace("\n", "\r"),
            "m.json:1:71: error: `shape` expects a list of integers from 1 to 2147483647, got 0"),
    refused("error after CRLF", model('{"name": "x", "shape": [0]}').replace("\n", "\r\n"), EXTENT + "0"),
    refused("a column counts bytes", '{"ccm": 1, "name": "\u00e4\u72ac", "nmae": 1}',
            "m.json:1:1: error: a model needs at least one output",
            "m.json:1:1: error: a model needs at least one input, or an output that is generated",
            'm.json:1:20: error: "ä犬" is no name: it expects a letter a-z, then letters a-z, digits and `_`',
            "m.json:1:29: error: unknown key `nmae` of the model",
            "note: did you mean `name`?"),
    refused("a column counts a tab as one", '\t\t{"ccm": 2}',
            "m.json:1:3: error: `name` is missing: the model needs it",
            "m.json:1:3: error: a model needs at least one output",
            "m.json:1:3: error: a model needs at least one input, or an output that is generated",
            "m.json:1:11: error: `ccm` expects 1, got 2"),
]

SHAPES = [
    refused_shape("[-1]", EXTENT + "-1"),
    refused_shape("[0]", EXTENT + "0"),
    refused_shape("[3.0]", EXTENT + "3.0",
                  "note: an integer has no point and no exponent: write 3"),
    refused_shape("[3.9]", EXTENT + "3.9"),
    refused_shape('["3"]', EXTENT + '"3"'),
    refused_shape("[1e3]", EXTENT + "1e3",
                  "note: an integer has no point and no exponent: write 1000"),
    refused_shape("[true]", EXTENT + "true"),
    refused_shape("[null]", EXTENT + "null"),
    refused_shape("[[3]]", EXTENT + "[3]"),
    refused_shape("3",
            "m.json:2:46: error: `shape` expects a list of integers from 1 to 2147483647, got 3"),
    refused_shape("[4294967296]", EXTENT + "4294967296"),
    refused_shape("[9223372036854775808]", EXTENT + "9223372036854775808"),
    refused_shape("[18446744073709551617]", EXTENT + "18446744073709551617"),
    refused_shape("[1e400]", "m.json:2:47: error: the number 1e400 is too large to be represented"),
    refused_shape("[2147483648]", EXTENT + "2147483648"),
    refused_shape("[2147483647]",
            "m.json:2:32: error: no strategy serves the x input: high, continuous, shape [2147483647]"),
    refused_shape("[4194305, 4194305, 211106198978564]",
            "m.json:2:65: error: `shape` expects a list of integers from 1 to 2147483647, got 211106198978564"),
    refused_shape("[65536, 65536, 65536, 65536]",
            "m.json:2:46: error: 65536×65536×65536×65536 positions are more than 2147483647 elements"),
    refused_shape("[46341, 46341]",
            "m.json:2:46: error: 46341×46341 positions are more than 2147483647 elements"),
    accepted("8 extents", model('{"name": "x", "shape": [1, 1, 1, 1, 1, 1, 1, 1]}')),
    refused_shape("[1, 1, 1, 1, 1, 1, 1, 1, 1]",
            "m.json:2:46: error: `shape` has at most 8 extents, this one has 9"),
    refused("channels beyond the elements",
            model('{"name": "x", "shape": [64, 64], "channels": 1000000}'),
            "m.json:2:68: error: 64×64 positions × 1000000 channels are more than 2147483647 elements"),
    refused("channels -1", model('{"name": "x", "channels": -1}'),
            "m.json:2:49: error: `channels` expects an integer from 1 to 2147483647, got -1"),
]

NAMES = [
    accepted("ports named malloc, main, printf and environ",
             model('{"name": "malloc"}, {"name": "main"}', '{"name": "printf"}, {"name": "environ"}')),
    refused_name("a;rm -rf x", NAME + '"a;rm -rf x"' + BAD_NAME),
    refused_name("%n%n", NAME + '"%n%n"' + BAD_NAME),
    refused_name("im\u200bage", NAME + '"im\\u{200B}age"' + BAD_NAME),
    refused_name("../x", NAME + '"../x"' + BAD_NAME),
    refused_name("/etc/passwd", NAME + '"/etc/passwd"' + BAD_NAME),
    refused_name("x\\u0000y", NAME + '"x\\u0000y"' + BAD_NAME),
    refused_name("X", NAME + '"X"' + BAD_NAME),
    refused_name("_x", NAME + '"_x"' + BAD_NAME),
    refused_name("", 'm.json:2:32: error: `name` expects a string that is not empty, got ""'),
    refused_name("\u0430", NAME + '"а"' + BAD_NAME),
    accepted("a name that is a keyword of C", model('{"name": "int"}')),
    accepted("a name of 63 characters", model('{"name": "%s"}' % ("n" * 63))),
    refused_name("n" * 64, "m.json:2:32: error: a name has at most 63 characters, this one has 64"),
    refused("a name of a million characters", model('{"name": "%s"}' % ("n" * 1_000_000)),
            "m.json:2:32: error: a name has at most 63 characters, this one has 1000000"),
    refused("two ports of one name", model('{"name": "y"}'), "m.json:3:23: error: two ports are named `y`",
            "note: the first is at line 2, column 32"),
]

PORTS = [
    accepted("1,000 ports", model(ports(999))),
    refused("1,001 ports", model(ports(1000)),
            "m.json:3:13: error: a model has at most 1000 ports, this one has 1001"),
    refused("100,000 ports", model(ports(100_000)),
            "m.json:2:22: error: a model has at most 1000 ports, this one has 100001"),
    refused("no inputs", model(""),
            "m.json:2:22: error: a model needs at least one input, or an output that is generated"),
    refused("no outputs", model(output=""), "m.json:3:13: error: a model needs at least one output"),
    refused("vocabulary 1", model('{"name": "x", "discrete": true, "vocabulary": 1}'),
            "m.json:2:69: error: `vocabulary` expects an integer from 2 to 2147483647, got 1"),
    refused("vocabulary 2^31", model('{"name": "x", "discrete": true, "vocabulary": 2147483648}'),
            "m.json:2:69: error: `vocabulary` expects an integer from 2 to 2147483647, got 2147483648"),
    refused("vocabulary 2^31 - 1", model('{"name": "x", "discrete": true, "vocabulary": 2147483647}'),
            "m.json:2:32: error: every strategy needs a tensor of more than 2147483647 elements for the x "
            "input: pointwise, discrete, shape []"),
    refused("vocabulary 2^31 - 1 of an output",
            model(output='{"name": "y", "discrete": true, "vocabulary": 2147483647}'),
            "m.json:3:23: error: every strategy needs a tensor of more than 2147483647 elements for the y "
            "output: pointwise, discrete, shape []"),
    refused("a loss for the wrong kind", model(output='{"name": "y", "loss": "cross_entropy"}'),
            "m.json:3:36: error: `loss` of a continuous output expects bce, huber, l1 or mse, got cross_entropy"),
    refused("a loss that is none", model(output='{"name": "y", "loss": "mae"}'),
            'm.json:3:36: error: `loss` expects bce, cross_entropy, huber, l1 or mse, got "mae"',
            "note: did you mean `mse`?"),
    refused("an aligned input of another rank",
            model(output='{"name": "y", "shape": [64, 64]}',
                  rest=', "aligned_inputs": [{"name": "a", "shape": [4096], "aligned_to": ["y"]}]'),
            "m.json:4:69: error: `a` has 1 extent, but `y`, which it is aligned to, has 2 extents"),
]

BUDGETS = [
    refused("budget 0", model(rest=', "compute": {"macs": 0}'),
            "m.json:4:24: error: `macs` expects a whole number from 1 to 1000000000000000000, got 0"),
    refused("a negative budget", model(rest=', "compute": {"macs": -4e9}'),
            "m.json:4:24: error: `macs` expects a whole number from 1 to 1000000000000000000, got -4e9"),
    refused("budget 1e30", model(rest=', "compute": {"macs": 1e30}'),
            "m.json:4:24: error: `macs` expects a whole number from 1 to 1000000000000000000, got 1e30"),
    refused("a budget that is a number", model(rest=', "compute": 4e9'),
            "m.json:4:15: error: `compute` expects tiny, low, medium or high, or an object, got 4e9"),
    refused("a budget that nothing fits", model(rest=', "compute": {"macs": 1}'),
            "m.json:4:15: error: nothing fits the budget that the parts of the model share: "
            "expects at least 528 MACs, got 1",
            "m.json:2:32: note: the x input would take 16 MACs as dense-embed depth 0 width 16",
            "m.json:4:15: note: the core would take 256 MACs as mlp depth 1 width 16",
            "m.json:3:23: note: the y output would take 256 MACs as pool-dense hidden 0"),
    accepted("the largest budget", model(rest=', "compute": {"macs": 1e18}')),
    refused("more parameters than 2^34 bytes", model(rest=', "compute": {"parameters": 4294967297}'),
            "m.json:4:30: error: `parameters` expects a whole number from 1 to 4294967296, got 4294967297"),
]

def using(path):
    return model('{"name": "x", "use": "%s"}' % path)


CHAIN = {f"{i}.json": using(f"{i + 1}.json") for i in range(101)}

COMPOSITION = [
    refused(f"use of {path}", using(path), f"m.json:2:44: error: {reason}")
    for path, reason in (
        ("../x", "`use`: cannot open '../x': expected a path without '..'"),
        ("/etc/passwd", "`use`: cannot open '/etc/passwd': expected a relative path, found an absolute one"),
        ("/dev/zero", "`use`: cannot open '/dev/zero': expected a relative path, found an absolute one"),
        ("m.json", "`m.json` uses itself"))
] + [
    Case("a circle through another file", ["ccm-compile", "--check", "m.json"], 1,
         ["n.json:2:44: error: `m.json` uses itself", "m.json:2:44: note: `n.json` is used here"],
         {"m.json": using("n.json"), "n.json": using("m.json")}),
    Case("a hundred declarations, one in another", ["ccm-compile", "--check", "m.json"], 1,
         ["99.json:2:44: error: more than 100 declarations are used"],
         {"m.json": using("0.json"), **CHAIN}),
]

FROZEN = [
    refused("all parts frozen", model('{"name": "x", "frozen": true}', '{"name": "y", "frozen": true}',
                                      ', "frozen": true'),
            "m.json:1:20: error: expects a part that is trained, got parameters that are all frozen"),
    refused("frozen of a number", model('{"name": "x", "frozen": 1}'),
            "m.json:2:47: error: `frozen` expects true or false, got 1"),
]

MANY = [', "k%d": 1' % i for i in range(1000)]
BOUNDED = [f"m.json:4:{4 + len(''.join(MANY[:i]))}: error: unknown key `k{i}` of the model" for i in range(200)]

SEVERAL = [
    refused("all independent errors in one run",
            model('{"name": "X"}, {"name": "a", "shape": [0]}, {"name": "b", "chanels": 3}',
                  '{"name": "y", "loss": "mae"}', ', "compute": "hihg"'),
            'm.json:2:32: error: "X" is no name: it expects a letter a-z, then letters a-z, digits and `_`',
            "m.json:2:62: error: `shape` expects a list of integers from 1 to 2147483647, got 0",
            "m.json:2:81: error: unknown key `chanels` of an unaligned input",
            "note: did you mean `channels`?",
            'm.json:3:36: error: `loss` expects bce, cross_entropy, huber, l1 or mse, got "mae"',
            "note: did you mean `mse`?",
            'm.json:4:15: error: `compute` expects tiny, low, medium or high, or an object, got "hihg"',
            "note: did you mean `high`?"),
    refused("a bounded number of errors", model(rest="".join(MANY)),
            *BOUNDED, "m.json:4:2083: error: 800 more errors are not shown"),
]

CASES = TEXTS + SHAPES + NAMES + PORTS + BUDGETS + COMPOSITION + FROZEN + SEVERAL
