#include "config/sections.hpp"

#include <algorithm>

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
    // Messages in another zone come with a later version; ignoring the wish would mislead readers.
    if (value && *value != "UTC") {
      zone->fail("\"" + *value + "\" is not supported by this version yet", "write UTC");
    } else if (value) {
      display.time_zone = *value;
    }
  }
  map.finish();
}

}  // namespace scanclock
