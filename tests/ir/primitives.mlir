// RUN: ccm-opt %s | ccm-opt | FileCheck %s
// RUN: ccm-opt %s -mlir-print-op-generic | ccm-opt | FileCheck %s

// CHECK-LABEL: @elementwise
func.func @elementwise(%x: tensor<?x8x64xf32>) -> tensor<?x8x64xf32> {
  // CHECK: %[[A:.*]] = ccm.gelu %{{.*}} : tensor<?x8x64xf32>
  %a = ccm.gelu %x : tensor<?x8x64xf32>
  // CHECK: %[[B:.*]] = ccm.relu %[[A]] : tensor<?x8x64xf32>
  %b = ccm.relu %a : tensor<?x8x64xf32>
  // CHECK: %[[C:.*]] = ccm.sigmoid %[[B]] : tensor<?x8x64xf32>
  %c = ccm.sigmoid %b : tensor<?x8x64xf32>
  // CHECK: %[[D:.*]] = ccm.silu %[[C]] : tensor<?x8x64xf32>
  %d = ccm.silu %c : tensor<?x8x64xf32>
  // CHECK: %[[E:.*]] = ccm.tanh %[[D]] : tensor<?x8x64xf32>
  %e = ccm.tanh %d : tensor<?x8x64xf32>
  // CHECK: ccm.log_power %[[E]] : tensor<?x8x64xf32>
  %y = ccm.log_power %e : tensor<?x8x64xf32>
  return %y : tensor<?x8x64xf32>
}

// CHECK-LABEL: @joining
func.func @joining(%x: tensor<?x8x64xf32>, %z: tensor<?x1x64xf32>) -> tensor<?x9x64xf32> {
  // CHECK: %[[A:.*]] = ccm.add %{{.*}}, %{{.*}} : tensor<?x8x64xf32>
  %a = ccm.add %x, %x : tensor<?x8x64xf32>
  // CHECK: %[[B:.*]] = ccm.multiply %[[A]], %{{.*}} : tensor<?x8x64xf32>
  %b = ccm.multiply %a, %x : tensor<?x8x64xf32>
  // CHECK: ccm.concat 1 %[[B]], %{{.*}} : (tensor<?x8x64xf32>, tensor<?x1x64xf32>) -> tensor<?x9x64xf32>
  %y = ccm.concat 1 %b, %z : (tensor<?x8x64xf32>, tensor<?x1x64xf32>) -> tensor<?x9x64xf32>
  return %y : tensor<?x9x64xf32>
}

// CHECK-LABEL: @shaping
func.func @shaping(%x: tensor<?x64xf32>, %ids: tensor<?x6xi32>) {
  // CHECK: %[[A:.*]] = ccm.broadcast %{{.*}} : tensor<?x64xf32> -> tensor<?x7x6x64xf32>
  %a = ccm.broadcast %x : tensor<?x64xf32> -> tensor<?x7x6x64xf32>
  // CHECK: ccm.mean_pool %[[A]] window [7, 3] : tensor<?x7x6x64xf32> -> tensor<?x1x2x64xf32>
  %b = ccm.mean_pool %a window [7, 3] : tensor<?x7x6x64xf32> -> tensor<?x1x2x64xf32>
  // CHECK: %[[C:.*]] = ccm.patch %[[A]] window [4, 3] : tensor<?x7x6x64xf32> -> tensor<?x2x2x768xf32>
  %c = ccm.patch %a window [4, 3] : tensor<?x7x6x64xf32> -> tensor<?x2x2x768xf32>
  // CHECK: ccm.unpatch %[[C]] window [4, 3] : tensor<?x2x2x768xf32> -> tensor<?x7x6x64xf32>
  %d = ccm.unpatch %c window [4, 3] : tensor<?x2x2x768xf32> -> tensor<?x7x6x64xf32>
  // CHECK: ccm.frame %[[A]] start [-1, 2] : tensor<?x7x6x64xf32> -> tensor<?x9x3x64xf32>
  %h = ccm.frame %a start [-1, 2] : tensor<?x7x6x64xf32> -> tensor<?x9x3x64xf32>
  // CHECK: ccm.resample %[[A]] factor [2, 3] : tensor<?x7x6x64xf32> -> tensor<?x13x18x64xf32>
  %i = ccm.resample %a factor [2, 3] : tensor<?x7x6x64xf32> -> tensor<?x13x18x64xf32>
  // CHECK: ccm.reshape %[[C]] : tensor<?x2x2x768xf32> -> tensor<?x4x768xf32>
  %e = ccm.reshape %c : tensor<?x2x2x768xf32> -> tensor<?x4x768xf32>
  // CHECK: ccm.reshape %{{.*}} : tensor<?x6xi32> -> tensor<?x2x3xi32>
  %f = ccm.reshape %ids : tensor<?x6xi32> -> tensor<?x2x3xi32>
  // CHECK: ccm.softmax %{{.*}} : tensor<?x64xf32>
  %g = ccm.softmax %x : tensor<?x64xf32>
  return
}

// CHECK-LABEL: @learned
func.func @learned(%x: tensor<?x64xi32>, %t: tensor<256x128xf32>, %p: tensor<64x128xf32>,
                   %g: tensor<128xf32>, %w: tensor<3x128x128xf32>, %b: tensor<384xf32>) {
  // CHECK: %[[A:.*]] = ccm.embedding %{{.*}}, %{{.*}} : tensor<?x64xi32>, tensor<256x128xf32> -> tensor<?x64x128xf32>
  %a = ccm.embedding %x, %t : tensor<?x64xi32>, tensor<256x128xf32> -> tensor<?x64x128xf32>
  // CHECK: %[[B:.*]] = ccm.positions %[[A]], %{{.*}} : tensor<?x64x128xf32>, tensor<64x128xf32>
  %c = ccm.positions %a, %p : tensor<?x64x128xf32>, tensor<64x128xf32>
  // CHECK: %[[C:.*]] = ccm.layer_norm %[[B]], %{{.*}}, %{{.*}} : tensor<?x64x128xf32>, tensor<128xf32>
  %d = ccm.layer_norm %c, %g, %g : tensor<?x64x128xf32>, tensor<128xf32>
  // CHECK: ccm.dense %[[C]], %{{.*}}, %{{.*}} : tensor<?x64x128xf32>, tensor<3x128x128xf32>, tensor<384xf32> -> tensor<?x64x300xf32>
  %e = ccm.dense %d, %w, %b : tensor<?x64x128xf32>, tensor<3x128x128xf32>, tensor<384xf32> -> tensor<?x64x300xf32>
  // CHECK: ccm.attention %[[C]], %[[B]], %[[B]] heads 4 : tensor<?x64x128xf32>, tensor<?x64x128xf32>
  %f = ccm.attention %d, %c, %c heads 4 : tensor<?x64x128xf32>, tensor<?x64x128xf32>
  // CHECK: ccm.attention %[[C]], %[[C]], %[[C]] heads 2 causal : tensor<?x64x128xf32>, tensor<?x64x128xf32>
  %h = ccm.attention %d, %d, %d heads 2 causal : tensor<?x64x128xf32>, tensor<?x64x128xf32>
  return
}

// CHECK-LABEL: @convolutions
func.func @convolutions(%x: tensor<?x28x28x1xf32>, %w: tensor<1x3x1x3x16xf32>, %b: tensor<16xf32>,
                        %s: tensor<?x50x64xf32>, %u: tensor<4x2x64x64xf32>, %v: tensor<32xf32>,
                        %l: tensor<2x64x5x16xf32>, %n: tensor<?x8x8x8x2xf32>,
                        %m: tensor<1x3x3x2x3x16xf32>, %t: tensor<1x2x2x2x2x16xf32>, %o: tensor<1xf32>) {
  // CHECK: ccm.conv %{{.*}}, %{{.*}}, %{{.*}} stride [2, 1] padding [1, 0] : tensor<?x28x28x1xf32>, tensor<1x3x1x3x16xf32>, tensor<16xf32> -> tensor<?x14x26x16xf32>
  %a = ccm.conv %x, %w, %b stride [2, 1] padding [1, 0] : tensor<?x28x28x1xf32>, tensor<1x3x1x3x16xf32>, tensor<16xf32> -> tensor<?x14x26x16xf32>
  // CHECK: ccm.conv %{{.*}}, %{{.*}}, %{{.*}} stride [5] padding [0] : tensor<?x50x64xf32>, tensor<2x64x5x16xf32>, tensor<32xf32> -> tensor<?x10x32xf32>
  %c = ccm.conv %s, %l, %v stride [5] padding [0] : tensor<?x50x64xf32>, tensor<2x64x5x16xf32>, tensor<32xf32> -> tensor<?x10x32xf32>
  // CHECK: ccm.conv_transpose %{{.*}}, %{{.*}}, %{{.*}} stride [8] padding [4] : tensor<?x50x64xf32>, tensor<4x2x64x64xf32>, tensor<32xf32> -> tensor<?x400x32xf32>
  %d = ccm.conv_transpose %s, %u, %v stride [8] padding [4] : tensor<?x50x64xf32>, tensor<4x2x64x64xf32>, tensor<32xf32> -> tensor<?x400x32xf32>
  // CHECK: ccm.conv %{{.*}}, %{{.*}}, %{{.*}} stride [1, 2, 1] padding [1, 1, 1] : tensor<?x8x8x8x2xf32>, tensor<1x3x3x2x3x16xf32>, tensor<16xf32> -> tensor<?x8x4x8x5xf32>
  %e = ccm.conv %n, %m, %b stride [1, 2, 1] padding [1, 1, 1] : tensor<?x8x8x8x2xf32>, tensor<1x3x3x2x3x16xf32>, tensor<16xf32> -> tensor<?x8x4x8x5xf32>
  // CHECK: ccm.conv_transpose %{{.*}}, %{{.*}}, %{{.*}} stride [2, 2, 2] padding [1, 1, 1] : tensor<?x8x8x8x2xf32>, tensor<1x2x2x2x2x16xf32>, tensor<1xf32> -> tensor<?x16x16x17x1xf32>
  %f = ccm.conv_transpose %n, %t, %o stride [2, 2, 2] padding [1, 1, 1] : tensor<?x8x8x8x2xf32>, tensor<1x2x2x2x2x16xf32>, tensor<1xf32> -> tensor<?x16x16x17x1xf32>
  return
}

// CHECK-LABEL: @losses
func.func @losses(%x: tensor<?x10xf32>, %i: tensor<?xi32>) {
  // CHECK: ccm.bce %{{.*}}, %{{.*}} : tensor<?x10xf32>, tensor<?x10xf32> -> tensor<?xf32>
  %a = ccm.bce %x, %x : tensor<?x10xf32>, tensor<?x10xf32> -> tensor<?xf32>
  // CHECK: ccm.cross_entropy %{{.*}}, %{{.*}} : tensor<?x10xf32>, tensor<?xi32> -> tensor<?xf32>
  %b = ccm.cross_entropy %x, %i : tensor<?x10xf32>, tensor<?xi32> -> tensor<?xf32>
  // CHECK: ccm.huber %{{.*}}, %{{.*}} : tensor<?x10xf32>, tensor<?x10xf32> -> tensor<?xf32>
  %c = ccm.huber %x, %x : tensor<?x10xf32>, tensor<?x10xf32> -> tensor<?xf32>
  // CHECK: ccm.l1 %{{.*}}, %{{.*}} : tensor<?x10xf32>, tensor<?x10xf32> -> tensor<?xf32>
  %d = ccm.l1 %x, %x : tensor<?x10xf32>, tensor<?x10xf32> -> tensor<?xf32>
  // CHECK: ccm.mse %{{.*}}, %{{.*}} : tensor<?x10xf32>, tensor<?x10xf32> -> tensor<?xf32>
  %e = ccm.mse %x, %x : tensor<?x10xf32>, tensor<?x10xf32> -> tensor<?xf32>
  return
}

// CHECK-LABEL: @optimizers
func.func @optimizers() {
  // CHECK: ccm.adam {beta1 = 8.{{0*}}e-01 : f64
  ccm.adam {beta1 = 0.8 : f64}
  // CHECK: ccm.adamw
  ccm.adamw
  // CHECK: ccm.momentum
  ccm.momentum
  // CHECK: ccm.sgd
  ccm.sgd
  return
}
