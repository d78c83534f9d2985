// SPDX-License-Identifier: Apache-2.0
// Writes a model as a PyTorch class.
#include "codegen/torch/TorchEmitter.h"
#include "codegen/torch/PythonText.h"
#include "codegen/torch/TorchExpression.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace ccm {
namespace {

constexpr StringLiteral kAsNumbers = R"py(
    def as_numbers(x):
        """Bytes as numbers from 0 to 1; what is no bytes already is."""
        return x / 255 if x.dtype == torch.uint8 else x
)py";

constexpr StringLiteral kPerSample = R"py(
    def per_sample(losses):
        """The mean over all elements of each sample."""
        return losses.reshape(len(losses), -1).mean(1)
)py";

constexpr StringLiteral kFourier = R"py(
    def fourier(n):
        """Of n samples under a Hann window: cosine and sine of 1 to n/2 periods in turn."""
        turns = torch.arange(n, dtype=torch.float64) / n
        angles = 2 * torch.pi * (torch.arange(1, n // 2 + 1)[:, None] * turns)
        window = 0.5 - 0.5 * torch.cos(2 * torch.pi * turns)
        rows = torch.stack([torch.cos(angles), torch.sin(angles)], 1).reshape(n, n)
        return (4 / n * window * rows)[:, :, None].to(torch.get_default_dtype())
)py";

constexpr StringLiteral kMel = R"py(
    def mel(bands, n):
        """Sums of the squares of that, in bands of equal width on the mel scale."""
        edges = torch.arange(n // 2 + 1, dtype=torch.float64) + 0.5
        edges[0], edges[-1] = 0, n / 2
        rate = torch.tensor(16000 / 700, dtype=torch.float64)
        places = (bands + 1) * torch.log1p(rate * edges / n) / torch.log1p(rate / 2)
        x = (places - torch.arange(bands)[:, None]).clamp(0, 2)
        areas = torch.where(x < 1, x * x / 2, 1 - (2 - x) ** 2 / 2).diff()
        return areas.repeat_interleave(2, 1).to(torch.get_default_dtype())
)py";

constexpr StringLiteral kMethods = R"py(
    def add(self, name, value, trained=True):
        """Registers a parameter under its name in checkpoints, a module for each part of it."""
        *path, last = name.split(".")
        owner = self
        for part in path:
            inner = dict(owner.named_children()).get(part, nn.Module())
            setattr(owner, part, inner)
            owner = inner
        owner.register_parameter(last, nn.Parameter(value, requires_grad=trained))

    def load(self, path):
        """Takes the parameters of a checkpoint; of a training's, `__state__` is the optimizer's."""
        from safetensors.torch import load_file
        values = load_file(path)
        values.pop("__state__", None)
        self.load_state_dict(values)
)py";

/// Names of variables: the lowest that no living value has.
class Variables {
public:
  explicit Variables(Block &block) {
    for (Operation &op : block)
      for (Value operand : op.getOperands())
        lastUse[operand] = &op;
  }

  std::string nameOf(Value value) const {
    unsigned number = numbers.lookup(value);
    return number == 0 ? "x" : "x" + std::to_string(number);
  }

  /// Frees what `op` reads last, and names its result.
  std::string assign(Operation *op) {
    for (Value operand : llvm::SetVector<Value>(op->operand_begin(), op->operand_end()))
      if (numbers.contains(operand) && lastUse.lookup(operand) == op)
        living.erase(numbers.lookup(operand));
    unsigned number = 0;
    while (living.contains(number))
      ++number;
    if (lastUse.contains(op->getResult(0)))
      living.insert(number);
    numbers[op->getResult(0)] = number;
    return nameOf(op->getResult(0));
  }

private:
  llvm::DenseMap<Value, Operation *> lastUse;
  llvm::DenseMap<Value, unsigned> numbers;
  std::set<unsigned> living;
};

/// Writes the code of one model.
class TorchWriter {
public:
  TorchWriter(ModelOp model, ArrayRef<TorchPart> parts, StringRef compiler)
      : model(model), parts(parts), compiler(compiler), variables(model.getBody().front()) {}
  FailureOr<std::string> write();

private:
  void line(const llvm::Twine &text) { body += pythonLine(text.str()); }
  std::string operand(Value value) const;
  void comment(Operation &op);
  void writeParameters();
  LogicalResult writeOperation(Operation &op);
  LogicalResult writeForward();
  LogicalResult writeLosses();
  std::string head();

  ModelOp model;
  ArrayRef<TorchPart> parts;
  StringRef compiler;
  Variables variables;
  StringRef commented; ///< prefix of the part that the last comment was of
  llvm::SetVector<StringRef> functions;
  std::string body;
};

} // namespace

// ---- Parameters ---------------------------------------------------------------------------------

/// The function of a formula, null for what is none.
static StringRef formulaOf(ParameterOp parameter) {
  return llvm::StringSwitch<StringRef>(parameter.getInit())
      .Case("fourier", kFourier)
      .Case("mel", kMel)
      .Default({});
}

static std::string constantText(ArrayRef<double> values, StringRef shape) {
  auto texts = llvm::map_range(values, [](double value) { return pythonNumber(float(value)); });
  return llvm::formatv("torch.tensor([{0}]).reshape({1})", llvm::join(texts, ", "), shape);
}

/// What a parameter starts as.
static std::string initialOf(ParameterOp parameter) {
  float scale = static_cast<float>(parameter.getScale().convertToDouble());
  ArrayRef<int64_t> extents = parameter.getShape();
  if (parameter.getInit() == "fourier")
    return llvm::formatv("fourier({0}) * {1}", extents[0], pythonNumber(scale));
  if (parameter.getInit() == "mel")
    return llvm::formatv("mel({0}, {1}) * {2}", extents[0], extents[1], pythonNumber(scale));
  std::string shape = pythonList(parameter.getShape());
  if (auto values = parameter.getValues())
    return constantText(*values, shape);
  if (parameter.getInit() == "constant")
    return llvm::formatv("torch.full([{0}], {1})", shape, pythonNumber(scale));
  if (parameter.getInit() != "normal")
    return llvm::formatv("torch.{0}({1})", parameter.getInit(), shape);
  return llvm::formatv("torch.randn({0}) * {1}", shape, pythonNumber(scale));
}

void TorchWriter::writeParameters() {
  line("    def __init__(self):");
  line("        super().__init__()");
  for (ParameterOp parameter : opsOf<ParameterOp>(model)) {
    if (StringRef formula = formulaOf(parameter); !formula.empty())
      functions.insert(formula);
    line("        self.add(" + pythonString(parameter.getName()) + ", " + initialOf(parameter) +
         (parameter.getFrozen() ? ", trained=False)" : ")"));
  }
  body += "\n";
  std::string methods = withoutIndent(kMethods);
  for (StringRef text : llvm::split(methods, '\n'))
    body += text.empty() ? "\n" : "    " + text.str() + "\n";
}

// ---- Forward ------------------------------------------------------------------------------------

std::string TorchWriter::operand(Value value) const {
  if (auto parameter = value.getDefiningOp<ParameterOp>())
    return "p[" + pythonString(parameter.getName()) + "]";
  return variables.nameOf(value);
}

/// The first parameter that an operation reads; of one that reads an input alone, that of the next
/// operation with one. Null where there is none.
static ParameterOp parameterOf(Operation *op) {
  bool readsInput =
      llvm::any_of(op->getOperands(), [](Value v) { return bool(v.getDefiningOp<InputOp>()); });
  for (; op; op = readsInput ? op->getNextNode() : nullptr)
    for (Value value : op->getOperands())
      if (auto parameter = value.getDefiningOp<ParameterOp>())
        return parameter;
  return nullptr;
}

/// Names the part where another begins.
void TorchWriter::comment(Operation &op) {
  ParameterOp parameter = parameterOf(&op);
  for (const TorchPart &part : parts)
    if (parameter && parameter.getName().starts_with(part.prefix + ".") &&
        commented != part.prefix) {
      commented = part.prefix;
      body += "        # " + pythonText(part.comment) + "\n";
    }
}

LogicalResult TorchWriter::writeOperation(Operation &op) {
  if (isa<ParameterOp, OutputOp>(op))
    return success();
  if (auto input = dyn_cast<InputOp>(op)) {
    if (input.getDrawn() == Draw::Weight) // read by `losses` alone
      return success();
    std::string value = "inputs[" + pythonString(input.getName()) + "]";
    if (input.getBytes()) {
      functions.insert(kAsNumbers);
      value = "as_numbers(" + value + ")";
    }
    line("        " + variables.assign(&op) + " = " + value);
    return success();
  }
  std::optional<TorchForm> form = torchOf(op.getName());
  if (!form)
    return op.emitOpError() << "has no form in PyTorch: expects primitives alone";
  comment(op);
  auto value = torchExpression(&op, *form, [&](Value v) { return operand(v); });
  if (failed(value))
    return failure();
  if (!form->helper.empty())
    functions.insert(form->helper);
  line("        " + variables.assign(&op) + " = " + *value);
  return success();
}

LogicalResult TorchWriter::writeForward() {
  line("    def forward(self, **inputs):");
  line("        p = dict(self.named_parameters())");
  for (Operation &op : model.getBody().front())
    if (failed(writeOperation(op)))
      return failure();
  SmallVector<std::string> outputs;
  for (OutputOp output : opsOf<OutputOp>(model))
    outputs.push_back(pythonString(output.getName()) + ": " + variables.nameOf(output.getValue()));
  line("        return {" + llvm::join(outputs, ", ") + "}");
  return success();
}

// ---- Loss ---------------------------------------------------------------------------------------

static std::string parameterText(Value value) {
  return "p[" + pythonString(value.getDefiningOp<ParameterOp>().getName()) + "]";
}

/// A value as the output's loss sees it, without a unit: in the form of `ccm.scale`.
static std::string scaledText(OutputOp output, const std::string &value) {
  if (output.getScaling().empty())
    return value;
  auto parameter = [&](unsigned number) { return parameterText(output.getScaling()[number]); };
  std::optional<TorchForm> form =
      torchOf(OperationName(ScaleOp::getOperationName(), output.getContext()));
  return *fillWords(form->expression, [&](StringRef word) -> std::optional<std::string> {
    return word == "input" ? value : parameter(word == "factor");
  });
}

/// A target as its loss reads it: indices as PyTorch wants them, bytes as numbers.
static std::string targetText(OutputOp output, const std::string &name) {
  std::string target = "targets[" + name + "]";
  if (output.getVocabulary())
    return target + ".long()";
  if (output.getBytes())
    target = "as_numbers(" + target + ")";
  return output.getScale() == Scale::Calibrated ? target : scaledText(output, target);
}

static std::optional<std::string> lossWord(OutputOp output, const std::string &name,
                                           StringRef word) {
  if (word == "output") {
    std::string text = scaledText(output, "outputs[" + name + "]");
    return output.getScale() == Scale::Calibrated ? "(" + text + ")" : text; // a method follows
  }
  if (word == "target")
    return targetText(output, name);
  if (word == "weights")
    return output.getWeighing() ? parameterText(output.getWeighing()) : "None";
  if (word == "smoothing")
    return pythonNumber(output.getSmoothing().convertToDouble());
  return std::nullopt;
}

/// The losses of an output's samples, times their weights where there are any.
static std::string lossesText(OutputOp output, const std::string &losses) {
  std::string text = "per_sample(" + losses + ")";
  InputOp weight = output.findWeight();
  if (!weight)
    return text;
  return text + " * inputs[" + pythonString(weight.getName()) + "].reshape(-1)";
}

LogicalResult TorchWriter::writeLosses() {
  functions.insert(kPerSample);
  bool isWeighed =
      llvm::any_of(opsOf<OutputOp>(model), [](OutputOp op) { return bool(op.findWeight()); });
  StringRef inputs = isWeighed ? ", **inputs" : "";
  line("    def losses(self, outputs, targets" + inputs + "):");
  line("        \"\"\"By output, the loss of every sample.\"\"\"");
  if (llvm::any_of(opsOf<OutputOp>(model),
                   [](OutputOp op) { return !op.getScaling().empty() || op.getWeighing(); }))
    line("        p = dict(self.named_parameters())");
  line("        return {");
  SmallVector<std::string> terms;
  for (OutputOp output : opsOf<OutputOp>(model)) {
    std::string name = pythonString(output.getName());
    OperationName loss(("ccm." + output.getLoss()).str(), model.getContext());
    std::optional<TorchForm> form = torchOf(loss);
    if (output.getBytes())
      functions.insert(kAsNumbers);
    auto value = fillWords(form ? form->expression : "{}",
                           [&](StringRef word) { return lossWord(output, name, word); });
    if (!value)
      return output.emitError() << "internal error: its loss has no PyTorch form";
    line("            " + name + ": " + lossesText(output, *value) + ",");
    double weight = output.getWeight().convertToDouble();
    terms.push_back((weight == 1 ? "" : pythonNumber(weight) + " * ") + "losses[" + name +
                    "].mean()");
  }
  line("        }\n");
  line("    def loss(self, outputs, targets" + inputs + "):");
  line("        \"\"\"What training lowers: the weighted sum of the mean losses.\"\"\"");
  line("        losses = self.losses(outputs, targets" + inputs + ")");
  line("        return " + llvm::join(terms, " + "));
  return success();
}

// ---- Head ---------------------------------------------------------------------------------------

static std::string extentsText(Type type) {
  auto shape = cast<RankedTensorType>(type).getShape().drop_front();
  return "[batch" + (shape.empty() ? "" : ", " + pythonList(shape)) + "]";
}

/// What the array of an input or of a target holds.
static std::string portText(StringRef kind, StringRef name, Type type, StringRef values) {
  return llvm::formatv("    {0} {1} {2}: {3}\n", kind, pythonText(name), extentsText(type), values);
}

static std::string indicesBelow(std::optional<uint64_t> vocabulary) {
  return "indices below " + std::to_string(*vocabulary);
}

std::string TorchWriter::head() {
  std::string ports;
  for (InputOp input : opsOf<InputOp>(model))
    ports += portText("input", input.getName(), input.getType(),
                      input.getVocabulary() ? indicesBelow(input.getVocabulary())
                      : input.getBytes()    ? "bytes, or numbers from 0 to 1"
                                            : "numbers");
  for (OutputOp output : opsOf<OutputOp>(model)) {
    ports += portText("output", output.getName(), output.getValue().getType(),
                      output.getVocabulary() ? "scores" : "numbers");
    ports += portText("target", output.getName(), output.getTargetType(),
                      output.getVocabulary() ? indicesBelow(output.getVocabulary())
                      : output.getBytes()    ? "bytes, or numbers from 0 to 1"
                                             : "numbers");
  }
  std::string text =
      llvm::formatv("\"\"\"The model '{0}' in PyTorch, written by ccm-compile {1}.\n\n",
                    pythonText(model.getSymName()), compiler);
  text += ports + "\"\"\"\n";
  text += "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n";
  for (StringRef function : functions)
    text += "\n\n" + withoutIndent(function);
  return text + "\n\n";
}

FailureOr<std::string> TorchWriter::write() {
  line("class Model(nn.Module):");
  writeParameters();
  if (failed(writeForward()))
    return failure();
  body += "\n";
  if (failed(writeLosses()))
    return failure();
  return head() + body;
}

FailureOr<std::string> emitTorch(ModelOp model, ArrayRef<TorchPart> parts, StringRef compiler) {
  return TorchWriter(model, parts, compiler).write();
}

} // namespace ccm
