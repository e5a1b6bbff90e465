#pragma once

#include "config/cursor.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

/// Reads a map with known keys. Every key that was asked for is known; finish() reports the rest.
class MapReader {
 public:
  explicit MapReader(const Cursor& cursor);

  /// The value of a key; nothing when absent. An empty value (`key:`) is reported as such.
  std::optional<Cursor> find(const std::string& key);
  /// Like find, but reports a missing key.
  std::optional<Cursor> require(const std::string& key);

  /// These leave `target` alone when the key is absent or its value is wrong.
  void text(const std::string& key, std::string& target);
  void boolean(const std::string& key, bool& target);
  void duration(const std::string& key, Duration& target, Duration min);

  bool has(const std::string& key) const;
  /// Reports keys that nobody asked for.
  void finish();

  const Cursor& cursor() const { return cursor_; }

 private:
  using Entry = std::pair<YamlNode::Pointer, YamlNode::Pointer>;
  const Entry* entry_of(const std::string& key) const;

  Cursor cursor_;
  std::vector<std::string> known_;
  bool valid_;
};

}  // namespace scanclock
