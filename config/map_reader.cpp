#include "config/map_reader.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {

MapReader::MapReader(const Cursor& cursor) : cursor_(cursor), valid_(cursor.is_map()) {
  if (!valid_) {
    cursor_.fail("expected a map, found " + cursor_.kind_name());
  }
}

const MapReader::Entry* MapReader::entry_of(const std::string& key) const {
  if (valid_) {
    for (const Entry& entry : cursor_.node().entries) {
      if (entry.first->text == key) {
        return &entry;
      }
    }
  }
  return nullptr;
}

std::optional<Cursor> MapReader::find(const std::string& key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
    known_.push_back(key);
  }
  const Entry* const entry = entry_of(key);
  if (entry == nullptr) {
    return std::nullopt;
  }
  const std::string path = cursor_.path_of(key);
  if (entry->second->kind == YamlNode::Kind::null) {
    // The parser places a missing value on the next line, so the key has to show where it is.
    Cursor(cursor_.context(), entry->first, path)
        .fail("has no value", "give it one or remove the line");
    return std::nullopt;
  }
  return Cursor(cursor_.context(), entry->second, path);
}

std::optional<Cursor> MapReader::require(const std::string& key) {
  const std::optional<Cursor> found = find(key);
  if (valid_ && entry_of(key) == nullptr) {
    cursor_.fail("\"" + key + "\" is missing");
  }
  return found;
}

void MapReader::text(const std::string& key, std::string& target) {
  if (const auto cursor = find(key)) {
    if (auto value = cursor->text()) {
      target = std::move(*value);
    }
  }
}

void MapReader::boolean(const std::string& key, bool& target) {
  if (const auto cursor = find(key)) {
    target = cursor->boolean().value_or(target);
  }
}

void MapReader::duration(const std::string& key, Duration& target, Duration min) {
  if (const auto cursor = find(key)) {
    target = cursor->duration(min).value_or(target);
  }
}

bool MapReader::has(const std::string& key) const { return entry_of(key) != nullptr; }

void MapReader::finish() {
  if (!valid_) {
    return;
  }
  for (const auto& [key, value] : cursor_.node().entries) {
    if (std::find(known_.begin(), known_.end(), key->text) == known_.end()) {
      const std::string where = cursor_.path().empty() ? "" : cursor_.path() + ": ";
      LoadContext& context = cursor_.context();
      context.errors.push_back(SettingsError{context.file, key->mark,
                                             where + "unknown key " + "\"" + key->text + "\"",
                                             suggest(key->text, known_)});
    }
  }
}

}  // namespace scanclock
