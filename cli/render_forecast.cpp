#include "cli/json_fields.hpp"
#include "cli/render.hpp"
#include "cli/table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace scanclock {
namespace {

using nlohmann::json;

/// As long as the bar of the day with the most images.
constexpr std::int64_t bar_characters_max = 40;

constexpr std::array<const char*, 7> weekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::int64_t number_of(const json& object, const char* key) {
  const json& field = field_of(object, key);
  return field.is_number() ? field.get<std::int64_t>() : 0;
}

/// Never empty where there is something: one image shows beside ten thousand.
std::string bar_of(std::int64_t count, std::int64_t most) {
  if (count <= 0 || most <= 0) {
    return "";
  }
  const std::int64_t length = std::max<std::int64_t>(1, count * bar_characters_max / most);
  return std::string(static_cast<std::size_t>(std::min(length, bar_characters_max)), '#');
}

std::string weekday_of(const std::string& date) {
  const auto time = parse_rfc3339(date + "T00:00:00Z");
  if (!time) {
    return "";
  }
  const std::chrono::weekday day(std::chrono::floor<std::chrono::days>(*time));
  return weekdays[day.c_encoding()];
}

/// The image whose deadline comes first.
std::string nearest_of(const json& images) {
  const json& nearest = field_of(images, "nearest");
  return nearest.is_array() && !nearest.empty() ? text_of(nearest.front(), "name") : "";
}

std::int64_t sum_of(const json& days, std::size_t count) {
  std::int64_t sum = 0;
  for (std::size_t day = 0; days.is_array() && day < std::min(count, days.size()); ++day) {
    sum += days[day].is_number() ? days[day].get<std::int64_t>() : 0;
  }
  return sum;
}

std::string plural(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

std::string render_forecast(const json& forecast) {
  const json& overdue = field_of(forecast, "overdue");
  const json& never = field_of(forecast, "never_scanned");
  const json& days = field_of(forecast, "days");
  std::int64_t most = std::max(number_of(overdue, "images"), number_of(never, "images"));
  std::int64_t due = 0;
  for (const json& day : days) {
    most = std::max(most, number_of(day, "images"));
    due += number_of(day, "images");
  }
  Table table({"DAY", "DATE", "IMAGES", "NEAREST", "BAR"});
  const auto add = [&](const std::string& name, const std::string& date, const json& images) {
    const std::int64_t count = number_of(images, "images");
    table.add({name, date, std::to_string(count), nearest_of(images), bar_of(count, most)});
  };
  add("overdue", "", overdue);
  add("never scanned", "", never);
  for (std::size_t day = 0; day < days.size(); ++day) {
    const std::string date = text_of(days[day], "date");
    add(day == 0 ? "today" : "+" + std::to_string(day), weekday_of(date) + " " + date, days[day]);
  }
  std::string text = table.text();
  text += plural(number_of(forecast, "images"), "running image") + ": " + std::to_string(due) +
          " pass their deadline within " + plural(static_cast<std::int64_t>(days.size()), "day") +
          " if nothing is scanned, " + std::to_string(number_of(forecast, "later")) + " later";
  const std::int64_t unbound = number_of(forecast, "unbound");
  text += unbound == 0 ? "" : "; " + plural(unbound, "more image") + " no policy binds";
  return text + "\n";
}

std::string render_forecast_by(const json& forecast, const std::string& by) {
  const json& groups = field_of(field_of(forecast, "by"), by.c_str());
  if (!groups.is_array() || groups.empty()) {
    return "no images\n";
  }
  std::string header = by;
  std::transform(header.begin(), header.end(), header.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const std::size_t days = field_of(forecast, "days").size();
  Table table({header, "IMAGES", "OVERDUE", "NEVER SCANNED", "TODAY", "7 DAYS",
               std::to_string(days) + " DAYS", "LATER", "BAR"});
  std::int64_t most = 0;
  const auto urgent = [days](const json& group) {
    return number_of(group, "overdue") + number_of(group, "never_scanned") +
           sum_of(field_of(group, "days"), days);
  };
  for (const json& group : groups) {
    most = std::max(most, urgent(group));
  }
  for (const json& group : groups) {
    const json& counts = field_of(group, "days");
    table.add({text_of(group, "name"), text_of(group, "images"), text_of(group, "overdue"),
               text_of(group, "never_scanned"), std::to_string(sum_of(counts, 1)),
               std::to_string(sum_of(counts, 7)), std::to_string(sum_of(counts, days)),
               text_of(group, "later"), bar_of(urgent(group), most)});
  }
  const std::int64_t left_out = number_of(field_of(forecast, "left_out"), by.c_str());
  return table.text() +
         (left_out == 0 ? std::string() : "and " + std::to_string(left_out) + " more\n");
}

}  // namespace scanclock
