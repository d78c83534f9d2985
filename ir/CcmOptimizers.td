// SPDX-License-Identifier: Apache-2.0
// The optimizers: elementwise primitives with state; one update formula each.
#ifndef CCM_OPTIMIZERS_TD
#define CCM_OPTIMIZERS_TD

include "CcmAttributes.td"
include "CcmInterfaces.td"

/// A number of an optimizer: its name, its default, and its range in words and as initializers of
/// `NumberRange`'s members after the name.
class Ccm_Number<string attribute, string standard, string meaning, string range> {
  string name = attribute;
  string fallback = standard;
  string words = "    - `" # attribute # "`: " # meaning # "; " # standard # " unless given\n";
  string row = "{\"" # attribute # "\", " # range # "},";
}
class Ccm_Fraction<string name, string fallback>
    : Ccm_Number<name, fallback, "from 0 to below 1", "0.0, 1.0, true">;
class Ccm_Positive<string name, string fallback>
    : Ccm_Number<name, fallback, "positive", "::ccm::kSmallestNumber">;
class Ccm_NotNegative<string name, string fallback>
    : Ccm_Number<name, fallback, "not negative", "0.0">;

/// `p` is the parameter, `d` its mean delta over the batch (the direction of descent), `s0`, `s1` the
/// states, `h` the step's numbers. `formula` lists the new parameter and the new states; `meaning` is what
/// the description says before the numbers.
class Ccm_OptimizerOp<string mnemonic, int states, list<Ccm_Number> numbers, string formula>
    : Ccm_Op<mnemonic, [DeclareOpInterfaceMethods<OptimizerOpInterface>]> {
  let arguments = !dag(ins, !foreach(number, numbers, DefaultValuedAttr<F64Attr, number.fallback>),
                       !foreach(number, numbers, number.name));
  let assemblyFormat = "attr-dict";
  string meaning;
  string example = mnemonic;
  let description = meaning # !if(!empty(numbers), "", "\n    Numbers (C1):\n\n" #
      !foldl("", numbers, all, number, all # number.words)) # "\n    Example: `ccm." # example # "`";
  string rows = !foldl("", numbers, all, number, all # number.row);
  code ranges = [{
    ::llvm::ArrayRef<::ccm::NumberRange> $cppClass::getNumbers() {
      static const std::vector<::ccm::NumberRange> ranges = { }] # rows # [{ };
      return ranges;
    }
  }];
  code head = [{
    unsigned $cppClass::getStateCount() { return }];
  code middle = [{; }
    ::llvm::SmallVector<::ccm::Scalar> $cppClass::update(::ccm::Scalar p, ::ccm::Scalar d,
        ::llvm::ArrayRef<::ccm::Scalar> s, const ::ccm::Hyper &h) { }];
  code tail = " }\n";
  let extraClassDefinition = ranges # head # states # middle # formula # tail;
}

def AdamOp : Ccm_OptimizerOp<"adam", 2, [
    Ccm_Fraction<"beta1", "0.9">, Ccm_Fraction<"beta2", "0.999">,
    Ccm_Positive<"epsilon", "1.0e-8">], [{
    double beta1 = number(getBeta1()), beta2 = number(getBeta2());
    Scalar m = beta1 * s[0] + (1.0 - beta1) * d;
    Scalar v = beta2 * s[1] + (1.0 - beta2) * d * d;
    return {p + h.learningRate * adamDirection(m, v, number(getEpsilon()), h), m, v};
  }]> {
  let summary = "steps scaled by running first and second moments";
  let meaning = [{
        m' = beta1 * m + (1 - beta1) * d
        v' = beta2 * v + (1 - beta2) * d^2
        p' = p + rate * (m' / (1 - beta1^t)) / (sqrt(v' / (1 - beta2^t)) + epsilon)

    In step t, counted from 1 (Kingma and Ba, 2014).
  }];
  let example = "adam {beta1 = 8.0e-01}";
}

def AdamwOp : Ccm_OptimizerOp<"adamw", 2, [
    Ccm_Fraction<"beta1", "0.9">, Ccm_Fraction<"beta2", "0.999">,
    Ccm_Positive<"epsilon", "1.0e-8">,
    Ccm_NotNegative<"weight_decay", "0.3">], [{
    double beta1 = number(getBeta1()), beta2 = number(getBeta2());
    Scalar m = beta1 * s[0] + (1.0 - beta1) * d;
    Scalar v = beta2 * s[1] + (1.0 - beta2) * d * d;
    Scalar decayed = p - h.learningRate * h.decay * number(getWeightDecay()) * p;
    return {decayed + h.learningRate * adamDirection(m, v, number(getEpsilon()), h), m, v};
  }]> {
  let summary = "adam with decoupled weight decay";
  let meaning = [{
        p' = p - rate * weight_decay * p + the step of adam

    The decay applies to parameters that are marked so (Loshchilov and Hutter, 2017). Its default
    is far above theirs: what is declared is often trained on few rows, which a model learns by
    heart (docs/decisions/0024-defaults.md).
  }];
  let example = "adamw {weight_decay = 1.0e-03}";
}

def MomentumOp : Ccm_OptimizerOp<"momentum", 1, [Ccm_Fraction<"momentum", "0.9">], [{
    Scalar velocity = number(getMomentum()) * s[0] + d;
    return {p + h.learningRate * velocity, velocity};
  }]> {
  let summary = "steps along a running sum of deltas";
  let meaning = [{
        u' = momentum * u + d
        p' = p + rate * u'
  }];
  let example = "momentum {momentum = 9.5e-01}";
}

def SgdOp : Ccm_OptimizerOp<"sgd", 0, [], [{ return {p + h.learningRate * d}; }]> {
  let summary = "steps along the delta";
  let meaning = [{
        p' = p + rate * d
  }];
}

#endif
