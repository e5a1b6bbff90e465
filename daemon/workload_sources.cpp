#include "daemon/workload_sources.hpp"

#include "core/workloads/docker_source.hpp"
#include "core/workloads/file_source.hpp"

#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

WatchedWorkload make_docker_workload(const WorkloadSettings& settings,
                                     const WorkloadSurroundings& around) {
  HttpClientOptions http;
  http.tls.ca_file = settings.tls.ca_file;
  http.tls.cert_file = settings.tls.cert_file;
  http.tls.key_file = settings.tls.key_file;
  DockerSourceSettings docker;
  docker.name = settings.name;
  docker.url = settings.url;
  docker.poll_every = settings.poll_every;
  WatchedWorkload watched;
  watched.http = make_http_client(around.clock, around.resolver, http);
  watched.source =
      std::make_unique<DockerSource>(std::move(docker), *watched.http, around.clock, around.pool);
  return watched;
}

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

WatchedWorkload make_workload_source(const WorkloadSettings& settings,
                                     const WorkloadSurroundings& around) {
  switch (settings.type) {
    case WorkloadType::docker:
      return make_docker_workload(settings, around);
    case WorkloadType::file:
      return make_file_workload(settings, around);
  }
  throw std::logic_error("workload source of an unknown type");
}

}  // namespace scanclock
