#include "daemon/workload_kubernetes.hpp"

#include "core/runtime/log.hpp"
#include "core/workloads/kubernetes_client.hpp"
#include "core/workloads/kubernetes_source.hpp"

#include <utility>

namespace scanclock {

WatchedWorkload make_kubernetes_workload(const WorkloadSettings& settings,
                                         const WorkloadSurroundings& around) {
  const KubernetesWorkloadSettings& own = settings.kubernetes;
  if (own.access.insecure_skip_tls_verify) {
    log::warning("kubernetes",
                 "{}: the certificate of {} is not checked, as {} says (insecure-skip-tls-verify)",
                 settings.name, own.access.server, own.access.name);
  }
  // Clients are made whenever certificates change, long after this call.
  auto make_client = [clock = &around.clock, resolver = around.resolver](
                         HttpClientOptions options) -> std::shared_ptr<HttpClient> {
    return make_http_client(*clock, resolver, std::move(options));
  };
  auto credentials = std::make_unique<KubernetesCredentials>(own.access, around.clock, around.pool,
                                                             std::move(make_client));
  KubernetesSourceSettings kubernetes;
  kubernetes.name = settings.name;
  kubernetes.only_namespaces = own.watch_namespaces;
  kubernetes.streaming_list = own.streaming_list;
  kubernetes.vulnerability_reports = own.vulnerability_reports;
  kubernetes.labels = own.labels;
  WatchedWorkload watched;
  watched.source = std::make_unique<KubernetesSource>(
      std::move(kubernetes),
      std::make_unique<KubernetesClient>(std::move(credentials), around.clock), around.clock,
      around.pool, around.evidence);
  return watched;
}

}  // namespace scanclock
