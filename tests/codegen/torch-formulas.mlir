// RUN: ccm-compile %s --emit=torch -q -o - | FileCheck %s
// RUN: ccm-compile %s --emit=torch -q -o - | python3 -c "import ast, sys; ast.parse(sys.stdin.read())"

// Frozen parameters need no slopes; what starts as a formula has its function.

// CHECK: def fourier(n):
// CHECK: def mel(bands, n):
// CHECK: self.add("core.f.weight", fourier(16) * 2.0, trained=False)
// CHECK: self.add("core.f.bias", torch.zeros(16), trained=False)
// CHECK: self.add("core.m.weight", mel(5, 16) * 1.0, trained=False)
// CHECK: self.add("core.m.bias", torch.zeros(5))
// CHECK: def add(self, name, value, trained=True):
// CHECK: nn.Parameter(value, requires_grad=trained)
// CHECK: torch.log1p(2**20 * F.relu(x)) / 16
ccm.model @m train {optimizer = "adamw", learning_rate = 1.0e-3} {
  %x = ccm.input "wave" low : tensor<?x40x1xf32>
  %w = ccm.parameter "core.f.weight" shape [16, 16, 1] layout(#ccm.layout<extents = [1, 1, 16, 16], dims = [0, 2, 1, 0], steps = [16, 1, 1, 1]>) init("fourier", 2.0) frozen : tensor<1x1x16x16xf32>
  %b = ccm.parameter "core.f.bias" shape [16] init("zeros", 0.0) frozen : tensor<16xf32>
  %0 = ccm.conv %x, %w, %b stride [8] padding [4] : tensor<?x40x1xf32>, tensor<1x1x16x16xf32>, tensor<16xf32> -> tensor<?x5x16xf32>
  %1 = ccm.multiply %0, %0 : tensor<?x5x16xf32>
  %m = ccm.parameter "core.m.weight" shape [5, 16] layout(#ccm.layout<extents = [1, 16, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("mel", 1.0) frozen : tensor<1x16x16xf32>
  %c = ccm.parameter "core.m.bias" shape [5] layout(#ccm.layout<extents = [16], dims = [0], steps = [1]>) init("zeros", 0.0) : tensor<16xf32>
  %2 = ccm.dense %1, %m, %c : tensor<?x5x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x5x5xf32>
  %3 = ccm.log_power %2 : tensor<?x5x5xf32>
  ccm.output "heard" %3 low loss("mse") : tensor<?x5x5xf32>
}
