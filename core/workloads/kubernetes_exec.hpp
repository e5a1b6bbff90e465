#pragma once

#include "core/domain/kubernetes_access.hpp"
#include "core/domain/result.hpp"
#include "core/domain/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// A plugin may log in somewhere over the network.
inline constexpr Duration kubernetes_exec_time_max = std::chrono::seconds(60);
inline constexpr std::size_t kubernetes_exec_output_bytes_max = std::size_t{1} << 20;

/// The `status` of an ExecCredential (client.authentication.k8s.io/v1): a token, or a certificate
/// with its key, or all of them. Secret.
struct KubernetesExecCredential {
  KubernetesExecCredential() = default;
  std::string token;
  std::string certificate_pem;
  std::string key_pem;
  /// Not set: good until the server says otherwise.
  std::optional<TimePoint> expires_at;
};

/// Reads what a plugin prints. The failure shows nothing of it.
Result<KubernetesExecCredential, std::string> parse_exec_credential(std::string_view output,
                                                                    std::string_view api_version);

/// The value of KUBERNETES_EXEC_INFO: the ExecCredential whose spec a plugin reads. `ca_pem` is
/// shown to plugins that want to know the cluster.
std::string kubernetes_exec_info(const KubernetesAccess& access, std::string_view ca_pem);

/// Runs the access's plugin, which must be there. The failure names the program and the cause and
/// shows nothing that it printed. Blocks for at most `kubernetes_exec_time_max`: for the pool.
Result<KubernetesExecCredential, std::string> run_exec_plugin(const KubernetesAccess& access,
                                                              std::string_view ca_pem);

}  // namespace scanclock
