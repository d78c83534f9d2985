// SPDX-License-Identifier: Apache-2.0
// Attributes and types of the ccm dialect.
#ifndef CCM_ATTRIBUTES_TD
#define CCM_ATTRIBUTES_TD

include "CcmDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

class Ccm_Attr<string name, string attrMnemonic> : AttrDef<Ccm_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Ccm_Structure : I32EnumAttr<"Structure", "size class of a port's variable extents", [
    I32EnumAttrCase<"Pointwise", 0, "pointwise">, I32EnumAttrCase<"Low", 1, "low">,
    I32EnumAttrCase<"High", 2, "high">]> {
  let cppNamespace = "::ccm";
}

def Ccm_Draw : I32EnumAttr<"Draw", "what fills an input that a batch does not give", [
    I32EnumAttrCase<"Presence", 1, "presence">, I32EnumAttrCase<"Time", 2, "time">,
    I32EnumAttrCase<"Noised", 3, "noised">, I32EnumAttrCase<"Shifted", 4, "shifted">,
    I32EnumAttrCase<"Weight", 5, "weight">]> {
  let cppNamespace = "::ccm";
}

def Ccm_Scale : I32EnumAttr<"Scale", "how the values of a port are brought to numbers that train", [
    I32EnumAttrCase<"Standard", 1, "standard">, I32EnumAttrCase<"Robust", 2, "robust">,
    I32EnumAttrCase<"Fixed", 3, "fixed">, I32EnumAttrCase<"Calibrated", 4, "calibrated">]> {
  let cppNamespace = "::ccm";
}

def Ccm_ModelType : I32EnumAttr<"ModelType", "which parts an output needs", [
    I32EnumAttrCase<"FanIn", 0, "fan_in">, I32EnumAttrCase<"U", 1, "u">,
    I32EnumAttrCase<"Straight", 2, "straight">, I32EnumAttrCase<"FanOut", 3, "fan_out">,
    I32EnumAttrCase<"Bridge", 4, "bridge">]> {
  let cppNamespace = "::ccm";
}

def Ccm_Region : I32EnumAttr<"Region", "memory that a place lies in", [
    I32EnumAttrCase<"Params", 0, "params">, I32EnumAttrCase<"Delta", 1, "delta">,
    I32EnumAttrCase<"Input", 2, "input">, I32EnumAttrCase<"Target", 3, "target">,
    I32EnumAttrCase<"Output", 4, "output">, I32EnumAttrCase<"OutputDelta", 5, "output_delta">,
    I32EnumAttrCase<"InputDelta", 6, "input_delta">, I32EnumAttrCase<"Internal", 7, "internal">,
    I32EnumAttrCase<"Scratch", 8, "scratch">, I32EnumAttrCase<"Prepared", 9, "prepared">,
    I32EnumAttrCase<"State", 10, "state">, I32EnumAttrCase<"Loss", 11, "loss">,
    I32EnumAttrCase<"Hyper", 12, "hyper">, I32EnumAttrCase<"Cache", 13, "cache">,
    I32EnumAttrCase<"Position", 14, "position">, I32EnumAttrCase<"Before", 15, "before">,
    I32EnumAttrCase<"Scores", 16, "scores">]> {
  let cppNamespace = "::ccm";
}

def Ccm_EntryKind : I32EnumAttr<"EntryKind", "what a function of nests is for", [
    I32EnumAttrCase<"Infer", 0, "infer">, I32EnumAttrCase<"Forward", 1, "forward">,
    I32EnumAttrCase<"Loss", 2, "loss">, I32EnumAttrCase<"Backward", 3, "backward">,
    I32EnumAttrCase<"BackwardInput", 4, "backward_input">,
    I32EnumAttrCase<"BackwardTrain", 5, "backward_train">,
    I32EnumAttrCase<"Prepare", 6, "prepare">, I32EnumAttrCase<"Update", 7, "update">,
    I32EnumAttrCase<"Prefill", 8, "prefill">, I32EnumAttrCase<"Decode", 9, "decode">]> {
  let cppNamespace = "::ccm";
}

def Ccm_BudgetAttr : Ccm_Attr<"Budget", "budget"> {
  let summary = "what a part may cost, per sample";
  let description = [{
    MACs of one forward pass, parameters, and bytes of internals. Zero means no limit.

    Example: `#ccm.budget<macs = 4000000000, parameters = 0, activation_bytes = 0>`
  }];
  let parameters = (ins "int64_t":$macs, "int64_t":$parameters, "int64_t":$activation_bytes);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Ccm_LayoutAttr : Ccm_Attr<"Layout", "layout"> {
  let summary = "how a parameter's canonical elements lie in memory";
  let description = [{
    The packed tensor is row-major over `extents`. Its element `i` holds canonical element `j` with
    `j_d = sum over p with dims[p] = d of i_p * steps[p]`; where some `j_d` is not below the canonical
    extent the element is padding. The product of `extents` is the tensor's number of elements.

    Example (weights `[O, I]` as panels of 64 outputs):
    `#ccm.layout<extents = [4, 784, 64], dims = [0, 1, 0], steps = [64, 1, 1]>`
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$extents, ArrayRefParameter<"int64_t">:$dims,
                        ArrayRefParameter<"int64_t">:$steps);
  let assemblyFormat = [{
    `<` `extents` `=` `[` $extents `]` `,` `dims` `=` `[` $dims `]` `,`
        `steps` `=` `[` $steps `]` `>`
  }];
  let genVerifyDecl = 1;
}

def Ccm_PlaceAttr : Ccm_Attr<"Place", "place"> {
  let summary = "where a tensor lies when a block function runs";
  let description = [{
    `region` is one of the memories that a block function is handed; `index` the number of the port
    or parameter in regions that are one array each, else 0; `offset` is in bytes from the region's
    start (for ports: from the block's first sample); `strides` are in elements, outermost first.

    Example: `#ccm.place<scratch[0] + 4096, [784, 28, 1]>`
  }];
  let parameters = (ins EnumParameter<Ccm_Region>:$region, "int64_t":$index, "int64_t":$offset,
                        OptionalArrayRefParameter<"int64_t">:$strides);
  let assemblyFormat = "`<` $region `[` $index `]` `+` $offset `,` `[` (`]`) : ($strides^ `]`)? `>`";
}

def Ccm_TargetAttr : Ccm_Attr<"Target", "target"> {
  let summary = "the class of the targets of a module, and what passes may count on of them";
  let description = [{
    Stands on the module as `ccm.target`; the table of targets has the numbers. `lanes` are the f32
    values of the widest vector, which divide those of packed layouts; `cache_bytes` a core's own
    cache; `part_bytes` what one buffer inside a kernel may take; `largest_block` how many samples
    functions work on at once; `operations` and `bandwidth` what a core does, and what its memory
    moves, per second. A module for several targets of a class has the widest vectors and else the
    smallest numbers of them: what fits one fits all. Without it passes follow the default target.

    Example: `#ccm.target<"cpu", lanes = 16, cache_bytes = 1048576, part_bytes = 65536, largest_block = 16, operations = 60000000000, bandwidth = 20000000000>`
  }];
  let parameters = (ins StringRefParameter<>:$kind, "int64_t":$lanes, "int64_t":$cache_bytes,
                        "int64_t":$part_bytes, "int64_t":$largest_block, "int64_t":$operations,
                        "int64_t":$bandwidth);
  let assemblyFormat = [{
    `<` $kind `,` struct($lanes, $cache_bytes, $part_bytes, $largest_block, $operations, $bandwidth) `>`
  }];
  let genVerifyDecl = 1;
}

def Ccm_TokensType : TypeDef<Ccm_Dialect, "Tokens"> {
  let mnemonic = "tokens";
  let summary = "tokens whose number and width no strategy has chosen yet";
  let description = "Only parts use it. Building the structure replaces it by `tensor<?xTxD>`.";
}

def Ccm_PyramidType : TypeDef<Ccm_Dialect, "Pyramid"> {
  let mnemonic = "pyramid";
  let summary = "skips: what a reduce hands to the expands of the outputs that it is aligned to";
  let description = [{
    One value on the way beside the tokens; how many tensors it is, on which grids and how wide, is
    for the reduce's strategy to choose and for the expand's to read. Building the structure replaces
    it by those tensors.
  }];
}

#endif
