// An input that no output depends on, of two extents, beside one that is read.
ccm.model @unread train {optimizer = "sgd", learning_rate = 1.0e-2 : f64} {
  %x = ccm.input "x" low : tensor<?x7xf32>
  %u = ccm.input "unread" low : tensor<?x5x3xf32>
  %w = ccm.parameter "w" shape [16, 7] layout(#ccm.layout<extents = [1, 7, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 3.0e-01) : tensor<1x7x16xf32>
  %b = ccm.parameter "b" shape [16] init("zeros", 0.0) : tensor<16xf32>
  %y = ccm.dense %x, %w, %b : tensor<?x7xf32>, tensor<1x7x16xf32>, tensor<16xf32> -> tensor<?x16xf32>
  %z = ccm.gelu %y : tensor<?x16xf32>
  ccm.output "y" %z low loss("mse") : tensor<?x16xf32>
}
