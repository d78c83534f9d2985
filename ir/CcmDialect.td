// SPDX-License-Identifier: Apache-2.0
// The ccm dialect: the front page of its documentation.
#ifndef CCM_DIALECT_TD
#define CCM_DIALECT_TD

include "mlir/IR/OpBase.td"

def Ccm_Dialect : Dialect {
  let name = "ccm";
  let cppNamespace = "::ccm";
  let summary = "composable models: declared by ports and budgets, built of primitives that learn";
  let description = [{
    A `ccm.model` starts as ports and parts (`ccm.reduce`, `ccm.core`, `ccm.expand`) with budgets;
    strategies replace the parts by primitives; every primitive says how its forward and backward
    are built from loop nests, and kernels are groups of such nests.

    All values of a model have a leading batch extent `?`. Expansion makes it a constant.
  }];
  let hasOperationAttrVerify = 1;
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"
  ];
}

class Ccm_Op<string mnemonic, list<Trait> traits = []> : Op<Ccm_Dialect, mnemonic, traits>;

#endif
