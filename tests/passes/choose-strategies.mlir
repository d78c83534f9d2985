// RUN: ccm-opt %s -split-input-file -ccm-choose-strategies | FileCheck %s
// RUN: ccm-opt %s -split-input-file -ccm-choose-strategies=explain=true | FileCheck %s --check-prefix=EXPLAIN

// Every part gets a strategy that uses most of its budget.
// CHECK-LABEL: ccm.model @fashion
ccm.model @fashion train {} {
  %x = ccm.input "image" high : tensor<?x28x28x1xf32>
  // CHECK: ccm.reduce "image" {{.*}} by("conv-pyramid" {depth = {{[0-9]+}} : i64, stem = {{[0-9]+}} : i64, widths = array<i64: {{.*}}>})
  // CHECK-SAME: rejected = [{{.*}}reason = "{{(needs|scores|uses).*}}strategy = "patch-embed"
  // EXPLAIN: ccm.reduce "image"
  // EXPLAIN-SAME: reason = "needs {{[0-9]+}} MACs of 2000000"
  // EXPLAIN-SAME: reason = "uses {{[0-9]+}} % of the budget, others 60 % and more"
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 2000000, parameters = 0, activation_bytes = 0>) : tensor<?x28x28x1xf32>
  // CHECK: ccm.core "fashion" {{.*}} by("transformer" {depth = {{[0-9]+}} : i64, width = {{[0-9]+}} : i64})
  %c = ccm.core "fashion" %t budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>)
  // CHECK: ccm.expand "label" {{.*}} by("pool-dense" {hidden = {{[0-9]+}} : i64})
  %y = ccm.expand "label" %c budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>) : tensor<?x10xf32>
  ccm.output "label" %y pointwise vocabulary 10 loss("cross_entropy") : tensor<?x10xf32>
}

// -----

// A pin fixes the strategy and what it says of the configuration; a budget of parameters binds too.
// CHECK-LABEL: ccm.model @pinned
ccm.model @pinned train {} {
  %x = ccm.input "image" high : tensor<?x28x28x1xf32>
  // CHECK: ccm.reduce "image" {{.*}} by("conv-pyramid" {depth = {{[0-9]+}} : i64, stem = 2 : i64, widths = array<i64: 24, 40>})
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 5000000, parameters = 0, activation_bytes = 0>) pin {name = "conv-pyramid", stem = 2, widths = array<i64: 24, 40>} : tensor<?x28x28x1xf32>
  // CHECK: ccm.core "pinned" {{.*}} by("transformer" {depth = 1 : i64, width = 32 : i64})
  %c = ccm.core "pinned" %t budget(#ccm.budget<macs = 100000000, parameters = 20000, activation_bytes = 0>)
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// An output with an input's positions keeps a token for each; a choice made before stays.
// CHECK-LABEL: ccm.model @tags
ccm.model @tags train {} {
  %x = ccm.input "text" low vocabulary 64 : tensor<?x48xi32>
  // CHECK: ccm.reduce "text" {{.*}} by("embedding" {depth = {{[0-9]+}} : i64, width = {{[0-9]+}} : i64, window = 1 : i64})
  %t = ccm.reduce "text" %x budget(#ccm.budget<macs = 2000000, parameters = 0, activation_bytes = 0>) : tensor<?x48xi32>
  // CHECK: ccm.core "tags" {{.*}} by("transformer" {depth = 1 : i64, width = 64 : i64})
  %c = ccm.core "tags" %t budget(#ccm.budget<macs = 5000000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 64 : i64})
  // CHECK: ccm.expand "tags" {{.*}} by("token-dense"
  %y = ccm.expand "tags" %c budget(#ccm.budget<macs = 2000000, parameters = 0, activation_bytes = 0>) : tensor<?x48x8xf32>
  ccm.output "tags" %y low vocabulary 8 loss("cross_entropy") : tensor<?x48x8xf32>
}

// -----

// An output at all the positions of a high input: windows keep a token for each, which they can pay.
// CHECK-LABEL: ccm.model @restored
ccm.model @restored train {} {
  %x = ccm.input "picture" high : tensor<?x30x30x8xf32>
  // CHECK: ccm.reduce "picture" {{.*}} by("window-attention" {depth = {{[0-9]+}} : i64, merge = 1 : i64, patch = 1 : i64, width = {{[0-9]+}} : i64, window = 8 : i64})
  // CHECK-SAME: rejected = [{{.*}}reason = "{{(needs|scores|uses).*}}strategy = "conv-pyramid"
  %t = ccm.reduce "picture" %x budget(#ccm.budget<macs = 260000000, parameters = 0, activation_bytes = 0>) : tensor<?x30x30x8xf32>
  %c = ccm.core "restored" %t budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "clean" %c budget(#ccm.budget<macs = 40000000, parameters = 0, activation_bytes = 0>) : tensor<?x30x30x2xf32>
  ccm.output "clean" %y high loss("mse") : tensor<?x30x30x2xf32>
}

// -----

// Where the core's budget does not carry all tokens, the reduce part gives fewer.
// CHECK-LABEL: ccm.model @fewer
ccm.model @fewer train {} {
  %x = ccm.input "text" low vocabulary 64 : tensor<?x900xi32>
  // CHECK: ccm.reduce "text" {{.*}} by("embedding" {{{.*}}window = {{[1-9][0-9]*[02468]}} : i64})
  %t = ccm.reduce "text" %x budget(#ccm.budget<macs = 20000000, parameters = 0, activation_bytes = 0>) : tensor<?x900xi32>
  %c = ccm.core "fewer" %t budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// A free input of a pinned output gives a token per position, though fewer would score better.
// CHECK-LABEL: ccm.model @owes
// CHECK: ccm.reduce "x" {{.*}} by("conv-pyramid" {depth = 1 : i64, stem = 1 : i64, widths = array<i64: {{[0-9]+}}>})
// CHECK: ccm.expand "y" {{.*}} by("token-dense"
ccm.model @owes train {} {
  %x = ccm.input "x" low : tensor<?x2x5x7x1xf32>
  %t = ccm.reduce "x" %x budget(#ccm.budget<macs = 200000, parameters = 0, activation_bytes = 0>) : tensor<?x2x5x7x1xf32>
  %c = ccm.core "owes" %t budget(#ccm.budget<macs = 4000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "y" %c budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>) pin {name = "token-dense"} : tensor<?x2x5x7x1xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x2x5x7x1xf32>
}

// -----

// The shortest signal that the convolutions serve, when they are pinned.
// CHECK-LABEL: ccm.model @shortest
// CHECK: ccm.reduce "x" {{.*}} by("strided-conv" {stages = 1
ccm.model @shortest train {} {
  %x = ccm.input "x" low : tensor<?x20x1xf32>
  %t = ccm.reduce "x" %x budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>) pin {name = "strided-conv"} : tensor<?x20x1xf32>
  %c = ccm.core "shortest" %t budget(#ccm.budget<macs = 4000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "y" %c budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Parts without a budget share the core's: what the input takes is not the core's any more.
// CHECK-LABEL: ccm.model @shared
// CHECK: ccm.reduce "x" {{.*}} by("dense-embed" {depth = 0 : i64, width = {{16|32}} : i64})
// CHECK: ccm.core "shared" {{.*}} by("mlp" {depth = {{[1-4]}} : i64, width = {{16|32|48|64}} : i64})
// CHECK: ccm.expand "y" {{.*}} by("pool-dense" {hidden = 0 : i64})
ccm.model @shared train {} {
  %x = ccm.input "x" pointwise : tensor<?x2xf32>
  %t = ccm.reduce "x" %x : tensor<?x2xf32>
  %c = ccm.core "shared" %t budget(#ccm.budget<macs = 3000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "y" %c : tensor<?x1xf32>
  ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// A core is no wider than an output with a small budget of its own can read.
// CHECK-LABEL: ccm.model @narrow
// CHECK: ccm.core "narrow" {{.*}} by("mlp" {depth = {{[0-9]+}} : i64, width = 16 : i64})
// CHECK: ccm.expand "y" {{.*}} by("pool-dense" {hidden = 0 : i64})
ccm.model @narrow train {} {
  %x = ccm.input "x" pointwise : tensor<?x20xf32>
  %t = ccm.reduce "x" %x : tensor<?x20xf32>
  %c = ccm.core "narrow" %t budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "y" %c budget(#ccm.budget<macs = 256, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Four numbers bear no wide core, whatever may be spent.
// CHECK-LABEL: ccm.model @few
// CHECK: ccm.core "few" {{.*}} by("mlp" {depth = 2 : i64, width = 64 : i64})
// CHECK-SAME: is wider or deeper than is of use here
ccm.model @few train {} {
  %x = ccm.input "x" pointwise : tensor<?x4xf32>
  %t = ccm.reduce "x" %x : tensor<?x4xf32>
  %c = ccm.core "few" %t budget(#ccm.budget<macs = 10000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "y" %c : tensor<?x1xf32>
  ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
}
