#pragma once

#include "core/domain/kubernetes_access.hpp"
#include "core/domain/result.hpp"
#include "core/workloads/kubernetes_exec.hpp"

#include <optional>
#include <string>

namespace scanclock {

inline constexpr std::size_t kubernetes_material_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t kubernetes_token_bytes_max = std::size_t{48} << 10;

/// The PEM texts that a connection is made with; secret.
struct KubernetesTlsTexts {
  KubernetesTlsTexts() = default;
  std::string ca_pem;
  std::string certificate_pem;
  std::string key_pem;

  bool operator==(const KubernetesTlsTexts&) const = default;
};

/// Which of it is to be read now.
struct KubernetesWanted {
  KubernetesWanted() = default;
  bool token = false;
  bool tls = false;
  bool exec = false;

  bool any() const { return token || tls || exec; }
};

/// What was read; nothing where it was not wanted.
struct KubernetesMaterialRead {
  KubernetesMaterialRead() = default;
  std::optional<Result<std::string, std::string>> token;
  std::optional<Result<KubernetesTlsTexts, std::string>> tls;
  std::optional<Result<KubernetesExecCredential, std::string>> exec;
};

/// Reads files and runs the plugin. Failures name the file or program and show nothing of its
/// content. Blocks: for the pool.
KubernetesMaterialRead read_kubernetes_material(const KubernetesAccess& access,
                                                const KubernetesWanted& wanted);

}  // namespace scanclock
