// RUN: ccm-opt %s -ccm-kernels=entries=infer | FileCheck %s --check-prefix=INFER
// RUN: ccm-opt %s -ccm-kernels=entries=train | FileCheck %s --check-prefix=TRAIN
// RUN: ccm-opt %s -ccm-kernels | FileCheck %s --check-prefix=ALL
// RUN: ccm-opt %s -ccm-expand-forward -ccm-derive-entries -ccm-select-entries=keep=infer \
// RUN:   | FileCheck %s --check-prefix=INFER
// RUN: not ccm-opt %s -ccm-kernels=entries=some 2>&1 | FileCheck %s --check-prefix=WRONG

// A library that infers has nothing else; one that trains has no deltas of inputs.
// INFER: module attributes {ccm.entries = "infer"}
// INFER-NOT: func.func {{@(forward|loss|backward|update)}}
// INFER: func.func @infer_1(
// INFER-NOT: func.func {{@(forward|loss|backward|update)}}
// TRAIN: module attributes {ccm.entries = "train"}
// TRAIN: func.func @forward_1(
// TRAIN: func.func @infer_1(
// TRAIN-NOT: func.func {{@backward(_input)?_1}}(
// TRAIN: func.func @backward_train_1(
// TRAIN: func.func @update_16(
// ALL-NOT: ccm.entries
// ALL: func.func @backward_1(
// WRONG: error: expects entries 'infer', 'train' or 'all', got 'some'
ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  %t = ccm.parameter "t" shape [8] init("zeros", 0.0) : tensor<8xf32>
  %a = ccm.positions %x, %t : tensor<?x8xf32>, tensor<8xf32>
  %y = ccm.tanh %a : tensor<?x8xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x8xf32>
}
