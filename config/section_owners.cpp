#include "config/sections.hpp"

namespace scanclock {
namespace {

OwnerRule read_owner(const Cursor& item) {
  MapReader map(item);
  OwnerRule rule;
  if (const auto match = map.find("match")) {
    MapReader inner(*match);
    read_globs(inner, "repositories", rule.repositories);
    read_globs(inner, "namespaces", rule.namespaces);
    if (const auto labels = inner.find("labels")) {
      for (const auto& [label, value] : labels->entries()) {
        if (const auto text = value.text()) {
          rule.labels.emplace(label, *text);
        }
      }
    }
    inner.finish();
  }
  if (const auto owner = map.require("owner")) {
    rule.owner = owner->text().value_or("");
  }
  map.text("contact", rule.contact);
  map.finish();
  return rule;
}

}  // namespace

void read_owners(MapReader& root, std::vector<OwnerRule>& owners) {
  if (const auto section = root.find("owners")) {
    for (const Cursor& item : section->items()) {
      owners.push_back(read_owner(item));
    }
  }
}

}  // namespace scanclock
