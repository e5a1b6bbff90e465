#include "daemon/image_filter.hpp"

#include "core/domain/pattern.hpp"

#include <algorithm>

namespace scanclock {
namespace {

bool names_text(const Location& location, const std::string& text) {
  return (location.host + "/" + location.key.repository).find(text) != std::string::npos ||
         std::any_of(location.tags.begin(), location.tags.end(), [&](const std::string& tag) {
           return (location.key.repository + ":" + tag).find(text) != std::string::npos;
         });
}

std::string given(const std::map<std::string, std::string>& query, const char* name) {
  const auto found = query.find(name);
  return found == query.end() ? std::string() : found->second;
}

}  // namespace

bool ImageFilter::passes(const ImageRecord& image) const {
  const auto any_location = [&](auto&& predicate) {
    return std::any_of(image.locations.begin(), image.locations.end(),
                       [&](const auto& entry) { return predicate(entry.second); });
  };
  if ((state && image.state != *state) || (running && image.running != *running) ||
      (!owner.empty() && image.owner != owner)) {
    return false;
  }
  if (due_on && std::chrono::floor<std::chrono::days>(image.deadline_at) != *due_on) {
    return false;
  }
  if (!registry.empty() && !any_location([&](const Location& location) {
        return location.key.registry == registry || location.host == registry;
      })) {
    return false;
  }
  if (!repository.empty() && !any_location([&](const Location& location) {
        return glob_match(repository, location.key.repository);
      })) {
    return false;
  }
  return text.empty() || image.digest.str().find(text) != std::string::npos ||
         std::binary_search(named.begin(), named.end(), image.digest) ||
         any_location([&](const Location& location) { return names_text(location, text); });
}

std::optional<FilterRefusal> read_image_filter(const std::map<std::string, std::string>& query,
                                               const Inventory& inventory, ImageFilter& filter) {
  if (const std::string state = given(query, "state"); !state.empty()) {
    filter.state = parse_state(state);
    if (!filter.state) {
      return FilterRefusal{"state", "fresh, due_soon, overdue or never_scanned"};
    }
  }
  if (const std::string running = given(query, "running"); !running.empty()) {
    if (running != "true" && running != "false") {
      return FilterRefusal{"running", "true or false"};
    }
    filter.running = running == "true";
  }
  if (const std::string day = given(query, "due_on"); !day.empty()) {
    const auto start = parse_rfc3339(day + "T00:00:00Z");
    if (!start) {
      return FilterRefusal{"due_on", "a day such as 2026-11-30, in UTC"};
    }
    filter.due_on = std::chrono::floor<std::chrono::days>(*start);
  }
  filter.registry = given(query, "registry");
  filter.repository = given(query, "repository");
  filter.owner = given(query, "owner");
  filter.text = given(query, "q");
  if (const auto digest = Digest::parse(filter.text)) {
    filter.named = inventory.images_of(*digest);
  }
  return std::nullopt;
}

}  // namespace scanclock
