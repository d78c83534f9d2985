// RUN: ccm-opt %s -split-input-file -verify-diagnostics -ccm-choose-strategies

ccm.model @"row.json" train {} attributes {sym_visibility = "private"} {
  %x = ccm.input "numbers" low : tensor<?x4x8xf32>
  %t = ccm.parameter "table" shape [4, 8] init("normal", 1.0) : tensor<4x8xf32>
  %y = ccm.positions %x, %t : tensor<?x4x8xf32>, tensor<4x8xf32>
  ccm.output "mixed" %y low loss("l1") : tensor<?x4x8xf32>
}
ccm.model @input train {} {
  %x = ccm.input "row" low : tensor<?x5x8xf32>
  // expected-error @below {{strategy 'use' with row.json takes tensor<?x4x8xf32>, but is given tensor<?x5x8xf32>}}
  %t = ccm.reduce "row" %x pin {model = @"row.json", name = "use"} : tensor<?x5x8xf32>
  %c = ccm.core "input" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @missing train {} {
  %x = ccm.input "row" low : tensor<?x4x8xf32>
  // expected-error @below {{strategy 'use' with row.json expects a model of primitives, with one input and one output, that stands before}}
  %t = ccm.reduce "row" %x pin {model = @"row.json", name = "use"} : tensor<?x4x8xf32>
  %c = ccm.core "missing" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

// A model is not a part of itself.
ccm.model @itself train {} {
  %x = ccm.input "row" low : tensor<?x4x8xf32>
  // expected-error @below {{strategy 'use' with itself expects a model of primitives, with one input and one output, that stands before}}
  %t = ccm.reduce "row" %x pin {model = @itself, name = "use"} : tensor<?x4x8xf32>
  %c = ccm.core "itself" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @name train {} {
  %x = ccm.input "row" low : tensor<?x4x8xf32>
  // expected-error @below {{strategy 'use' expects model to be a model, which `use` names, got "row.json"}}
  %t = ccm.reduce "row" %x pin {model = "row.json", name = "use"} : tensor<?x4x8xf32>
  %c = ccm.core "name" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @width train {} {
  %x = ccm.input "row" low : tensor<?x4x8xf32>
  // expected-error @below {{strategy 'dense-embed' expects width to be a multiple of 16 from 16 to 4096, got the model itself}}
  %t = ccm.reduce "row" %x pin {width = @itself, name = "dense-embed"} : tensor<?x4x8xf32>
  %c = ccm.core "name" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @"core.json" train {} attributes {sym_visibility = "private"} {
  %x = ccm.input "tokens" low : tensor<?x5x8xf32>
  %t = ccm.parameter "table" shape [5, 8] init("normal", 1.0) : tensor<5x8xf32>
  %y = ccm.positions %x, %t : tensor<?x5x8xf32>, tensor<5x8xf32>
  ccm.output "mixed" %y low loss("l1") : tensor<?x5x8xf32>
}
ccm.model @core train {} {
  %x = ccm.input "row" low : tensor<?x4x8xf32>
  %t = ccm.reduce "row" %x pin {name = "dense-embed"} : tensor<?x4x8xf32>
  // expected-error @below {{strategy 'use' with core.json takes 5 tokens, but is given 4}}
  %c = ccm.core "core" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>) pin {model = @"core.json", name = "use"}
  %y = ccm.expand "value" %c : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @"indices.json" train {} attributes {sym_visibility = "private"} {
  %x = ccm.input "text" low vocabulary 9 : tensor<?x4xi32>
  %t = ccm.parameter "table" shape [9, 8] init("normal", 1.0) : tensor<9x8xf32>
  %y = ccm.embedding %x, %t : tensor<?x4xi32>, tensor<9x8xf32> -> tensor<?x4x8xf32>
  ccm.output "mixed" %y low loss("l1") : tensor<?x4x8xf32>
}
ccm.model @indices train {} {
  %x = ccm.input "row" low : tensor<?x4x8xf32>
  %t = ccm.reduce "row" %x : tensor<?x4x8xf32>
  // expected-error @below {{strategy 'use' with indices.json expects a model of a continuous input}}
  %c = ccm.core "core" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>) pin {model = @"indices.json", name = "use"}
  %y = ccm.expand "value" %c : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @"value.json" train {} attributes {sym_visibility = "private"} {
  %x = ccm.input "token" pointwise : tensor<?x8xf32>
  %y = ccm.gelu %x : tensor<?x8xf32>
  ccm.output "value" %y pointwise loss("l1") : tensor<?x8xf32>
}
ccm.model @output train {} {
  %x = ccm.input "row" low : tensor<?x4x8xf32>
  %t = ccm.reduce "row" %x : tensor<?x4x8xf32>
  %c = ccm.core "output" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>)
  // expected-error @below {{strategy 'use' with value.json gives tensor<?x8xf32>, but tensor<?x3xf32> is wanted}}
  %y = ccm.expand "value" %c pin {model = @"value.json", name = "use"} : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @"flat.json" train {} attributes {sym_visibility = "private"} {
  %x = ccm.input "numbers" pointwise : tensor<?xf32>
  ccm.output "number" %x pointwise loss("l1") : tensor<?xf32>
}
ccm.model @flat train {} {
  %x = ccm.input "row" low : tensor<?x4x8xf32>
  // expected-error @below {{strategy 'use' with flat.json expects a model whose values have channels}}
  %t = ccm.reduce "row" %x pin {model = @"flat.json", name = "use"} : tensor<?x4x8xf32>
  %c = ccm.core "core" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @"loose.json" train {} attributes {sym_visibility = "private"} {
  %n = arith.constant 1 : index
  %x = ccm.input "numbers" low : tensor<?x4x8xf32>
  ccm.output "number" %x low loss("l1") : tensor<?x4x8xf32>
}
ccm.model @loose train {} {
  %x = ccm.input "row" low : tensor<?x4x8xf32>
  // expected-error @below {{strategy 'use' with loose.json expects a model of primitives, with one input and one output, that stands before}}
  %t = ccm.reduce "row" %x pin {model = @"loose.json", name = "use"} : tensor<?x4x8xf32>
  %c = ccm.core "core" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}
