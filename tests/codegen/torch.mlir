// RUN: ccm-compile %s --emit=torch -q -o - | FileCheck %s
// RUN: ccm-compile %s --emit=torch -q -o - | python3 -c "import ast, sys; ast.parse(sys.stdin.read())"

// Names stand in strings, whatever is in them; bytes become numbers; losses have weights.

// CHECK: """The model 'm' in PyTorch
// CHECK: input a\"\x0ab [batch, 6, 8, 3]: bytes, or numbers from 0 to 1
// CHECK: output y\\ [batch, 12, 4]: numbers
// CHECK: def as_numbers(x):
// CHECK: def conv_transpose(x, weight, bias, stride, padding, positions):
// CHECK: self.add("core.c.weight", torch.randn(4, 3, 3, 3) * 0.5)
// CHECK: self.add("core.t.weight", torch.ones(2, 2, 32, 4))
// CHECK: x = as_numbers(inputs["a\"\x0ab"])
// CHECK-NEXT: x = F.conv2d(x.movedim(-1, 1), p["core.c.weight"].movedim(-1, 1).contiguous(),
// CHECK-NEXT:     p["core.c.bias"], [1, 1], [1, 1]).movedim(1, -1)
// CHECK-NEXT: x = x.reshape(-1, 6, 32)
// CHECK-NEXT: x = conv_transpose(x, p["core.t.weight"], p["core.t.bias"], [2], [1], [12])
// CHECK-NEXT: return {"y\\": x, "z": x}
// CHECK: "y\\": per_sample(F.mse_loss(outputs["y\\"], targets["y\\"], reduction='none')),
// CHECK: return 2.5 * losses["y\\"].mean() + losses["z"].mean()
ccm.model @m train {optimizer = "adamw", learning_rate = 1.0e-3} {
  %x = ccm.input "a\22\0Ab" low bytes : tensor<?x6x8x3xf32>
  %w = ccm.parameter "core.c.weight" shape [4, 3, 3, 3] layout(#ccm.layout<extents = [1, 3, 3, 3, 16], dims = [0, 1, 3, 2, 0], steps = [16, 1, 1, 1, 1]>) init("normal", 0.5) decay : tensor<1x3x3x3x16xf32>
  %b = ccm.parameter "core.c.bias" shape [4] layout(#ccm.layout<extents = [16], dims = [0], steps = [1]>) init("zeros", 0.0) : tensor<16xf32>
  %0 = ccm.conv %x, %w, %b stride [1, 1] padding [1, 1] : tensor<?x6x8x3xf32>, tensor<1x3x3x3x16xf32>, tensor<16xf32> -> tensor<?x6x8x4xf32>
  %1 = ccm.reshape %0 : tensor<?x6x8x4xf32> -> tensor<?x6x32xf32>
  %t = ccm.parameter "core.t.weight" shape [2, 2, 32, 4] layout(#ccm.layout<extents = [1, 2, 32, 4, 4], dims = [1, 0, 2, 1, 3], steps = [4, 1, 1, 1, 1]>) init("ones", 0.0) decay : tensor<1x2x32x16xf32>
  %v = ccm.parameter "core.t.bias" shape [4] init("zeros", 0.0) : tensor<4xf32>
  %2 = ccm.conv_transpose %1, %t, %v stride [2] padding [1] : tensor<?x6x32xf32>, tensor<1x2x32x16xf32>, tensor<4xf32> -> tensor<?x12x4xf32>
  ccm.output "y\5C" %2 low loss("mse") weight 2.5 : tensor<?x12x4xf32>
  ccm.output "z" %2 low loss("mse") : tensor<?x12x4xf32>
}
