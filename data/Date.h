// SPDX-License-Identifier: Apache-2.0
// Dates and times of day, as cells of tables say them, and the numbers that models read of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ccm::data {

/// A day of the Gregorian calendar, and perhaps a time of it.
struct Date {
  int32_t year = 1;
  uint32_t month = 1, day = 1; ///< from 1
  double seconds = 0;          ///< since midnight
  bool hasTime = false;
};

/// Channels of a port that takes a date apart: of a day, and of a day and a time.
constexpr int64_t kDayChannels = 5, kTimeChannels = 7;

/// The date that is the whole text: 2024-05-01, 2024/05/01 or 01.05.2024, then perhaps a T or a
/// blank and 12:30, 12:30:15 or 12:30:15.5, then perhaps Z or +02:00, which changes nothing: the
/// time is that of the place. None where there is no such day: 01/05/2024 says two of them.
std::optional<Date> dateOf(std::string_view text);

/// Writes kDayChannels or kTimeChannels values: the year with the share of it that is over, then
/// sine and cosine of the shares of the year and of the week (from Monday) that are over, and of
/// the day.
void fillDate(const Date &date, std::span<float> values);

} // namespace ccm::data
