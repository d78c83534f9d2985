// SPDX-License-Identifier: Apache-2.0
// Losses: how outputs are compared with targets. Read by CcmPrimitives.td.
#ifndef CCM_LOSSES_TD
#define CCM_LOSSES_TD

/// `loss` and `delta` are of one element: output x, target t; the mean over elements is common, so that
/// `torch` gives elements (of cross-entropy: positions), too.
class Ccm_LossOp<string mnemonic, Type target> : Ccm_TwinnedOp<mnemonic, [
    Pure, DeclareOpInterfaceMethods<LossOpInterface>]> {
  let arguments = (ins Ccm_Value:$output, target:$target);
  let results = (outs Ccm_Value:$loss);
  let assemblyFormat = "$output `,` $target attr-dict `:` type($output) `,` type($target) `->` type($loss)";
}

class Ccm_ElementLossOp<string mnemonic, string loss, string derivative> : Ccm_LossOp<mnemonic, Ccm_Value> {
  code declaration = [{
    static ::ccm::Scalar loss(::ccm::Scalar x, ::ccm::Scalar t);
    static ::ccm::Scalar derivative(::ccm::Scalar x, ::ccm::Scalar t);
  }];
  let extraClassDeclaration = declaration;
  code head = [{
    ::ccm::Scalar $cppClass::loss(::ccm::Scalar x, ::ccm::Scalar t) { return }];
  code middle = [{; }
    ::ccm::Scalar $cppClass::derivative(::ccm::Scalar x, ::ccm::Scalar t) { return }];
  code tail = [{; }
    ::llvm::LogicalResult $cppClass::buildLoss(::ccm::LossBuilder &b) {
      return ::ccm::buildElementLoss(b, &$cppClass::loss, &$cppClass::derivative);
    }
  }];
  let extraClassDefinition = head # loss # middle # derivative # tail;
}

def BceOp : Ccm_ElementLossOp<"bce",
    "max(x, 0.0) - x * t + log(1.0 + exp(-abs(x)))", "sigmoid(x) - t"> {
  let summary = "binary cross-entropy of scores with targets in [0, 1]";
  let torch = "F.binary_cross_entropy_with_logits({output}, {target}, reduction='none')";
  let description = [{
        loss = mean of max(x, 0) - x t + log(1 + exp(-|x|))

    The stable form of -t log(s(x)) - (1 - t) log(1 - s(x)) with s the logistic function.

    Example: `%l = ccm.bce %y, %t : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?xf32>`
  }];
}

def CrossEntropyOp : Ccm_LossOp<"cross_entropy", Ccm_Indices> {
  let summary = "cross-entropy of scores with indices";
  let torch = "F.cross_entropy({output}.movedim(-1, 1), {target}, weight={weights}, "
              "label_smoothing={smoothing}, reduction='none')";
  let description = [{
        loss = mean over positions of sum over c of w[c] q[.., c] (log(sum over k of exp(x[.., k])) - x[.., c])

    with q = 1 - smoothing + smoothing / C where c is the target's index and smoothing / C elsewhere
    (Szegedy et al., 2016, "Rethinking the Inception Architecture", section 7), and w = 1 without
    `weights`, one per index. The mean is over positions, not over weights, so that a sample's loss
    does not depend on the others.

    - (C1) smoothing is from 0 to below 1
    - (C2) there is one weight per index

    Example: `%l = ccm.cross_entropy %y, %t : tensor<?x10xf32>, tensor<?xi32> -> tensor<?xf32>`
  }];
  let arguments = (ins Ccm_Value:$output, Ccm_Indices:$target,
                       Optional<AnyStaticShapeTensor>:$weights,
                       DefaultValuedAttr<F64Attr, "0.0">:$smoothing);
  let assemblyFormat = [{
    $output `,` $target (`weights` `(` $weights^ `:` type($weights) `)`)? (`smoothing` $smoothing^)?
    attr-dict `:` type($output) `,` type($target) `->` type($loss)
  }];
  let hasVerifier = 1;
}

def HuberOp : Ccm_ElementLossOp<"huber",
    "select(abs(x - t) < 1.0, 0.5 * (x - t) * (x - t), abs(x - t) - 0.5)",
    "max(min(x - t, 1.0), -1.0)"> {
  let summary = "squared near the target, absolute beyond 1";
  let torch = "F.huber_loss({output}, {target}, reduction='none')";
  let description = [{
        loss = mean of (x - t)^2 / 2 where |x - t| < 1, else |x - t| - 1 / 2

    Example: `%l = ccm.huber %y, %t : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?xf32>`
  }];
}

def L1Op : Ccm_ElementLossOp<"l1", "abs(x - t)",
    "select(x > t, 1.0, select(x < t, x.constant(-1.0), 0.0))"> {
  let summary = "absolute difference";
  let torch = "F.l1_loss({output}, {target}, reduction='none')";
  let description = [{
        loss = mean of |x - t|

    Its derivative where both are equal is 0.

    Example: `%l = ccm.l1 %y, %t : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?xf32>`
  }];
}

def MseOp : Ccm_ElementLossOp<"mse", "(x - t) * (x - t)", "2.0 * (x - t)"> {
  let summary = "squared difference";
  let torch = "F.mse_loss({output}, {target}, reduction='none')";
  let description = [{
        loss = mean of (x - t)^2

    Example: `%l = ccm.mse %y, %t : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?xf32>`
  }];
}

#endif
