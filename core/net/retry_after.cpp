#include "core/net/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <string>

namespace scanclock {
namespace {

constexpr std::size_t digits_max = 9;
constexpr std::size_t date_characters_max = 64;

std::optional<unsigned> month_number(std::string_view name) {
  static constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    return std::nullopt;
  }
  return static_cast<unsigned>(found - names.begin()) + 1;
}

struct DateFields {
  int day = 0;
  char month[4] = {};
  int year = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

std::optional<DateFields> read_fields(const std::string& text) {
  DateFields fields;
  if (std::sscanf(text.c_str(), "%*3[A-Za-z], %2d %3s %4d %2d:%2d:%2d GMT", &fields.day,
                  fields.month, &fields.year, &fields.hour, &fields.minute, &fields.second) == 6) {
    return fields;
  }
  if (std::sscanf(text.c_str(), "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT", &fields.day,
                  fields.month, &fields.year, &fields.hour, &fields.minute, &fields.second) == 6) {
    fields.year += fields.year < 70 ? 2000 : 1900;
    return fields;
  }
  if (std::sscanf(text.c_str(), "%*3[A-Za-z] %3s %2d %2d:%2d:%2d %4d", fields.month, &fields.day,
                  &fields.hour, &fields.minute, &fields.second, &fields.year) == 6) {
    return fields;
  }
  return std::nullopt;
}

std::optional<TimePoint> parse_http_date(std::string_view text) {
  const std::optional<DateFields> fields = read_fields(std::string(text));
  const auto month = fields ? month_number(fields->month) : std::nullopt;
  if (!month || fields->hour < 0 || fields->hour > 23 || fields->minute < 0 ||
      fields->minute > 59 || fields->second < 0 || fields->second > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(fields->year),
                                         std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(fields->day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::sys_days(date)) + std::chrono::hours(fields->hour) +
         std::chrono::minutes(fields->minute) + std::chrono::seconds(fields->second);
}

}  // namespace

std::optional<Duration> parse_retry_after(std::string_view text, TimePoint now) {
  const auto from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) {
    return std::nullopt;
  }
  text = text.substr(from, text.find_last_not_of(" \t") - from + 1);
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    if (text.size() > digits_max) {
      return retry_after_max;
    }
    long long seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return std::min<Duration>(std::chrono::seconds(seconds), retry_after_max);
  }
  const auto date = text.size() <= date_characters_max ? parse_http_date(text) : std::nullopt;
  if (!date) {
    return std::nullopt;
  }
  return std::clamp<Duration>(*date - now, Duration::zero(), retry_after_max);
}

}  // namespace scanclock
