#pragma once

#include "config/settings_error.hpp"
#include "core/domain/kubernetes_access.hpp"
#include "core/domain/result.hpp"

#include <string>
#include <vector>

namespace scanclock {

/// One kubeconfig file (client-go, tools/clientcmd/api/v1); relative files in it lie beside it.
struct KubeconfigText {
  std::string file;
  std::string text;
};

struct KubeconfigChoice {
  /// Empty: the files' current-context.
  std::string context;
  /// A user's `exec` may name a program, which then runs as ourselves.
  bool allow_exec = false;
  /// `http://` to other hosts than this one.
  bool allow_plaintext = false;
};

using KubernetesAccessResult = Result<KubernetesAccess, std::vector<SettingsError>>;

/// Merges the files as kubectl does, the first one that names a context, cluster, user or
/// current-context wins, and checks the chosen context. Unknown keys are skipped, as kubectl skips
/// them. Each error names file, place and entry, and shows no secret. Pure: files that the
/// kubeconfig names are not looked at.
KubernetesAccessResult parse_kubeconfigs(const std::vector<KubeconfigText>& files,
                                         const KubeconfigChoice& choice);

/// Reads the files, at least one, and all that they name for the chosen context. Blocks.
KubernetesAccessResult read_kubeconfigs(const std::vector<std::string>& files,
                                        const KubeconfigChoice& choice);

/// What a pod is told of the cluster that it runs in.
struct InClusterPlace {
  /// `$KUBERNETES_SERVICE_HOST` and `$KUBERNETES_SERVICE_PORT` of the environment.
  std::string host;
  std::string port;
  std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount";
};

InClusterPlace in_cluster_place();

/// The access of the pod's own service account. The errors have no place in a file. Blocks.
KubernetesAccessResult read_in_cluster_access(const InClusterPlace& place);

}  // namespace scanclock
