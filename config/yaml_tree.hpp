#pragma once

#include "config/settings_error.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

inline constexpr std::size_t settings_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t settings_depth_max = 32;
inline constexpr std::size_t settings_nodes_max = 100'000;

/// A YAML document as written, with the place of every node. Aliases share the node that they
/// refer to, so that a document cannot expand beyond its own size.
struct YamlNode {
  enum class Kind { null, scalar, sequence, map };
  using Pointer = std::shared_ptr<const YamlNode>;

  Kind kind = Kind::null;
  SettingsMark mark;
  /// Of a scalar.
  std::string text;
  /// A scalar without quotes, which may be a number or a truth value.
  bool plain = false;
  /// Of a sequence.
  std::vector<Pointer> items;
  /// Of a map, in the order of the file; `<<` is merged already, no key comes twice.
  std::vector<std::pair<Pointer, Pointer>> entries;
};

/// Reads one document. Syntax errors, duplicate keys, keys that are no scalars, a second document
/// and exceeded limits are added to `errors`; nothing is returned after a syntax error. An empty
/// text is a null node.
YamlNode::Pointer parse_yaml(const std::string& text, const std::string& file,
                             std::vector<SettingsError>& errors);

}  // namespace scanclock
