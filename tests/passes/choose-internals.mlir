// RUN: ccm-opt %s -ccm-expand-forward -ccm-expand-backward -ccm-choose-internals | FileCheck %s
// RUN: ccm-opt %s -ccm-expand-forward -ccm-expand-backward -ccm-choose-internals=cap=1 \
// RUN:   | FileCheck %s --check-prefix=CAP

ccm.model @m train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  %a = ccm.tanh %x : tensor<?x8xf32>
  %y = ccm.gelu %a : tensor<?x8xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x8xf32>
}

// The backward of gelu reads its operand, that of tanh its result: one value is kept for both.
// CHECK-LABEL: func.func @forward_1(
// CHECK: %[[A:.*]] = linalg.generic
// CHECK: %[[Y:.*]] = linalg.generic
// CHECK: return %[[Y]], %[[A]]
// CHECK-LABEL: func.func @backward_1(
// CHECK-SAME: %[[KEPT:[^:]*]]: tensor<1x8xf32> {ccm.index = 0 : i64, ccm.role = "internal"}
// CHECK: ins(%[[KEPT]], %{{.*}} :

// Under a cap it is computed again from the input, and nothing is kept.
// CAP-LABEL: func.func @backward_1(
// CAP-NOT: internal
// CAP: math.tanh
