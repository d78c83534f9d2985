// SPDX-License-Identifier: Apache-2.0
// Elementwise: y = forward(x), dx = backward(x, y, dy); two formulas each. Read by CcmPrimitives.td.
#ifndef CCM_ELEMENTWISE_TD
#define CCM_ELEMENTWISE_TD

class Ccm_ElementwiseOp<string mnemonic, string forward, string backward>
    : Ccm_Primitive<mnemonic, [StepOpInterface, AllTypesMatch<["input", "output"]>]> {
  let arguments = (ins Ccm_Value:$input);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input attr-dict `:` type($output)";
  code declaration = [{
    /// The formulas of the definition, on scalars.
    static ::ccm::Scalar forward(::ccm::Scalar x);
    static ::ccm::Scalar backward(::ccm::Scalar x, ::ccm::Scalar y, ::ccm::Scalar dy);
  }];
  let extraClassDeclaration = declaration;
  code definitionHead = [{
    ::ccm::Scalar $cppClass::forward(::ccm::Scalar x) { return }];
  code definitionMiddle = [{; }
    ::ccm::Scalar $cppClass::backward(::ccm::Scalar x, ::ccm::Scalar y, ::ccm::Scalar dy) { return }];
  code definitionTail = [{; }
    ::llvm::LogicalResult $cppClass::buildForward(::ccm::ForwardBuilder &b) {
      return ::ccm::buildElementwiseForward(b, &$cppClass::forward);
    }
    ::llvm::LogicalResult $cppClass::buildBackward(::ccm::BackwardBuilder &b) {
      return ::ccm::buildElementwiseBackward(b, &$cppClass::backward);
    }
  }];
  let extraClassDefinition = definitionHead # forward # definitionMiddle # backward # definitionTail;
}

def FillMissingOp : Ccm_ElementwiseOp<"fill_missing", "select(isNumber(x), x, 0.0)",
    "select(isNumber(x), dy, 0.0)"> {
  let summary = "values, and 0 in place of those that are missing";
  let torch = "torch.where(torch.isnan({input}), 0, {input})";
  let description = [{
        y = x, and 0 where x is NaN

    Example: `%y = ccm.fill_missing %x : tensor<?x64xf32>`
  }];
}

def IsMissingOp : Ccm_ElementwiseOp<"is_missing", "select(isNumber(x), 0.0, x.constant(1.0))",
    "dy.constant(0.0)"> {
  let summary = "1 where a value is missing";
  let torch = "torch.isnan({input}).to({input})";
  let description = [{
        y = 0, and 1 where x is NaN

    Example: `%y = ccm.is_missing %x : tensor<?x64xf32>`
  }];
}

def GeluOp : Ccm_ElementwiseOp<"gelu",
    "x * (0.5 + 0.5 * tanh(geluArgument(x)))",
    "dy * geluDerivative(x)"> {
  let summary = "gaussian error linear unit, by its tanh form";
  let torch = "F.gelu({input}, approximate='tanh')";
  let description = [{
        y = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))

    The tanh form of Hendrycks and Gimpel, 2016.

    Example: `%y = ccm.gelu %x : tensor<?x64xf32>`
  }];
}

def LogPowerOp : Ccm_ElementwiseOp<"log_power", "logPower(x)", "dy * logPowerDerivative(x)"> {
  let summary = "logarithm of a power, above a floor of 60 dB below one";
  let torch = "torch.log1p(2**20 * F.relu({input})) / 16";
  let description = [{
        y = log(1 + 2^20 max(x, 0)) / 16

    0 where there is no power, so that silence is the zeros that convolutions pad with, and 0.87 at a
    power of one. Both numbers are exact in f32.

    Example: `%y = ccm.log_power %x : tensor<?x100x80xf32>`
  }];
}

def ReluOp : Ccm_ElementwiseOp<"relu", "max(x, 0.0)", "select(y > 0.0, dy, 0.0)"> {
  let summary = "rectified linear unit";
  let torch = "F.relu({input})";
  let description = [{
        y = max(x, 0)

    The delta passes where y is positive.

    Example: `%y = ccm.relu %x : tensor<?x64xf32>`
  }];
}

def SigmoidOp : Ccm_ElementwiseOp<"sigmoid", "sigmoid(x)", "dy * y * (1.0 - y)"> {
  let summary = "logistic function";
  let torch = "torch.sigmoid({input})";
  let description = [{
        y = 1 / (1 + exp(-x))

    Example: `%y = ccm.sigmoid %x : tensor<?x64xf32>`
  }];
}

// Far below zero the sigmoid may be a denormal instead of 0, which a huge x would make a number again.
def SiluOp : Ccm_ElementwiseOp<"silu", "x * sigmoid(x)",
    "dy * (sigmoid(x) * (1.0 + max(x, -100.0) * (1.0 - sigmoid(x))))"> {
  let summary = "sigmoid-weighted linear unit";
  let torch = "F.silu({input})";
  let description = [{
        y = x / (1 + exp(-x))

    Example: `%y = ccm.silu %x : tensor<?x64xf32>`
  }];
}

def SoftClipOp : Ccm_ElementwiseOp<"soft_clip", "3.0 * tanh(x / 3.0)", "dy * (1.0 - y * y / 9.0)"> {
  let summary = "values bent to lie between -3 and 3";
  let torch = "3 * torch.tanh({input} / 3)";
  let description = [{
        y = 3 tanh(x / 3)

    Near zero it is x: of numbers of deviation 1 those far out alone are changed.

    Example: `%y = ccm.soft_clip %x : tensor<?x64xf32>`
  }];
}

def TanhOp : Ccm_ElementwiseOp<"tanh", "tanh(x)", "dy * (1.0 - y * y)"> {
  let summary = "hyperbolic tangent";
  let torch = "torch.tanh({input})";
  let description = [{
        y = tanh(x)

    Example: `%y = ccm.tanh %x : tensor<?x64xf32>`
  }];
}

#endif
