#include "core/domain/time.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace scanclock {
namespace {

constexpr Duration duration_max = std::chrono::hours(24 * 365 * 100);

/// Reads exactly `digits` decimal digits from the front of `text` and removes them.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) {
    return std::nullopt;
  }
  int value = 0;
  for (std::size_t index = 0; index < digits; ++index) {
    if (text[index] < '0' || text[index] > '9') {
      return std::nullopt;
    }
    value = value * 10 + (text[index] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view accepted) {
  if (text.empty() || accepted.find(text.front()) == std::string_view::npos) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

/// A fraction of a second of any length, cut to microseconds; zero when there is none.
std::optional<Duration> take_fraction(std::string_view& text) {
  if (!take(text, ".")) {
    return Duration::zero();
  }
  std::int64_t microseconds = 0;
  std::size_t count = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (count < 6) {
      microseconds = microseconds * 10 + (text.front() - '0');
    }
    ++count;
    text.remove_prefix(1);
  }
  if (count == 0) {
    return std::nullopt;
  }
  for (std::size_t digit = count; digit < 6; ++digit) {
    microseconds *= 10;
  }
  return Duration(microseconds);
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) {
    return std::nullopt;
  }
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) {
    return std::nullopt;
  }
  const auto day = take_number(text, 2);
  if (!day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date);
}

std::optional<Duration> take_time_of_day(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ":")) {
    return std::nullopt;
  }
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ":")) {
    return std::nullopt;
  }
  const auto second = take_number(text, 2);
  const auto fraction = take_fraction(text);
  // Second 60 is a leap second; Unix time repeats the second after it.
  if (!second || !fraction || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
         *fraction;
}

std::optional<Duration> take_offset(std::string_view& text) {
  if (take(text, "zZ")) {
    return Duration::zero();
  }
  const bool negative = !text.empty() && text.front() == '-';
  if (!take(text, "+-")) {
    return std::nullopt;
  }
  const auto hours = take_number(text, 2);
  take(text, ":");
  const auto minutes = take_number(text, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  const Duration offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return negative ? -offset : offset;
}

std::optional<TimePoint> parse_time(std::string_view text, bool zone_required) {
  const auto date = take_date(text);
  if (!date || !take(text, "Tt ")) {
    return std::nullopt;
  }
  const auto time_of_day = take_time_of_day(text);
  if (!time_of_day) {
    return std::nullopt;
  }
  Duration offset = Duration::zero();
  if (!text.empty() || zone_required) {
    const auto zone = take_offset(text);
    if (!zone) {
      return std::nullopt;
    }
    offset = *zone;
  }
  if (!text.empty()) {
    return std::nullopt;
  }
  return TimePoint(*date) + *time_of_day - offset;
}

using Unit = std::pair<std::string_view, Duration>;

/// Largest first; `ms` stands before `m` and `s` where it is looked up by prefix.
constexpr std::array<Unit, 5> units{{{"d", std::chrono::hours(24)},
                                     {"h", std::chrono::hours(1)},
                                     {"m", std::chrono::minutes(1)},
                                     {"s", std::chrono::seconds(1)},
                                     {"ms", std::chrono::milliseconds(1)}}};

const Unit* find_unit(std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.first == name) {
      return &unit;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<TimePoint> parse_rfc3339(std::string_view text) { return parse_time(text, true); }

std::optional<TimePoint> parse_rfc3339_assuming_utc(std::string_view text) {
  return parse_time(text, false);
}

std::string format_rfc3339(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<Duration> clock(time - day);
  std::array<char, 64> buffer{};
  int length = std::snprintf(
      buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  std::string text(buffer.data(), static_cast<std::size_t>(length));
  if (clock.subseconds().count() != 0) {
    length = std::snprintf(buffer.data(), buffer.size(), ".%06d",
                           static_cast<int>(clock.subseconds().count()));
    text.append(buffer.data(), static_cast<std::size_t>(length));
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "Z";
}

bool is_set(TimePoint time) {
  static constexpr TimePoint year_two = std::chrono::sys_days(std::chrono::January / 1 / 2);
  return time >= year_two && time != TimePoint{};
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text.empty()) {
    return std::nullopt;
  }
  Duration total = Duration::zero();
  Duration previous_unit = Duration::max();
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
    const auto digits = static_cast<std::size_t>(parsed.ptr - text.data());
    if (parsed.ec != std::errc{} || digits == 0 || text.front() == '-') {
      return std::nullopt;
    }
    text.remove_prefix(digits);
    const std::size_t end = text.find_first_of("0123456789");
    const Unit* unit = find_unit(text.substr(0, end));
    if (unit == nullptr || unit->second >= previous_unit || count > duration_max / unit->second) {
      return std::nullopt;
    }
    total += count * unit->second;
    previous_unit = unit->second;
    text.remove_prefix(unit->first.size());
  }
  return total > duration_max ? std::nullopt : std::optional(total);
}

std::string format_duration(Duration duration) {
  std::string text;
  for (const Unit& unit : units) {
    const auto count = duration / unit.second;
    if (count != 0) {
      text += std::to_string(count) + std::string(unit.first);
      duration -= count * unit.second;
    }
  }
  return text.empty() ? "0s" : text;
}

std::string describe_duration(Duration duration) {
  if (duration < Duration::zero()) {
    duration = -duration;
  }
  if (duration < std::chrono::seconds(1)) {
    return "0s";
  }
  std::string text;
  for (std::size_t index = 0; index < 4; ++index) {
    const auto count = duration / units[index].second;
    if (count == 0) {
      continue;
    }
    text = std::to_string(count) + std::string(units[index].first);
    const Duration rest = duration - count * units[index].second;
    if (index + 1 < 4) {
      const auto smaller = rest / units[index + 1].second;
      if (smaller != 0) {
        text += " " + std::to_string(smaller) + std::string(units[index + 1].first);
      }
    }
    break;
  }
  return text;
}

}  // namespace scanclock
