// SPDX-License-Identifier: Apache-2.0
// Generated headers: constants and structs agree with the table, in C++ and in C (header.c).
#include "mixed.h"
#include "picture.h"
#include "table.h"
#include "tags.h"

#include <gtest/gtest.h>

extern "C" int32_t stepFromC(float *firstLoss, float *lastLoss);

namespace {

TEST(HeaderTest, ConstantsAreThoseOfTheTable) {
  const ccm_model *model = ccm_model_mixed();
  EXPECT_EQ(mixed_input_image_index, 0);
  EXPECT_EQ(mixed_input_numbers_index, 2);
  EXPECT_STREQ(model->inputs[mixed_input_sound_index].name, "sound");
  EXPECT_EQ(model->inputs[0].extents[0], mixed_input_image_extent_0);
  EXPECT_EQ(mixed_input_image_extent_1, 31);
  EXPECT_EQ(mixed_input_image_extent_2, 3);
  EXPECT_EQ(model->inputs[0].bytes, mixed_input_image_elements * sizeof(float));
  EXPECT_EQ(model->outputs[mixed_output_echo_index].target_bytes,
            mixed_output_echo_target_elements * sizeof(float));
  EXPECT_EQ(tags_input_text_vocabulary, 64);
  EXPECT_EQ(tags_output_tag_elements, 48 * 8);
  EXPECT_EQ(tags_output_tag_target_elements, 48);
}

TEST(HeaderTest, StructsHoldTypedArrays) {
  static_assert(std::is_same_v<decltype(tags_inputs::text), const int32_t *>);
  static_assert(std::is_same_v<decltype(tags_targets::tag), const int32_t *>);
  static_assert(std::is_same_v<decltype(tags_outputs::tag), float *>);
  static_assert(std::is_same_v<decltype(mixed_input_deltas::image), float *>);
  float image = 0, sound = 0, numbers = 0, echo = 0;
  mixed_samples samples = {.count = 3,
                           .inputs = {.image = &image, .sound = &sound, .numbers = &numbers},
                           .targets = {},
                           .outputs = {.echo = &echo},
                           .output_deltas = {},
                           .input_deltas = {.image = nullptr, .sound = &sound, .numbers = nullptr}};
  mixed_lists lists;
  ccm_batch batch = mixed_batch(&samples, &lists);
  EXPECT_EQ(batch.count, 3);
  EXPECT_EQ(batch.inputs[mixed_input_sound_index], &sound);
  EXPECT_EQ(batch.inputs[mixed_input_numbers_index], &numbers);
  EXPECT_EQ(batch.outputs[0], &echo);
  EXPECT_EQ(batch.targets[0], nullptr);
  EXPECT_EQ(batch.input_deltas[1], &sound);
  EXPECT_EQ(batch.input_deltas[0], nullptr);
}

TEST(HeaderTest, IndicesHaveNoDelta) {
  picture_samples samples = {};
  picture_lists lists;
  EXPECT_EQ(picture_batch(&samples, &lists).input_deltas[picture_input_label_index], nullptr);
}

TEST(HeaderTest, TrainsFromC) {
  float first = 0, last = 0;
  ASSERT_EQ(stepFromC(&first, &last), CCM_OK);
  EXPECT_LT(last, first / 2);
}

} // namespace
