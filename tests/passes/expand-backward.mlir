// RUN: ccm-opt %s -split-input-file -ccm-expand-backward | FileCheck %s

// Two uses of a value: their deltas add. The train delta starts at the given one.
ccm.model @m train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  %t = ccm.parameter "t" shape [8] init("zeros", 0.0) : tensor<8xf32>
  %a = ccm.tanh %x : tensor<?x8xf32>
  %p = ccm.positions %a, %t : tensor<?x8xf32>, tensor<8xf32>
  %y = ccm.add %p, %a : tensor<?x8xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @backward_1(
// CHECK-SAME: %[[DY:[^:]*]]: tensor<1x8xf32> {ccm.index = 0 : i64, ccm.role = "output_delta"}
// CHECK-SAME: %[[DT:[^:]*]]: tensor<8xf32> {ccm.index = 0 : i64, ccm.role = "delta"}
// CHECK: math.tanh
// CHECK: outs(%[[DT]] : tensor<8xf32>)
// CHECK: %[[DX:.*]] = linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : tensor<1x8xf32>, tensor<1x8xf32>)

// -----

// The delta of an input that nothing reads is zeros, not left unwritten.
ccm.model @unread train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  %u = ccm.input "unread" low : tensor<?x3xf32>
  %i = ccm.input "index" low vocabulary 4 : tensor<?x3xi32>
  %y = ccm.tanh %x : tensor<?x8xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @backward_1(
// CHECK: %[[ZEROS:.*]] = linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]} outs(%{{.*}} : tensor<1x3xf32>)
// CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK: linalg.yield %[[ZERO]]
// CHECK: return %{{.*}}, %[[ZEROS]] : tensor<1x8xf32>, tensor<1x3xf32>

// -----

// A frozen parameter has no delta, and nothing is computed for one.
ccm.model @frozen train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  %t = ccm.parameter "t" shape [8] init("zeros", 0.0) frozen : tensor<8xf32>
  %u = ccm.parameter "u" shape [8] init("zeros", 0.0) : tensor<8xf32>
  %p = ccm.positions %x, %t : tensor<?x8xf32>, tensor<8xf32>
  %q = ccm.positions %p, %u : tensor<?x8xf32>, tensor<8xf32>
  ccm.output "y" %q low loss("mse") : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @backward_1(
// CHECK-NOT: ccm.index = 0 : i64, ccm.role = "delta"
// CHECK-SAME: {ccm.index = 1 : i64, ccm.role = "delta"}
// CHECK-SAME: -> (tensor<1x8xf32> {ccm.index = 0 : i64, ccm.role = "input_delta"}, tensor<8xf32> {ccm.index = 1 : i64, ccm.role = "delta"})
