// A high volume through convolutions over three axes to a label and to another high volume.
ccm.model @scan train {optimizer = "adamw", learning_rate = 1.000000e-03 : f64} {
  %x = ccm.input "scan" high : tensor<?x16x16x16x1xf32>
  %t = ccm.reduce "scan" %x budget(#ccm.budget<macs = 2000000, parameters = 0, activation_bytes = 0>) by("conv-pyramid" {depth = 2 : i64, stem = 4 : i64, widths = array<i64: 16>}) : tensor<?x16x16x16x1xf32>
  %c = ccm.core "scan" %t budget(#ccm.budget<macs = 2000000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %k = ccm.expand "kind" %c budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x4xf32>
  ccm.output "kind" %k pointwise vocabulary 4 loss("cross_entropy") : tensor<?x4xf32>
  %y = ccm.expand "tiny" %c budget(#ccm.budget<macs = 2000000, parameters = 0, activation_bytes = 0>) by("transposed-conv" {pooled = 1 : i64, strides = array<i64: 3, 2>, width = 16 : i64}) : tensor<?x12x10x11x1xf32>
  ccm.output "tiny" %y high loss("mse") : tensor<?x12x10x11x1xf32>
}
