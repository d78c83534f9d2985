// SPDX-License-Identifier: Apache-2.0
// Writes the header from the ports that the library's table holds.
#include "codegen/host/ModelHeader.h"
#include "codegen/host/HeaderNames.h"
#include "codegen/host/HostModel.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace ccm {

namespace {
/// One array per sample: an input, a target, an output or a delta.
struct Array {
  std::string name; ///< of the member
  StringRef type;   ///< of its elements, with `const` where the model only reads
  std::string extents;
  std::string values;  ///< what its elements are, for the comment
  bool present = true; ///< false: the port has none, its pointer is null
};

/// The arrays of one member of `ccm_batch`.
struct Group {
  StringRef member; ///< of `ccm_batch`
  StringRef type;   ///< suffix of the struct's name
  StringRef comment;
  StringRef element; ///< of the list of pointers
  SmallVector<Array> arrays;
  bool named() const {
    return llvm::any_of(arrays, [](const Array &a) { return a.present; });
  }
};

/// Writes the header of one model.
class HeaderWriter {
public:
  HeaderWriter(const HostModel &model, StringRef compiler) : model(model), compiler(compiler) {}
  std::string write();

private:
  void writeConstants(const HostPort &port, StringRef kind, int64_t index);
  void writeStruct(const Group &group);
  void writeBatch();
  void writeBinding();
  std::string name(StringRef suffix) const { return (model.name + "_" + suffix).str(); }

  const HostModel &model;
  StringRef compiler;
  SmallVector<Group> groups;
  std::string text;
  llvm::raw_string_ostream out{text};
};
} // namespace

// ---- Ports --------------------------------------------------------------------------------------

static std::string bracketed(const int64_t *extents, int32_t rank) {
  std::string result = "[count]";
  for (int32_t i = 0; i < rank; ++i)
    result += "[" + std::to_string(extents[i]) + "]";
  return result;
}

static int64_t elementsOf(const int64_t *extents, int32_t rank) {
  int64_t elements = 1;
  for (int32_t i = 0; i < rank; ++i)
    elements *= extents[i];
  return elements;
}

/// What elements of a type are.
static std::string valuesOf(int32_t dtype, int64_t vocabulary) {
  if (dtype == CCM_I32)
    return llvm::formatv("indices in [0, {0})", vocabulary);
  return dtype == CCM_U8 ? "bytes in [0, 255], read as [0, 1]" : "";
}

static StringRef constType(int32_t dtype) {
  return dtype == CCM_U8 ? "const uint8_t" : dtype == CCM_I32 ? "const int32_t" : "const float";
}

static Array inputArray(const HostPort &port) {
  const ccm_port &abi = port.abi;
  return {memberName(port.name), constType(abi.dtype), bracketed(abi.extents, abi.rank),
          valuesOf(abi.dtype, abi.vocabulary)};
}

static Array targetArray(const HostPort &port) {
  const ccm_port &abi = port.abi;
  return {memberName(port.name), constType(abi.target_dtype),
          bracketed(abi.target_extents, abi.target_rank),
          valuesOf(abi.target_dtype, abi.vocabulary)};
}

static Array outputArray(const HostPort &port) {
  const ccm_port &abi = port.abi;
  return {memberName(port.name), "float", bracketed(abi.extents, abi.rank),
          abi.vocabulary ? "a score per index" : ""};
}

static Array inputDeltaArray(const HostPort &port) {
  const ccm_port &abi = port.abi;
  return {memberName(port.name), "float", bracketed(abi.extents, abi.rank),
          abi.dtype == CCM_U8 ? "per 0 to 1, as the bytes are read" : "", abi.dtype != CCM_I32};
}

static Group group(StringRef member, StringRef type, StringRef comment, StringRef element,
                   ArrayRef<HostPort> ports, Array (*array)(const HostPort &)) {
  return {member, type, comment, element, llvm::map_to_vector(ports, array)};
}

/// In the order of the members of `ccm_batch`.
static SmallVector<Group> groupsOf(const HostModel &model) {
  return {
      group("inputs", "inputs", "What the model reads.", "const void *", model.inputs, inputArray),
      group("targets", "targets", "What outputs are compared with: read by loss and step.",
            "const void *", model.outputs, targetArray),
      group("outputs", "outputs", "What the model writes.", "float *", model.outputs, outputArray),
      group("output_deltas", "outputs", "", "float *", model.outputs, outputArray),
      group(
          "input_deltas", "input_deltas",
          "Changes of the inputs that lower the loss: written by backward, null where not wanted.",
          "float *", model.inputs, inputDeltaArray)};
}

// ---- Text ---------------------------------------------------------------------------------------

void HeaderWriter::writeConstants(const HostPort &port, StringRef kind, int64_t index) {
  const ccm_port &abi = port.abi;
  std::string prefix = llvm::formatv("  {0}_{1}_{2}_", model.name, kind, port.name);
  out << llvm::formatv("/* The {0} '{1}', of one sample. */\nenum {{\n", kind, port.name);
  out << prefix << llvm::formatv("index = {0}, /* in lists of {1}s */\n", index, kind);
  for (int32_t i = 0; i < abi.rank; ++i)
    out << prefix << llvm::formatv("extent_{0} = {1},\n", i, abi.extents[i]);
  if (abi.vocabulary)
    out << prefix << "vocabulary = " << abi.vocabulary << ",\n";
  if (kind == "output")
    out << prefix << "target_elements = " << elementsOf(abi.target_extents, abi.target_rank)
        << ",\n";
  out << prefix << "elements = " << elementsOf(abi.extents, abi.rank) << "\n};\n\n";
}

void HeaderWriter::writeStruct(const Group &group) {
  std::string type = name(group.type);
  out << "/* " << group.comment << " */\ntypedef struct " << type << " {\n";
  for (const Array &array : group.arrays)
    if (array.present)
      out << "  " << array.type << " *" << array.name << "; /* " << array.extents
          << (array.values.empty() ? "" : ": " + array.values) << " */\n";
  out << "} " << type << ";\n\n";
}

void HeaderWriter::writeBatch() {
  out << "/* A batch. What the entry that it is for does not use may be null. */\ntypedef struct "
      << name("samples") << " {\n  int64_t count;\n";
  for (const Group &group : groups)
    if (group.named())
      out << "  " << name(group.type) << " " << group.member << ";\n";
  out << "} " << name("samples") << ";\n\n";
  out << "/* Pointers to the arrays, as a ccm_batch takes them. */\ntypedef struct "
      << name("lists") << " {\n";
  for (const Group &group : groups)
    if (!group.arrays.empty())
      out << "  " << group.element << group.member << "[" << group.arrays.size() << "];\n";
  out << "} " << name("lists") << ";\n\n";
}

void HeaderWriter::writeBinding() {
  out << "/* The samples as entries take them: fills `lists`, which must live as long as the "
         "result. */\nstatic inline ccm_batch "
      << name("batch") << "(const " << name("samples") << " *samples, " << name("lists")
      << " *lists) {\n  ccm_batch batch;\n  batch.bytes = sizeof(batch);\n"
         "  batch.count = samples->count;\n";
  for (const Group &group : groups) {
    for (auto [i, array] : llvm::enumerate(group.arrays)) {
      out << "  lists->" << group.member << "[" << i << "] = ";
      if (array.present)
        out << "samples->" << group.member << "." << array.name << ";\n";
      else
        out << "0; /* indices have no delta */\n";
    }
    out << "  batch." << group.member << " = "
        << (group.arrays.empty() ? "0" : "lists->" + group.member.str()) << ";\n";
  }
  out << "  return batch;\n}\n\n";
}

std::string HeaderWriter::write() {
  groups = groupsOf(model);
  out << llvm::formatv(
      "/* The model '{0}', written by ccm-compile {1}: do not edit. */\n"
      "#ifndef CCM_MODEL_{0}_H\n#define CCM_MODEL_{0}_H\n\n#include \"ccm/abi.h\"\n\n"
      "#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n"
      "/* The table of entries; never null. */\n"
      "const ccm_model *ccm_model_{0}(void);\n\n",
      model.name, compiler);
  for (auto [i, port] : llvm::enumerate(model.inputs))
    writeConstants(port, "input", i);
  for (auto [i, port] : llvm::enumerate(model.outputs))
    writeConstants(port, "output", i);
  for (const Group &group : groups)
    if (group.named() && !group.comment.empty())
      writeStruct(group);
  writeBatch();
  writeBinding();
  out << "#ifdef __cplusplus\n}\n#endif\n#endif\n";
  return text;
}

// ---- Names --------------------------------------------------------------------------------------

/// Declarations allow identifiers alone; IR may hold any name.
static LogicalResult checkName(Operation *op, StringRef name) {
  auto isPart = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  if (!name.empty() && !llvm::isDigit(name.front()) && llvm::all_of(name, isPart))
    return success();
  return op->emitError() << "expects an identifier as the name in a header, got '" << name << "'";
}

FailureOr<std::string> emitHeader(ModelOp op, StringRef compiler) {
  HostModel model;
  if (failed(readPorts(op, model)) || failed(checkName(op, model.name)))
    return failure();
  for (const auto &ports : {model.inputs, model.outputs})
    for (const HostPort &port : ports)
      if (failed(checkName(op, port.name)))
        return failure();
  return HeaderWriter(model, compiler).write();
}

} // namespace ccm
