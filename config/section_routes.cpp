#include "config/sections.hpp"
#include "core/domain/time_zone.hpp"

#include <algorithm>
#include <cctype>

namespace scanclock {
namespace {

void read_matchers(const Cursor& cursor, RouteSettings& route) {
  for (const Cursor& item : cursor.text_items()) {
    Result<LabelMatcher, MatcherProblem> matcher = parse_matcher(*item.text());
    if (matcher.has_value()) {
      route.match.push_back(std::move(*matcher));
    } else {
      item.fail("bad matcher: " + matcher.error().message,
                "write label=\"value\" with =, !=, =~ or !~, such as 'severity=\"critical\"'");
    }
  }
}

void read_route_receivers(const Cursor& cursor, const std::vector<ReceiverSettings>& receivers,
                          RouteSettings& route) {
  std::vector<std::string> known;
  for (const ReceiverSettings& receiver : receivers) {
    known.push_back(receiver.name);
  }
  const std::vector<Cursor> items = cursor.items();
  for (const Cursor& item : items) {
    std::optional<std::string> name = item.text();
    if (!name) {
      continue;
    }
    if (std::find(known.begin(), known.end(), *name) == known.end()) {
      item.fail("there is no receiver \"" + *name + "\"",
                known.empty() ? "receivers is empty" : suggest(*name, known));
    } else if (std::find(route.receivers.begin(), route.receivers.end(), *name) !=
               route.receivers.end()) {
      item.fail("stands in the list twice");
    } else {
      route.receivers.push_back(std::move(*name));
    }
  }
  if (cursor.node().kind == YamlNode::Kind::sequence && items.empty()) {
    cursor.fail("a route without receivers would lose its alerts", "name at least one receiver");
  }
}

void read_group_by(const Cursor& cursor, RouteSettings& route) {
  for (const Cursor& item : cursor.text_items()) {
    std::string label = *item.text();
    if (is_label_name(label)) {
      route.group_by.push_back(std::move(label));
    } else {
      item.fail("\"" + label + "\" is not a label name");
    }
  }
}

constexpr int minutes_a_day = 24 * 60;
constexpr Duration group_time_max = std::chrono::hours(12);

/// `HH:MM`, from 00:00 to 24:00.
void read_time_of_day(MapReader& map, const std::string& key, std::chrono::minutes& target) {
  const auto cursor = map.find(key);
  const auto text = cursor ? cursor->text() : std::nullopt;
  if (!text) {
    return;
  }
  const auto digit = [&](std::size_t at) {
    return std::isdigit(static_cast<unsigned char>((*text)[at])) != 0 ? (*text)[at] - '0' : -100000;
  };
  int minutes = -1;
  if (text->size() == 5 && (*text)[2] == ':') {
    const int hour = 10 * digit(0) + digit(1);
    const int minute = 10 * digit(3) + digit(4);
    minutes = minute >= 0 && minute < 60 ? 60 * hour + minute : -1;
  }
  if (minutes < 0 || minutes > minutes_a_day) {
    cursor->fail("\"" + *text + "\" is not a time of day",
                 "write HH:MM in quotes, from \"00:00\" to \"24:00\"");
  } else {
    target = std::chrono::minutes(minutes);
  }
}

WeeklyTimesSettings read_weekly_times(const Cursor& item) {
  static const std::vector<std::string> names = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  MapReader map(item);
  WeeklyTimesSettings times;
  if (const auto days = map.find("days")) {
    for (const Cursor& day : days->items()) {
      if (const auto index = day.word(names)) {
        times.days.push_back(static_cast<int>(*index));
      }
    }
  }
  read_time_of_day(map, "from", times.from);
  read_time_of_day(map, "to", times.to);
  if (!map.has("days") && !map.has("from") && !map.has("to")) {
    item.fail("says no time", "name days, or from and to, such as {days: [sat, sun]}");
  }
  map.finish();
  return times;
}

/// Where no minute of the week is left, a warning would wait for ever.
bool leaves_no_minute(const std::vector<WeeklyTimesSettings>& times) {
  constexpr int minutes_a_week = 7 * minutes_a_day;
  std::vector<bool> waits(minutes_a_week, false);
  for (const WeeklyTimesSettings& entry : times) {
    const auto from = static_cast<int>(entry.from.count());
    const auto to = static_cast<int>(entry.to.count());
    const int end = to > from ? to : to + minutes_a_day;
    for (int day = 0; day < 7; ++day) {
      const bool holds = entry.days.empty() ||
                         std::find(entry.days.begin(), entry.days.end(), day) != entry.days.end();
      for (int minute = from; holds && minute < end; ++minute) {
        waits[static_cast<std::size_t>((day * minutes_a_day + minute) % minutes_a_week)] = true;
      }
    }
  }
  return std::find(waits.begin(), waits.end(), false) == waits.end();
}

void read_warnings_wait(const Cursor& cursor, RouteSettings& route) {
  const std::size_t errors_before = cursor.context().errors.size();
  for (const Cursor& item : cursor.items()) {
    route.warnings_wait.push_back(read_weekly_times(item));
  }
  const bool all_read = cursor.context().errors.size() == errors_before;
  if (all_read && leaves_no_minute(route.warnings_wait)) {
    cursor.fail("covers the whole week: no warning would ever be sent",
                "leave a time in which warnings are sent, or match severity=\"critical\" only");
  }
}

void read_group_time(MapReader& map, const std::string& key, Duration min, Duration& target) {
  const auto cursor = map.find(key);
  const auto value = cursor ? cursor->duration(min) : std::nullopt;
  if (value && *value > group_time_max) {
    cursor->fail("must be at most " + format_duration(group_time_max) + ", found \"" +
                 format_duration(*value) + "\"");
  } else if (value) {
    target = *value;
  }
}

RouteSettings read_route(const Cursor& item, const std::vector<ReceiverSettings>& receivers) {
  MapReader map(item);
  RouteSettings route;
  if (const auto match = map.find("match")) {
    read_matchers(*match, route);
  }
  if (const auto names = map.require("receivers")) {
    read_route_receivers(*names, receivers, route);
  }
  map.boolean("continue", route.continue_);
  if (const auto group_by = map.find("group_by")) {
    read_group_by(*group_by, route);
  }
  read_group_time(map, "group_wait", Duration::zero(), route.group_wait);
  read_group_time(map, "group_interval", std::chrono::seconds(1), route.group_interval);
  if (const auto waiting = map.find("warnings_wait")) {
    read_warnings_wait(*waiting, route);
  }
  map.duration("repeat_every", route.repeat_every, std::chrono::seconds(1));
  map.finish();
  return route;
}

}  // namespace

void read_routes(MapReader& root, const std::vector<ReceiverSettings>& receivers,
                 std::vector<RouteSettings>& routes) {
  if (const auto section = root.find("routes")) {
    for (const Cursor& item : section->items()) {
      routes.push_back(read_route(item, receivers));
    }
  }
}

void read_display(MapReader& root, DisplaySettings& display) {
  const std::optional<Cursor> section = root.find("display");
  if (!section) {
    return;
  }
  MapReader map(*section);
  if (const auto zone = map.find("time_zone")) {
    const std::optional<std::string> value = zone->text();
    if (value && !TimeZone::find(*value)) {
      zone->fail("this host knows no time zone \"" + *value + "\"",
                 "write UTC or a name of the IANA database, such as Europe/Berlin; the package "
                 "tzdata has them");
    } else if (value) {
      display.time_zone = *value;
    }
  }
  map.finish();
}

}  // namespace scanclock
