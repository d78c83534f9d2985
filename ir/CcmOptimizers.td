// SPDX-License-Identifier: Apache-2.0
// The optimizers: elementwise primitives with state; one update formula each.
#ifndef CCM_OPTIMIZERS_TD
#define CCM_OPTIMIZERS_TD

include "CcmAttributes.td"
include "CcmInterfaces.td"

/// `p` is the parameter, `d` the summed raw delta (the direction of descent), `s0`, `s1` the states,
/// `h` the step's numbers. `formula` lists the new parameter and the new states.
class Ccm_OptimizerOp<string mnemonic, int states, string formula> : Ccm_Op<mnemonic, [
    DeclareOpInterfaceMethods<OptimizerOpInterface>]> {
  let assemblyFormat = "attr-dict";
  code head = [{
    unsigned $cppClass::getStateCount() { return }];
  code middle = [{; }
    ::llvm::SmallVector<::ccm::Scalar> $cppClass::update(::ccm::Scalar p, ::ccm::Scalar d,
        ::llvm::ArrayRef<::ccm::Scalar> s, const ::ccm::Hyper &h) { }];
  code tail = " }\n";
  let extraClassDefinition = head # states # middle # formula # tail;
}

def AdamOp : Ccm_OptimizerOp<"adam", 2, [{
    double beta1 = number(getBeta1()), beta2 = number(getBeta2());
    Scalar m = beta1 * s[0] + (1.0 - beta1) * d;
    Scalar v = beta2 * s[1] + (1.0 - beta2) * d * d;
    return {p + h.learningRate * adamDirection(m, v, number(getEpsilon()), h), m, v};
  }]> {
  let summary = "steps scaled by running first and second moments";
  let description = [{
    m' = b1 m + (1-b1) d; v' = b2 v + (1-b2) d^2;
    p' = p + rate * (m'/(1-b1^t)) / (sqrt(v'/(1-b2^t)) + e) (Kingma and Ba, 2014)

    Example: `ccm.adam`
  }];
  let arguments = (ins DefaultValuedAttr<F64Attr, "0.9">:$beta1,
                       DefaultValuedAttr<F64Attr, "0.999">:$beta2,
                       DefaultValuedAttr<F64Attr, "1.0e-8">:$epsilon);
}

def AdamwOp : Ccm_OptimizerOp<"adamw", 2, [{
    double beta1 = number(getBeta1()), beta2 = number(getBeta2());
    Scalar m = beta1 * s[0] + (1.0 - beta1) * d;
    Scalar v = beta2 * s[1] + (1.0 - beta2) * d * d;
    Scalar decayed = p - h.learningRate * h.decay * number(getWeightDecay()) * p;
    return {decayed + h.learningRate * adamDirection(m, v, number(getEpsilon()), h), m, v};
  }]> {
  let summary = "adam with decoupled weight decay";
  let description = [{
    p' = p - rate * decay * p + adam's step (Loshchilov and Hutter, 2017); the decay applies to
    parameters marked so.

    Example: `ccm.adamw`
  }];
  let arguments = (ins DefaultValuedAttr<F64Attr, "0.9">:$beta1,
                       DefaultValuedAttr<F64Attr, "0.999">:$beta2,
                       DefaultValuedAttr<F64Attr, "1.0e-8">:$epsilon,
                       DefaultValuedAttr<F64Attr, "0.01">:$weight_decay);
}

def MomentumOp : Ccm_OptimizerOp<"momentum", 1, [{
    Scalar velocity = number(getMomentum()) * s[0] + d;
    return {p + h.learningRate * velocity, velocity};
  }]> {
  let summary = "steps along a running sum of deltas";
  let description = [{
    u' = 0.9 u + d; p' = p + rate * u'

    Example: `ccm.momentum`
  }];
  let arguments = (ins DefaultValuedAttr<F64Attr, "0.9">:$momentum);
}

def SgdOp : Ccm_OptimizerOp<"sgd", 0, [{ return {p + h.learningRate * d}; }]> {
  let summary = "steps along the delta";
  let description = [{
    p' = p + rate * d

    Example: `ccm.sgd`
  }];
}

#endif
