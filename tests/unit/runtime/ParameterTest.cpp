// SPDX-License-Identifier: Apache-2.0
// Packing: every canonical element has its place, and padding is left alone.
#include "TestFiles.h"

#include <numeric>

namespace ccm::test {
namespace {

ccm_parameter makeParameter(std::vector<int64_t> shape, std::vector<int64_t> extents,
                            std::vector<int32_t> dims, std::vector<int64_t> steps) {
  ccm_parameter parameter = {};
  parameter.name = "p";
  parameter.rank = static_cast<int32_t>(shape.size());
  parameter.packed_rank = static_cast<int32_t>(extents.size());
  std::copy(shape.begin(), shape.end(), parameter.shape);
  std::copy(extents.begin(), extents.end(), parameter.packed_extents);
  std::copy(dims.begin(), dims.end(), parameter.packed_dims);
  std::copy(steps.begin(), steps.end(), parameter.packed_steps);
  int64_t count = std::accumulate(extents.begin(), extents.end(), int64_t(1), std::multiplies<>());
  parameter.bytes = static_cast<uint64_t>(count) * sizeof(float);
  return parameter;
}

std::vector<float> numbered(const ccm_parameter &parameter) {
  std::vector<float> canonical(static_cast<size_t>(elementCount(parameter)));
  std::iota(canonical.begin(), canonical.end(), 1.0f);
  return canonical;
}

std::vector<float> pack(const ccm_parameter &parameter, float padding) {
  std::vector<float> packed(parameter.bytes / sizeof(float), padding);
  packParameter(parameter, numbered(parameter), packed.data());
  return packed;
}

void expectRoundTrip(const ccm_parameter &parameter) {
  std::vector<float> packed = pack(parameter, -7), canonical(numbered(parameter).size(), -1);
  unpackParameter(parameter, packed.data(), canonical);
  EXPECT_EQ(canonical, numbered(parameter));
  auto padding = std::count(packed.begin(), packed.end(), -7.0f);
  EXPECT_EQ(static_cast<size_t>(padding), packed.size() - canonical.size());
}

TEST(ParameterTest, PacksAScalarAndAVector) {
  EXPECT_EQ(pack(makeParameter({}, {}, {}, {}), 0), std::vector<float>{1});
  EXPECT_EQ(pack(makeParameter({3}, {4}, {0}, {1}), 9), (std::vector<float>{1, 2, 3, 9}));
}

TEST(ParameterTest, PacksPanels) {
  // [3, 2] in panels of two rows: element (panel, column, row) is (2 panel + row, column).
  auto panels = makeParameter({3, 2}, {2, 2, 2}, {0, 1, 0}, {2, 1, 1});
  EXPECT_EQ(pack(panels, 9), (std::vector<float>{1, 3, 2, 4, 5, 9, 6, 9}));
  expectRoundTrip(panels);
}

TEST(ParameterTest, PacksPaddingInEveryPlace) {
  expectRoundTrip(makeParameter({5, 3}, {2, 3, 4}, {0, 1, 0}, {4, 1, 1}));
  // convolution: [CO, CI, ky, kx] as [CO/V][ky][ci][kx][V], CO and CI padded
  expectRoundTrip(makeParameter({10, 3, 3, 3}, {2, 3, 4, 3, 8}, {0, 2, 1, 3, 0}, {8, 1, 1, 1, 1}));
  // the last packed dimension is the coarse one of its canonical dimension
  expectRoundTrip(makeParameter({7}, {3, 3}, {0, 0}, {1, 3}));
  // a whole panel of padding
  expectRoundTrip(makeParameter({4, 2}, {3, 2, 4}, {0, 1, 0}, {4, 1, 1}));
}

TEST(ParameterTest, StartsAtTheOffset) {
  auto parameter = makeParameter({2}, {2}, {0}, {1});
  parameter.offset = 64;
  std::vector<float> params(18, 0.0f);
  packParameter(parameter, std::vector<float>{1, 2}, params.data());
  EXPECT_EQ(params[15], 0);
  EXPECT_EQ(params[16], 1);
  EXPECT_EQ(params[17], 2);
}

} // namespace
} // namespace ccm::test
