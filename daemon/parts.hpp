#pragma once

#include "config/settings.hpp"
#include "core/net/http_client.hpp"
#include "core/registry/poller.hpp"
#include "core/runtime/task_group.hpp"
#include "core/workloads/workload_source.hpp"
#include "daemon/engine.hpp"
#include "daemon/registry_intake.hpp"
#include "daemon/workload_intake.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

/// The pollers of registries and orchestrators, which live as long as one version of the settings.
/// Making them does all that can fail, so that a reload which cannot work changes nothing. I/O
/// thread only.
class Parts {
 public:
  struct Surroundings {
    asio::any_io_executor executor;
    Clock& clock;
    BlockingPool& pool;
    std::shared_ptr<DnsResolver> resolver;
    Engine& engine;
    RegistryIntake& registry_intake;
    WorkloadIntake& workload_intake;
  };

  /// Throws std::runtime_error, naming the entry, when something named in it cannot be used.
  Parts(Surroundings surroundings, const Settings& settings);

  void start();
  /// Cancels all polling and waits for it.
  asio::awaitable<void> stop();

  /// Asks a registry now; returns why it could not be asked, empty when all went well.
  asio::awaitable<std::string> refresh(RepositoryKey repository, std::string reference);

  /// Running containers with digests that nobody knows: their registries are asked at once.
  void ask_about_unknown(const Touched& touched);

 private:
  struct Registry {
    std::string host;
    std::unique_ptr<HttpClient> http;
    std::unique_ptr<RegistryPoller> poller;
  };
  struct Workload {
    std::unique_ptr<HttpClient> http;
    std::unique_ptr<WorkloadSource> source;
  };

  void make_registry(const RegistrySettings& settings);
  void make_workload(const WorkloadSettings& settings);
  void ask_about(const ContainerRecord& container);
  asio::awaitable<void> report_next_polls();

  Surroundings surroundings_;
  TaskGroup tasks_;
  std::map<std::string, Registry> registries_;
  std::vector<Workload> workloads_;
  std::set<std::pair<RepositoryKey, Digest>> asked_;
};

/// The host that image references of this registry name: Docker Hub's API stands elsewhere.
std::string reference_host(const std::string& url);

}  // namespace scanclock
