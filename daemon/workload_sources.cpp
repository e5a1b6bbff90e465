#include "daemon/workload_sources.hpp"

#include "core/workloads/file_source.hpp"
#include "daemon/workload_ecs.hpp"
#include "daemon/workload_engine.hpp"
#include "daemon/workload_kubernetes.hpp"
#include "daemon/workload_nomad.hpp"

#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

WatchedWorkload make_file_workload(const WorkloadSettings& settings,
                                   const WorkloadSurroundings& around) {
  FileSourceSettings file;
  file.name = settings.name;
  file.path = settings.path;
  file.poll_every = settings.poll_every;
  file.blind_after = settings.blind_after;
  WatchedWorkload watched;
  watched.source = std::make_unique<FileSource>(std::move(file), around.clock, around.pool);
  return watched;
}

}  // namespace

std::unique_ptr<HttpClient> make_workload_client(const WorkloadSettings& settings,
                                                 const WorkloadSurroundings& around) {
  HttpClientOptions http;
  http.tls.ca_file = settings.tls.ca_file;
  http.tls.cert_file = settings.tls.cert_file;
  http.tls.key_file = settings.tls.key_file;
  return make_http_client(around.clock, around.resolver, http);
}

WatchedWorkload make_workload_source(const WorkloadSettings& settings,
                                     const WorkloadSurroundings& around) {
  switch (settings.type) {
    case WorkloadType::docker:
    case WorkloadType::podman:
    case WorkloadType::swarm:
      return make_engine_workload(settings, around);
    case WorkloadType::file:
      return make_file_workload(settings, around);
    case WorkloadType::kubernetes:
      return make_kubernetes_workload(settings, around);
    case WorkloadType::nomad:
      return make_nomad_workload(settings, around);
    case WorkloadType::ecs:
      return make_ecs_workload(settings, around);
  }
  throw std::logic_error("workload source of an unknown type");
}

}  // namespace scanclock
