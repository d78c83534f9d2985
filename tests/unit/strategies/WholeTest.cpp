// SPDX-License-Identifier: Apache-2.0
// All parts are chosen together: they keep to the model's budget, use most of it where they bear
// it, and what a message asks for is enough.
#include "mlir/IR/Diagnostics.h"
#include "passes/structure/WholeChoice.h"
#include "tests/unit/strategies/TestModel.h"
#include <regex>

using namespace ccm;

namespace {

/// Ports of a model whose parts have no budgets: tails of `ccm.input`, and of `ccm.output`.
struct Ports {
  std::string name;
  std::vector<std::string> inputs, outputs;
};

const std::string kImage = "high : tensor<?x64x64x3xf32>";
const std::string kSound = "high : tensor<?x4000x1xf32>";
const std::string kText = "low vocabulary 256 : tensor<?x64xi32>";
const std::string kRow = "pointwise : tensor<?x4xf32>";
const std::string kLabel = "pointwise vocabulary 67 : tensor<?xi32>";
const std::string kClasses = "pointwise vocabulary 10 loss(\"cross_entropy\") : tensor<?x10xf32>";
const std::string kNumber = "pointwise loss(\"mse\") : tensor<?x1xf32>";
const std::string kWave = "high loss(\"l1\") : tensor<?x8000x1xf32>";
const std::string kPicture = "high loss(\"mse\") : tensor<?x32x32x3xf32>";

const std::vector<Ports> kModels = {
    {"picture to class", {kImage}, {kClasses}},
    {"text to class", {kText}, {kClasses}},
    {"all to sound", {kImage, kText, kLabel}, {kWave}},
    {"label to picture", {kLabel}, {kPicture}},
    {"two sounds to three", {kSound, kSound}, {kWave, kClasses, kNumber}}};

/// A chosen model, with what was said of it.
class Chosen {
public:
  Chosen(const Ports &ports, const std::string &budget) {
    module = test::parseModule(textOf(ports, budget), context);
    mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
      said += diagnostic.str() + "\n";
      return mlir::success();
    });
    choice.emplace(*module->getOps<ModelOp>().begin(), "");
    succeeded = mlir::succeeded(choice->choose());
  }

  /// What the parts take together.
  Cost total() const {
    Cost sum;
    for (const Decision *part : parts())
      sum += part->chosen->built.cost;
    return sum;
  }

  std::vector<const Decision *> parts() const {
    std::vector<const Decision *> all{&choice->chosen().core};
    for (const Decision &part : choice->chosen().reduces)
      all.push_back(&part);
    for (const Decision &part : choice->chosen().expands)
      all.push_back(&part);
    return all;
  }

  bool succeeded = false;
  std::string said;

private:
  static std::string textOf(const Ports &ports, const std::string &budget) {
    std::string text = "ccm.model @m train {} {\n", tokens;
    for (size_t i = 0; i < ports.inputs.size(); ++i) {
      const std::string n = std::to_string(i), port = ports.inputs[i];
      text += "%x" + n + " = ccm.input \"x" + n + "\" " + port + "\n%t" + n + " = ccm.reduce \"x" +
              n + "\" %x" + n + " : " + test::typeOfPort(port) + "\n";
      tokens += (tokens.empty() ? "%t" : ", %t") + n;
    }
    text += "%c = ccm.core \"m\" " + tokens + " budget(#ccm.budget<" + budget + ">)\n";
    for (size_t i = 0; i < ports.outputs.size(); ++i) {
      const std::string n = std::to_string(i), port = ports.outputs[i];
      text += "%y" + n + " = ccm.expand \"y" + n + "\" %c : " + test::typeOfPort(port) +
              "\nccm.output \"y" + n + "\" %y" + n + " " + port + "\n";
    }
    return text + "}\n";
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::optional<WholeChoice> choice;
};

std::string macsAlone(int64_t macs) {
  return "macs = " + std::to_string(macs) + ", parameters = 0, activation_bytes = 0";
}

/// Whether a part would take more of what it may, had it more: false where it bears no more.
bool wantsMore(const Decision &part) { return part.chosen->use < 0.99; }

} // namespace

TEST(Whole, KeepsToTheBudgetAndUsesIt) {
  for (const Ports &ports : kModels)
    for (double macs = 4e6; macs < 16e9; macs *= 5) {
      Chosen chosen(ports, macsAlone(int64_t(macs)));
      ASSERT_TRUE(chosen.succeeded) << ports.name << " " << macs << "\n" << chosen.said;
      EXPECT_LE(chosen.total().macs, int64_t(macs)) << ports.name;
      bool wants = llvm::any_of(chosen.parts(), [](auto *part) { return wantsMore(*part); });
      EXPECT_TRUE(!wants || double(chosen.total().macs) >= 0.6 * macs) << ports.name << " " << macs;
    }
}

TEST(Whole, EveryBoundIsThatOfAllParts) {
  for (const Ports &ports : kModels) {
    Chosen chosen(ports, "macs = 400000000, parameters = 200000, activation_bytes = 0");
    ASSERT_TRUE(chosen.succeeded) << ports.name << "\n" << chosen.said;
    EXPECT_LE(chosen.total().macs, 400000000) << ports.name;
    EXPECT_LE(chosen.total().parameters, 200000) << ports.name;
  }
}

// Four numbers hold little: at the smallest level a model of them stays small, however many columns
// they come in.
TEST(Whole, FewNumbersGiveSmallModels) {
  for (const Ports &ports : {Ports{"one port", {kRow}, {kNumber}},
                             Ports{"four ports",
                                   {"pointwise : tensor<?x1xf32>", "pointwise : tensor<?x1xf32>",
                                    "pointwise : tensor<?x1xf32>", "pointwise : tensor<?x1xf32>"},
                                   {kNumber}}}) {
    Chosen chosen(ports, macsAlone(10000000));
    ASSERT_TRUE(chosen.succeeded) << chosen.said;
    EXPECT_LE(chosen.total().parameters, 25000) << ports.name;
    EXPECT_GE(chosen.total().parameters, 1000) << ports.name;
  }
}

TEST(Whole, TheBudgetThatAMessageAsksForIsEnough) {
  const std::regex wanted("expects at least ([0-9]+) MACs");
  for (const Ports &ports : kModels) {
    Chosen small(ports, macsAlone(1000));
    ASSERT_FALSE(small.succeeded) << ports.name;
    // Of parts that do not fit by themselves each says what it needs, and then all together.
    for (int i = 0; i < 4 && !small.succeeded; ++i) {
      int64_t macs = 0;
      for (std::sregex_iterator at(small.said.begin(), small.said.end(), wanted), end; at != end;
           ++at)
        macs = std::max<int64_t>(macs, std::stoll((*at)[1]));
      ASSERT_GT(macs, 0) << ports.name << "\n" << small.said;
      Chosen enough(ports, macsAlone(macs));
      if (enough.succeeded) {
        EXPECT_LE(enough.total().macs, macs);
        small.succeeded = true;
      }
      small.said = enough.said;
    }
    EXPECT_TRUE(small.succeeded) << ports.name << "\n" << small.said;
  }
}
