# SPDX-License-Identifier: Apache-2.0
"""Text IR that is made to hurt, through ccm-opt and ccm-compile."""
from harness import Case


def refused(name, text, *says):
    return Case(name, ["ccm-opt", "m.mlir"], 1, list(says), {"m.mlir": text})


def compiled(name, text, *says):
    return Case(name, ["ccm-compile", "--check", "m.mlir"], 1, list(says), {"m.mlir": text})


DEEP = "m.mlir:1:%d: error: expects brackets nested at most 256 deep"
ATTRIBUTES = 'module attributes {a = %s1%s} {}\n'

CASES = [
    refused("bytecode", b"ML\xefR\x06MLIR22\0", "m.mlir:1:1: error: expects text, got bytecode"),
    compiled("bytecode to compile", b"ML\xefR\x06MLIR22\0", "m.mlir:1:1: error: expects text, got bytecode"),
    refused("a million ( in IR", "(" * 1_000_000, DEEP % 257),
    refused("a million [ in an attribute", ATTRIBUTES % ("[" * 1_000_000, "]" * 1_000_000), DEEP % 279),
    refused("257 nested attributes", ATTRIBUTES % ("[" * 257, "]" * 257), DEEP % 279),
    refused("20,000 nested regions", "module {" * 20_000 + "}" * 20_000, DEEP % 2056),
    refused("a million minus signs", "module attributes {a = affine_map<(i) -> (" + "-" * 1_000_000 + "i)>} {}", DEEP % 296),
    refused("aliases nested in aliases", "#a0 = [1]\n" + "".join(f"#a{i + 1} = [#a{i}]\n" for i in range(1000)) +
            "module attributes {a = #a1000} {}\n", "m.mlir:129:10: error: expects brackets nested at most 256 deep"),
    refused("a tensor of 2^96 elements", """module {
  ccm.model @m train {} {
    %0 = ccm.input "x" high : tensor<?x4294967296x4294967296x4294967296xf32>
    ccm.output "y" %0 high loss("mse") : tensor<?x4294967296x4294967296x4294967296xf32>
  }
}
""", "m.mlir:3:10: error: 'ccm.input' op expects a value (C1) of at most 2147483647 elements, got "
            "'tensor<?x4294967296x4294967296x4294967296xf32>'",
            'm.mlir:3:10: note: see current operation: %0 = "ccm.input"() <{name = "x", structure = 2 : i32}> : '
            "() -> tensor<?x4294967296x4294967296x4294967296xf32>"),
    refused("a layout of 2^31 - 1 elements that skips some", """ccm.model @m train {} {
  %0 = ccm.input "x" pointwise : tensor<?x1xf32>
  %1 = ccm.parameter "w" shape [2147483647] layout(#ccm.layout<extents = [2147483647, 1], dims = [0, 0], steps = [2, 1]>) init("zeros", 0.0) : tensor<2147483647x1xf32>
  ccm.output "y" %0 pointwise loss("mse") : tensor<?x1xf32>
}
""", "m.mlir:3:8: error: 'ccm.parameter' op expects the layout to cover axis 0 of extent 2147483647 exactly once (C3)",
            'm.mlir:3:8: note: see current operation: %1 = "ccm.parameter"() <{init = "zeros", layout = #ccm.layout<extents = [2147483647, 1], '
            'dims = [0, 0], steps = [2, 1]>, name = "w", scale = 0.000000e+00 : f64, shape = array<i64: 2147483647>}> : () -> tensor<2147483647x1xf32>'),
    refused("iterators that are no strings", "func.func @f() {\n  linalg.generic {iterator_types = [f32]}\n}\n",
            "m.mlir:2:37: error: expects a list of strings for `iterator_types`"),
    refused("an extent beyond 64 bits", "func.func private @f(tensor<99999999999999999999xf32>)\n", "m.mlir:1:29: error: invalid dimension"),
    refused("not UTF-8 in IR", b'module attributes {a = "\xff\xfe"} { \xff }\n', "m.mlir:1:32: error: unexpected character"),
    refused("an unfinished string", 'module attributes {a = "', "m.mlir:1:25: error: expected '\"' in string literal"),
    refused("an unknown operation", "ccm.rm_rf\n", "m.mlir:1:1: error: custom op 'ccm.rm_rf' is unknown"),
    refused("an unknown dialect", '"none.op"() : () -> ()\n', "m.mlir:1:10: error: operation being parsed with an unregistered dialect. If this is intended, please "
            "use -allow-unregistered-dialect with the MLIR tool used"),
    compiled("no model", "module {}\n", "m.mlir:1:1: error: expects a model, got none"),
    compiled("an empty file of IR", "", "m.mlir:1:1: error: expects a model, got none"),
    compiled("brackets too deep to compile", "(" * 257, DEEP % 257),
    Case("an empty module", ["ccm-opt", "m.mlir"], 0, [], {"m.mlir": ""}, prints="module {\n}\n\n"),
]
