#include "core/evidence/keep_tree.hpp"

#include "core/evidence/format_table.hpp"

#include <algorithm>

namespace scanclock::evidence {
namespace {

constexpr std::string_view report_mark = "<report>";
constexpr std::string_view base64_mark = "<base64>";
constexpr std::string_view element_mark = "[]";

// What reader.cpp looks at to name documents that come up beside scans.
constexpr std::string_view other_documents = "{bomFormat,spdxVersion,@context,scanner,metadata}";

/// Takes the first name off, up to a dot that is not escaped.
std::string take_name(std::string_view& place) {
  std::string name;
  std::size_t at = 0;
  for (; at < place.size() && place[at] != '.'; ++at) {
    at += place[at] == '\\' ? 1 : 0;
    name += place[at];
  }
  place.remove_prefix(std::min(at + 1, place.size()));
  return name;
}

void add_reports(KeepTree& tree, std::string_view prefix) {
  for (const Format* format : format_table()) {
    if (format->is_wrapper || format->looks_like == nullptr) {
      continue;
    }
    for (const std::string_view place : format->keeps) {
      std::string joined(prefix);
      joined += prefix.empty() || place.starts_with(element_mark) ? "" : ".";
      tree.add(joined.append(place));
    }
  }
}

}  // namespace

const KeepTree* KeepTree::member(std::string_view name) const {
  for (const Member& one : members_) {
    if (one.is_prefix ? name.starts_with(one.name) : name == one.name) {
      return one.tree.get();
    }
  }
  return nullptr;
}

KeepTree& KeepTree::member_to_add(std::string_view name) {
  const bool is_prefix = name.ends_with('*');
  name.remove_suffix(is_prefix ? 1 : 0);
  for (Member& one : members_) {
    if (one.is_prefix == is_prefix && one.name == name) {
      return *one.tree;
    }
  }
  // Exact names stand before prefixes, which they may fall under as well.
  const auto where = is_prefix ? members_.end()
                               : std::find_if(members_.begin(), members_.end(),
                                              [](const Member& one) { return one.is_prefix; });
  return *members_.insert(where, {std::string(name), is_prefix, std::make_unique<KeepTree>()})
              ->tree;
}

void KeepTree::add(std::string_view place) {
  const std::size_t open = place.find('{');
  if (open == std::string_view::npos) {
    add_one(place);
    return;
  }
  const std::size_t close = place.find('}', open);
  std::string_view choices = place.substr(open + 1, close - open - 1);
  for (bool last = false; !last;) {
    const std::size_t comma = choices.find(',');
    last = comma == std::string_view::npos;
    std::string chosen(place.substr(0, open));
    chosen += choices.substr(0, comma);
    add(chosen.append(place.substr(close + 1)));
    choices.remove_prefix(last ? 0 : comma + 1);
  }
}

void KeepTree::add_one(std::string_view place) {
  if (place.ends_with(report_mark)) {
    place.remove_suffix(report_mark.size());
    add_reports(*this, place);
    return;
  }
  const bool is_base64 = place.ends_with(base64_mark);
  place.remove_suffix(is_base64 ? base64_mark.size() : 0);
  KeepTree* tree = this;
  while (!place.empty()) {
    std::string name = take_name(place);
    std::size_t arrays = 0;
    while (name.ends_with(element_mark)) {
      name.resize(name.size() - element_mark.size());
      ++arrays;
    }
    tree = name.empty() ? tree : &tree->member_to_add(name);
    for (; arrays > 0; --arrays) {
      if (!tree->element_) {
        tree->element_ = std::make_unique<KeepTree>();
      }
      tree = tree->element_.get();
    }
  }
  tree->is_base64_ = tree->is_base64_ || is_base64;
}

const KeepTree& kept_of_documents() {
  static const KeepTree tree = [] {
    KeepTree all;
    all.add(other_documents);
    for (const Format* format : format_table()) {
      for (const std::string_view place : format->keeps) {
        all.add(place);
      }
    }
    return all;
  }();
  return tree;
}

}  // namespace scanclock::evidence
