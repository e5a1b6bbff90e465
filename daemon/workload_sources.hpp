#pragma once

#include "config/workload_settings.hpp"
#include "core/net/http_client.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/evidence_sink.hpp"
#include "core/workloads/workload_source.hpp"

#include <memory>

namespace scanclock {

struct WorkloadSurroundings {
  Clock& clock;
  BlockingPool& pool;
  std::shared_ptr<DnsResolver> resolver;
  /// Takes reports that clusters keep; null: none are asked for.
  EvidenceSink* evidence = nullptr;
};

/// A source, and the client that it asks with; null where it makes its own or needs none.
struct WatchedWorkload {
  std::unique_ptr<HttpClient> http;
  std::unique_ptr<WorkloadSource> source;
};

/// A client with the certificates of the settings, which throws as make_http_client does.
std::unique_ptr<HttpClient> make_workload_client(const WorkloadSettings& settings,
                                                 const WorkloadSurroundings& around);

/// Throws std::runtime_error, naming the entry, when something named in the settings cannot be
/// used. What `around` refers to must outlive the source.
WatchedWorkload make_workload_source(const WorkloadSettings& settings,
                                     const WorkloadSurroundings& around);

}  // namespace scanclock
