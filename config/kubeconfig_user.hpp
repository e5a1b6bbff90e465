#pragma once

#include "config/kubeconfig_map.hpp"
#include "core/domain/kubernetes_access.hpp"

namespace scanclock {

/// Reads the `user` of a kubeconfig into what proves who we are, and reports what is wrong or not
/// allowed. `user` is the map below `users[].user`.
void read_kubeconfig_user(const KubeconfigMap& user, bool allow_exec, KubernetesAccess& access);

}  // namespace scanclock
