// RUN: ccm-compile %s --emit=torch -q -o - | FileCheck %s

// Primitives that no strategy builds, in a model that is written by hand: for the oracle, too.
// CHECK: def forward(self, **inputs):
// CHECK: x1 = torch.tanh(x)
// CHECK: x = torch.sigmoid(x)
// CHECK: x = x1 * x
// CHECK: x1 = F.silu(x)
// CHECK: x1 = F.softmax(x1, -1)
// CHECK: x = torch.cat([x, x1], 1)
// CHECK: return {"both": x}
ccm.model @primitives train {optimizer = "adamw", learning_rate = 1.0e-3} {
  %x = ccm.input "series" low : tensor<?x6x5xf32>
  %w = ccm.parameter "core.up.weight" shape [16, 5] layout(#ccm.layout<extents = [1, 5, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 0.5) decay : tensor<1x5x16xf32>
  %b = ccm.parameter "core.up.bias" shape [16] init("zeros", 0.0) : tensor<16xf32>
  %0 = ccm.dense %x, %w, %b : tensor<?x6x5xf32>, tensor<1x5x16xf32>, tensor<16xf32> -> tensor<?x6x16xf32>
  %1 = ccm.tanh %0 : tensor<?x6x16xf32>
  %2 = ccm.sigmoid %0 : tensor<?x6x16xf32>
  %3 = ccm.multiply %1, %2 : tensor<?x6x16xf32>
  %4 = ccm.silu %3 : tensor<?x6x16xf32>
  %5 = ccm.softmax %4 : tensor<?x6x16xf32>
  %6 = ccm.concat 1 %3, %5 : (tensor<?x6x16xf32>, tensor<?x6x16xf32>) -> tensor<?x12x16xf32>
  ccm.output "both" %6 low loss("huber") : tensor<?x12x16xf32>
}
