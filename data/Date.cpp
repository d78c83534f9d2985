// SPDX-License-Identifier: Apache-2.0
// Reads dates character by character, in every locale alike.
#include "data/Date.h"

#include <chrono>
#include <cmath>
#include <numbers>

namespace ccm::data {

namespace {

constexpr double kSecondsOfDay = 86400;

/// Takes what it knows from the front of a text.
class Scanner {
public:
  explicit Scanner(std::string_view text) : rest(text) {}

  bool isAtEnd() const { return rest.empty(); }

  /// The first of these characters that stands here; 0 where none does.
  char take(std::string_view any) {
    if (rest.empty() || any.find(rest.front()) == any.npos)
      return 0;
    const char found = rest.front();
    rest.remove_prefix(1);
    return found;
  }

  /// All digits from here on; none where they are fewer or more.
  std::optional<uint32_t> digits(size_t least, size_t most) {
    uint32_t value = 0;
    size_t count = 0;
    for (; count < rest.size() && rest[count] >= '0' && rest[count] <= '9' && count <= most;
         ++count)
      value = value * 10 + uint32_t(rest[count] - '0');
    rest.remove_prefix(count);
    return count >= least && count <= most ? std::optional(value) : std::nullopt;
  }

  /// What stands behind a decimal point, from 0 to below 1.
  std::optional<double> fraction() {
    double value = 0, unit = 1;
    const size_t before = rest.size();
    for (char digit; (digit = take("0123456789")) != 0; unit /= 10)
      value += unit / 10 * (digit - '0');
    return rest.size() < before ? std::optional(value) : std::nullopt;
  }

private:
  std::string_view rest;
};

/// Three numbers with one separator between them, the year first or, behind points, last.
std::optional<Date> takeDay(Scanner &scanner) {
  const std::optional<uint32_t> first = scanner.digits(1, 4);
  const char separator = scanner.take("-/.");
  const std::optional<uint32_t> month = scanner.digits(1, 2);
  if (!first || !separator || !month || scanner.take("-/.") != separator)
    return std::nullopt;
  const std::optional<uint32_t> last = scanner.digits(1, 4);
  if (!last)
    return std::nullopt;
  const bool yearLast = separator == '.';
  const uint32_t year = yearLast ? *last : *first, day = yearLast ? *first : *last;
  const std::chrono::year_month_day found{std::chrono::year(int(year)), std::chrono::month(*month),
                                          std::chrono::day(day)};
  constexpr uint32_t kLeastYear = 1000; // 24 may be any century's
  if (year < kLeastYear || day > 31 || !found.ok())
    return std::nullopt;
  return Date{int32_t(year), *month, day};
}

/// Hours, minutes and perhaps seconds.
std::optional<double> takeTime(Scanner &scanner) {
  const std::optional<uint32_t> hour = scanner.digits(1, 2);
  const bool isParted = scanner.take(":");
  const std::optional<uint32_t> minute = scanner.digits(2, 2);
  if (!hour || !isParted || !minute || *hour > 23 || *minute > 59)
    return std::nullopt;
  double seconds = 60.0 * (60 * *hour + *minute);
  if (!scanner.take(":"))
    return seconds;
  const std::optional<uint32_t> second = scanner.digits(2, 2);
  if (!second || *second > 59)
    return std::nullopt;
  const std::optional<double> part = scanner.take(".,") ? scanner.fraction() : 0.0;
  return part ? std::optional(seconds + *second + *part) : std::nullopt;
}

/// Whether nothing or a zone stands here: Z, +02, +0200 or +02:00.
bool takeZone(Scanner &scanner) {
  if (scanner.isAtEnd() || scanner.take("Zz"))
    return true;
  const bool isSigned = scanner.take("+-");
  const std::optional<uint32_t> hours = scanner.digits(2, 4);
  return isSigned && hours && (!scanner.take(":") || scanner.digits(2, 2));
}

void fillCycle(double share, std::span<float> values) {
  const double angle = 2 * std::numbers::pi * share;
  values[0] = float(std::sin(angle));
  values[1] = float(std::cos(angle));
}

} // namespace

std::optional<Date> dateOf(std::string_view text) {
  Scanner scanner(text);
  std::optional<Date> date = takeDay(scanner);
  if (!date || scanner.isAtEnd())
    return date;
  if (!scanner.take("Tt "))
    return std::nullopt;
  const std::optional<double> seconds = takeTime(scanner);
  if (!seconds || !takeZone(scanner) || !scanner.isAtEnd())
    return std::nullopt;
  date->seconds = *seconds;
  date->hasTime = true;
  return date;
}

void fillDate(const Date &date, std::span<float> values) {
  using namespace std::chrono;
  const year_month_day day{year(date.year), month(date.month), std::chrono::day(date.day)};
  const sys_days first = sys_days(year(date.year) / January / 1);
  const double ofDay = date.seconds / kSecondsOfDay;
  const double days = year(date.year).is_leap() ? 366 : 365;
  const double ofYear = (double((sys_days(day) - first).count()) + ofDay) / days;
  const unsigned weekday = std::chrono::weekday(sys_days(day)).iso_encoding() - 1;
  values[0] = float(date.year + ofYear);
  fillCycle(ofYear, values.subspan(1));
  fillCycle((weekday + ofDay) / 7, values.subspan(3));
  if (values.size() == size_t(kTimeChannels))
    fillCycle(ofDay, values.subspan(5));
}

} // namespace ccm::data
