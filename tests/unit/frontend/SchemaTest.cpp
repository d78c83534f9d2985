// SPDX-License-Identifier: Apache-2.0
// The schema says what the table says.
#include "frontend/ModelSchema.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ccm::frontend {

class Schema : public testing::Test {
protected:
  Schema() {
    std::string text;
    llvm::raw_string_ostream out(text);
    printSchema(language, out);
    schema = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  }

  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  Language language{context};
  nlohmann::json schema;
};

TEST_F(Schema, HasEveryKeyOfEveryObject) {
  ASSERT_FALSE(schema.is_discarded());
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  std::pair<Owner, std::string> objects[] = {{kModel, ""},
                                             {kInput, "/$defs/unaligned_input"},
                                             {kAligned, "/$defs/aligned_input"},
                                             {kOutput, "/$defs/output"},
                                             {kBudget, "/$defs/budget"},
                                             {kPin, "/$defs/strategy"},
                                             {kTrain, "/$defs/train"}};
  for (auto &[owner, pointer] : objects)
    for (const Key &key : Language::table())
      if (key.owners & owner) {
        auto &object = schema[nlohmann::json::json_pointer(pointer)];
        EXPECT_TRUE(object["properties"].contains(key.name.str())) << key.name.str();
        auto &required = object["required"];
        bool isRequired =
            std::find(required.begin(), required.end(), key.name.str()) != required.end();
        EXPECT_EQ(isRequired, key.required) << key.name.str();
      }
}

TEST_F(Schema, RangesWordsAndDefaults) {
  auto &output = schema["$defs"]["output"]["properties"];
  EXPECT_EQ(output["channels"], nlohmann::json::parse(R"({"default": 1, "description":
    "values per position, of continuous ports", "maximum": 2147483647, "minimum": 1,
    "type": "integer"})"));
  EXPECT_EQ(output["generate"]["enum"],
            nlohmann::json::parse(R"(["direct", "autoregressive", "diffusion"])"));
  EXPECT_EQ(output["generate"]["default"], "direct");
  EXPECT_EQ(output["loss"]["enum"],
            nlohmann::json::parse(R"(["bce", "cross_entropy", "huber", "l1", "mse"])"));
  EXPECT_EQ(schema["$defs"]["train"]["properties"]["learning_rate"]["default"], 1e-3);
  EXPECT_EQ(schema["$defs"]["train"]["properties"]["optimizer"]["enum"],
            nlohmann::json::parse(R"(["adam", "adamw", "momentum", "sgd"])"));
  EXPECT_EQ(output["dimension"], output["dimensions"]);
}

TEST_F(Schema, ClosedWhereTheLanguageIs) {
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["$defs"]["train"]["unevaluatedProperties"], false);
  EXPECT_FALSE(schema["$defs"]["strategy"].contains("additionalProperties"));
  EXPECT_EQ(schema["$defs"]["budget"]["minProperties"], 1);
}

TEST_F(Schema, EveryOptimizerHasItsNumbers) {
  auto &rules = schema["$defs"]["train"]["allOf"];
  ASSERT_EQ(rules.size(), language.optimizers().size());
  EXPECT_EQ(rules[2], nlohmann::json::parse(R"({
    "if": {"properties": {"optimizer": {"const": "momentum"}}, "required": ["optimizer"]},
    "then": {"properties": {"momentum": {"type": "number", "minimum": 0, "exclusiveMaximum": 1}}}})"));
  EXPECT_FALSE(rules[1]["if"].contains("required")) << "adamw is the default";
  EXPECT_TRUE(rules[1]["then"]["properties"].contains("weight_decay"));
}

} // namespace ccm::frontend
