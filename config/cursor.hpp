#pragma once

#include "config/settings_error.hpp"
#include "config/yaml_tree.hpp"
#include "core/domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// What one load shares: where errors go and where relative files lie.
struct LoadContext {
  std::string file;
  std::string base_dir;
  std::vector<SettingsError> errors;
};

/// One value of the settings file with its path, such as `registries[0].poll`. Reading a value of
/// the wrong kind reports an error at its place and returns nothing, so that loading goes on and
/// finds the next error.
class Cursor {
 public:
  Cursor(LoadContext& context, YamlNode::Pointer node, std::string path);

  /// Reports `path: message` at the value's place.
  void fail(const std::string& message, const std::string& hint = {}) const;

  /// Any scalar that is not empty, numbers and truth values in their own spelling.
  std::optional<std::string> text() const;
  std::optional<bool> boolean() const;
  std::optional<std::int64_t> integer(std::int64_t min, std::int64_t max) const;
  std::optional<double> number(double min, double max) const;
  /// From `min` up; see parse_duration for the units.
  std::optional<Duration> duration(Duration min) const;
  /// Bytes: `512KiB`, `8MiB`, `1GiB`, or a plain number.
  std::optional<std::uint64_t> size(std::uint64_t min, std::uint64_t max) const;
  /// One of `words`, by its index.
  std::optional<std::size_t> word(const std::vector<std::string>& words) const;
  /// The items of a list.
  std::vector<Cursor> items() const;
  /// A list of texts; those that are none are reported and left out.
  std::vector<Cursor> text_items() const;
  /// The entries of a map with free keys.
  std::vector<std::pair<std::string, Cursor>> entries() const;

  bool is_map() const { return node_->kind == YamlNode::Kind::map; }
  SettingsMark mark() const { return node_->mark; }
  const std::string& path() const { return path_; }
  LoadContext& context() const { return *context_; }
  const YamlNode& node() const { return *node_; }
  /// `a list`, `a map`, …: for messages.
  std::string kind_name() const;
  /// Of a key within this value.
  std::string path_of(std::string_view key) const;

 private:
  LoadContext* context_;
  YamlNode::Pointer node_;
  std::string path_;
};

/// Reads `8MiB`; nothing for a sign, an unknown unit or an overflow.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace scanclock
