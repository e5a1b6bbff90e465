#include "config/sections.hpp"

#include <algorithm>

namespace scanclock {
namespace {

constexpr Duration window_min = std::chrono::seconds(1);

void read_match_list(MapReader& match, const std::string& key, const std::string& consequence,
                     std::vector<std::string>& globs) {
  read_globs(match, key, globs);
  const std::optional<Cursor> list = match.find(key);
  if (list && list->node().kind == YamlNode::Kind::sequence && list->node().items.empty()) {
    list->fail("an empty list matches nothing, so the " + consequence,
               "leave it out for the default");
  }
}

void read_match(MapReader& map, PolicyMatch& match) {
  if (const auto cursor = map.find("match")) {
    MapReader inner(*cursor);
    const std::string no_image = "policy would bind no image";
    read_match_list(inner, "environments", no_image, match.environments);
    read_match_list(inner, "repositories", no_image, match.repositories);
    read_match_list(inner, "namespaces", no_image, match.namespaces);
    inner.finish();
  }
}

/// Stages, longest first, each shorter than the window.
void read_stages(MapReader& map, Policy& policy) {
  const std::optional<Cursor> cursor = map.find("warn_before");
  if (!cursor) {
    // The default stages must not be stages that a short window cannot reach.
    std::erase_if(policy.warn_before, [&](Duration stage) { return stage >= policy.window; });
    return;
  }
  policy.warn_before.clear();
  for (const Cursor& item : cursor->items()) {
    const std::optional<Duration> stage = item.duration(std::chrono::milliseconds(1));
    if (!stage) {
      continue;
    }
    auto& stages = policy.warn_before;
    if (*stage >= policy.window) {
      item.fail("must be shorter than the window of " + format_duration(policy.window));
    } else if (std::find(stages.begin(), stages.end(), *stage) != stages.end()) {
      item.fail("stands in the list twice");
    } else {
      stages.push_back(*stage);
    }
  }
  std::sort(policy.warn_before.begin(), policy.warn_before.end(), std::greater<>());
}

void read_trust(MapReader& map, std::vector<Trust>& trust) {
  const std::optional<Cursor> cursor = map.find("trust");
  if (!cursor) {
    return;
  }
  trust.clear();
  const std::vector<Cursor> items = cursor->items();
  for (const Cursor& item : items) {
    const auto word = item.word({"signed", "platform", "pushed", "unsigned"});
    if (!word) {
      continue;
    }
    const Trust value = static_cast<Trust>(*word);
    if (std::find(trust.begin(), trust.end(), value) != trust.end()) {
      item.fail("stands in the list twice");
      continue;
    }
    trust.push_back(value);
  }
  if (cursor->node().kind == YamlNode::Kind::sequence && items.empty()) {
    cursor->fail("an empty list trusts no scan at all", "name at least one trust class");
  }
}

void read_trust_rules(MapReader& map, std::vector<TrustRule>& rules) {
  const std::optional<Cursor> cursor = map.find("trust_rules");
  if (!cursor) {
    return;
  }
  for (const Cursor& item : cursor->items()) {
    MapReader inner(item);
    TrustRule rule;
    if (inner.require("repositories")) {
      read_match_list(inner, "repositories", "rule would never apply", rule.repositories);
    }
    if (inner.require("trust")) {
      read_trust(inner, rule.trust);
    }
    inner.finish();
    rules.push_back(std::move(rule));
  }
}

void read_platforms(MapReader& map, std::vector<Platform>& platforms) {
  const std::optional<Cursor> cursor = map.find("platforms");
  if (!cursor) {
    return;
  }
  for (const Cursor& item : cursor->text_items()) {
    const std::string text = *item.text();
    if (const std::optional<Platform> platform = parse_platform(text)) {
      platforms.push_back(*platform);
    } else {
      item.fail("\"" + text + "\" is not a platform",
                "write os/architecture or os/architecture/variant, such as linux/arm64");
    }
  }
}

void read_database_age(MapReader& map, std::optional<Duration>& age) {
  const std::optional<Cursor> cursor = map.find("database_age_max");
  if (!cursor) {
    return;
  }
  if (cursor->node().kind == YamlNode::Kind::scalar && cursor->node().text == "none") {
    age.reset();
  } else if (const auto value = cursor->duration(std::chrono::seconds(1))) {
    age = *value;
  }
}

Policy read_policy(const Cursor& item, UniqueNames& names) {
  MapReader map(item);
  Policy policy;
  policy.name = read_name(map);
  names.add(map, "policy", policy.name);
  read_match(map, policy.match);
  map.duration("window", policy.window, window_min);
  read_stages(map, policy);
  if (const auto anchor = map.find("anchor")) {
    if (const auto word = anchor->word({"last_scan", "registry_entry"})) {
      policy.anchor = *word == 0 ? Anchor::last_scan : Anchor::registry_entry;
    }
  }
  map.duration("never_scanned_grace", policy.never_scanned_grace, Duration::zero());
  read_trust(map, policy.trust);
  read_trust_rules(map, policy.trust_rules);
  read_database_age(map, policy.database_age_max);
  read_platforms(map, policy.platforms);
  if (const auto alert_on = map.find("alert_on")) {
    if (const auto word = alert_on->word({"running", "registry"})) {
      policy.alert_on = *word == 0 ? AlertOn::running : AlertOn::registry;
    }
  }
  map.duration("future_tolerance", policy.future_tolerance, Duration::zero());
  if (policy.future_tolerance >= policy.window) {
    item.fail("future_tolerance must be shorter than the window of " +
              format_duration(policy.window));
  }
  map.finish();
  return policy;
}

}  // namespace

void read_policies(MapReader& root, std::vector<Policy>& policies) {
  const std::optional<Cursor> section = root.find("policies");
  if (!section) {
    return;
  }
  UniqueNames names;
  const std::vector<Cursor> items = section->items();
  if (section->node().kind == YamlNode::Kind::sequence && items.empty()) {
    section->fail("an empty list would judge no image", "leave policies out for the default one");
    return;
  }
  policies.clear();
  for (const Cursor& item : items) {
    policies.push_back(read_policy(item, names));
  }
}

}  // namespace scanclock
