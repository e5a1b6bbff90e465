#pragma once

#include "config/settings_error.hpp"
#include "config/yaml_tree.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

/// What the maps of one kubeconfig share.
struct KubeconfigSource {
  std::string file;
  std::vector<SettingsError>* errors = nullptr;
};

/// A map of a kubeconfig, read as Kubernetes' own tools read it: unknown keys are skipped, null and
/// an empty text stand for an absent value. Wrong kinds of values are reported at their place.
class KubeconfigMap {
 public:
  /// `path` such as `users["reader"].user`, for messages.
  KubeconfigMap(std::shared_ptr<const KubeconfigSource> source, YamlNode::Pointer node,
                std::string path);

  /// Empty when absent.
  std::string text(std::string_view key) const;
  bool flag(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const;
  std::optional<KubeconfigMap> map(std::string_view key) const;
  /// The maps of a list.
  std::vector<KubeconfigMap> maps(std::string_view key) const;
  /// The names of a map with free keys.
  std::vector<std::string> keys() const;
  /// An absolute path; relative ones start at the file's own folder. Empty when absent.
  std::string path_text(std::string_view key) const;
  /// The bytes of a base64 text (RFC 4648, line ends allowed). Empty when absent or wrong.
  std::string data(std::string_view key) const;

  bool has(std::string_view key) const { return value_of(key) != nullptr; }
  /// Reports something at a key's place, or, where it is absent, at the map's.
  void fail(std::string_view key, const std::string& message, const std::string& hint = {}) const;

  /// The same map under another path.
  KubeconfigMap under(std::string path) const { return {source_, node_, std::move(path)}; }

  const std::string& file() const { return source_->file; }

 private:
  /// Null for absent, null and empty values.
  YamlNode::Pointer value_of(std::string_view key) const;
  void fail_kind(std::string_view key, std::string_view wanted) const;

  std::shared_ptr<const KubeconfigSource> source_;
  YamlNode::Pointer node_;
  std::string path_;
};

}  // namespace scanclock
