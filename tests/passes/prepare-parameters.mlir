// RUN: ccm-opt %s -ccm-expand-forward -ccm-expand-backward -ccm-choose-internals -ccm-prepare-parameters -ccm-derive-entries | FileCheck %s

ccm.model @m train {} blocks [1, 2] {
  %x = ccm.input "x" low : tensor<?x16xf32>
  %w = ccm.parameter "w" shape [16, 16] layout(#ccm.layout<extents = [1, 16, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 0.1) : tensor<1x16x16xf32>
  %b = ccm.parameter "b" shape [16] init("zeros", 0.0) : tensor<16xf32>
  %y = ccm.dense %x, %w, %b : tensor<?x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x16xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x16xf32>
}

// CHECK-LABEL: func.func @infer_1(
// CHECK-NOT: internal
// CHECK-LABEL: func.func @infer_2(
// CHECK-LABEL: func.func @backward_1(
// The transposed weights, once for both block sizes.
// CHECK-SAME: ccm.index = 0 : i64, ccm.role = "prepared"
// CHECK-LABEL: func.func @backward_2(
// CHECK-SAME: ccm.index = 0 : i64, ccm.role = "prepared"
// CHECK-LABEL: func.func @prepare(
// CHECK-SAME: -> (tensor<{{[^>]*}}> {ccm.index = 0 : i64, ccm.role = "prepared"})
