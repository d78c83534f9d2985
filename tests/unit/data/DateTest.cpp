// SPDX-License-Identifier: Apache-2.0
// Dates in cells: what is one, and the numbers that a port gets of it.
#include "data/Date.h"
#include "tests/unit/data/TestData.h"

#include <array>

namespace ccm::data::test {
namespace {

std::string shownDate(std::string_view text) {
  const std::optional<Date> date = dateOf(text);
  if (!date)
    return "none";
  return std::to_string(date->year) + " " + std::to_string(date->month) + " " +
         std::to_string(date->day) + (date->hasTime ? " " + std::to_string(date->seconds) : "");
}

TEST(Date, IsReadInTheFormsThatSayOneDay) {
  EXPECT_EQ(shownDate("2024-05-01"), "2024 5 1");
  EXPECT_EQ(shownDate("2024-5-1"), "2024 5 1");
  EXPECT_EQ(shownDate("2024/12/31"), "2024 12 31");
  EXPECT_EQ(shownDate("01.05.2024"), "2024 5 1");
  EXPECT_EQ(shownDate("2024-02-29"), "2024 2 29");
  EXPECT_EQ(shownDate("2024-05-01T12:30"), "2024 5 1 45000.000000");
  EXPECT_EQ(shownDate("2024-05-01 00:00:01.25"), "2024 5 1 1.250000");
  for (const char *zone : {"Z", "+02:00", "-0530", "+01"})
    EXPECT_EQ(shownDate(std::string("2024-05-01T01:00:00") + zone), "2024 5 1 3600.000000") << zone;
}

TEST(Date, IsNotWhatSaysTwoDaysOrNone) {
  for (const char *text : {"",
                           "2024",
                           "2024-05",
                           "01/05/2024",
                           "2023-02-29",
                           "2024-13-01",
                           "2024-00-10",
                           "2024-01-32",
                           "24-05-01",
                           "2024-05.01",
                           "20240501",
                           "2024-05-01T",
                           "2024-05-01T24:00",
                           "2024-05-01T12:60",
                           "2024-05-01T12:30:60",
                           "2024-05-01T12:30:1",
                           "2024-05-01T12:30:15.",
                           "2024-05-01T12",
                           "2024-05-01x",
                           "2024-05-01T12:30x",
                           "2024-05-01T12:30+2",
                           "x2024-05-01",
                           "-2024-05-01",
                           "2024-05-99999999999999999999",
                           "99999999999-05-01",
                           "2024--05-01",
                           "1.5.2024.",
                           "32.1.2024"})
    EXPECT_EQ(shownDate(text), "none") << text;
}

TEST(Date, IsTakenApart) {
  std::array<float, 7> values;
  fillDate(*dateOf("2024-01-01T06:00"), values); // a Monday
  const float quarter = 1.0f / 4 / 7;
  EXPECT_FLOAT_EQ(values[0], 2024 + 0.25f / 366);
  EXPECT_FLOAT_EQ(values[3], std::sin(2 * float(M_PI) * quarter));
  EXPECT_FLOAT_EQ(values[5], 1);
  EXPECT_NEAR(values[6], 0, 1e-7);
  fillDate(*dateOf("2023-07-02T12:00"), std::span(values).first(5)); // the middle of 365 days
  EXPECT_FLOAT_EQ(values[0], 2023.5f);
  EXPECT_NEAR(values[1], 0, 1e-6);
  EXPECT_FLOAT_EQ(values[2], -1);
}

TEST(Date, FillsAPortOfFiveOrSevenChannels) {
  const Folder folder;
  const ccm_port inputs[] = {continuous("day", {5}), continuous("time", {7})};
  const ccm_port outputs[] = {continuous("y", {1})};
  const std::string table = folder.write(
      "t.csv", "day;time;y\n01.01.2024;2024-01-01T00:00;0,5\n1 2 3 4 5;1.1.2024 12:00;1,5\n");
  Result<Dataset> data = openDataset(table, inputs, outputs);
  ASSERT_TRUE(data) << textOf(data);
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 0), (std::vector<float>{2024, 0, 1, 0, 1}));
  EXPECT_EQ(valuesAt<float>(data->inputs[0], 1), (std::vector<float>{1, 2, 3, 4, 5}));
  EXPECT_EQ(valuesAt<float>(data->inputs[1], 0), (std::vector<float>{2024, 0, 1, 0, 1, 0, 1}));
  EXPECT_FLOAT_EQ(valuesAt<float>(data->inputs[1], 1)[6], -1);
}

TEST(Date, ThatIsNoneIsAnErrorWithItsPlace) {
  const Folder folder;
  const ccm_port inputs[] = {continuous("day", {5})};
  const ccm_port outputs[] = {continuous("y", {1})};
  const std::string table = folder.write("t.csv", "day,y\n01/05/2024,1\n2024-02-30,1\n");
  EXPECT_EQ(textOf(openDataset(table, inputs, outputs)),
            table +
                ":2:1: error: 'day' expects 5 numbers, a date, or an npy or txt file, got "
                "'01/05/2024'\n" +
                table +
                ":3:1: error: 'day' expects 5 numbers, a date, or an npy or txt file, got "
                "'2024-02-30'\n");
}

} // namespace
} // namespace ccm::data::test
