// SPDX-License-Identifier: Apache-2.0
// The table of how primitives and losses read in PyTorch, from their definitions.
include "CcmPrimitives.td"
include "llvm/TableGen/SearchableTable.td"

def TorchTable : GenericTable {
  let FilterClass = "Ccm_TwinnedOp";
  let CppTypeName = "TorchRow";
  let Fields = ["opName", "torchWords", "torchLine", "torchHelperText"];
  string TypeOf_torchLine = "code";
  string TypeOf_torchHelperText = "code";
}
