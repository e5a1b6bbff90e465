#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace scanclock {

/// Names, references and IDs that are longer are cut, for whoever may create a pod chooses them.
inline constexpr std::size_t kubernetes_text_bytes_max = 4096;
/// Longer labels, and those beyond the count, are left out.
inline constexpr std::size_t kubernetes_label_bytes_max = 4096;
inline constexpr std::size_t kubernetes_labels_max = 256;

/// The element of `metadata.ownerReferences` with `controller: true`; an object has one at most.
struct KubernetesOwner {
  KubernetesOwner() = default;
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;

  bool operator==(const KubernetesOwner&) const = default;
};

/// The `metadata` that every kind of object has.
struct KubernetesObject {
  KubernetesObject() = default;
  /// Never empty.
  std::string uid;
  /// Empty for objects that belong to no namespace.
  std::string namespace_name;
  /// Never empty.
  std::string name;
  std::string resource_version;
  std::optional<KubernetesOwner> controller;

  bool operator==(const KubernetesObject&) const = default;
};

}  // namespace scanclock
