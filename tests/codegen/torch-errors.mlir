// RUN: not ccm-compile %s --emit=torch -q -o - 2>&1 | FileCheck %s

ccm.model @m train {optimizer = "adamw", learning_rate = 1.0e-3} {
  %x = ccm.input "x" low : tensor<?x8x2xf32>
  // CHECK: torch-errors.mlir:[[@LINE+1]]:8: error: {{.*}}has no form in PyTorch: expects primitives alone
  %c = arith.constant dense<1.0> : tensor<4xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x8x2xf32>
}
