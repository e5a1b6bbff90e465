#pragma once

#include "config/settings.hpp"
#include "core/net/http_client.hpp"
#include "core/registry/foreign_manifests.hpp"
#include "core/registry/poller.hpp"
#include "core/runtime/task_group.hpp"
#include "daemon/cluster_reports.hpp"
#include "daemon/engine.hpp"
#include "daemon/registry_intake.hpp"
#include "daemon/registry_platform.hpp"
#include "daemon/spool_source.hpp"
#include "daemon/workload_intake.hpp"
#include "daemon/workload_nomad.hpp"
#include "daemon/workload_sources.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

/// The pollers of registries, orchestrators and spool folders, which live as long as one version of
/// the settings. Making them does all that can fail, so that a reload which cannot work changes
/// nothing. I/O thread only.
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
    ScanIntake& scan_intake;
    Telemetry& telemetry;
  };

  /// Throws std::runtime_error, naming the entry, when something named in it cannot be used.
  Parts(Surroundings surroundings, const Settings& settings);

  void start();
  /// Cancels all polling and waits for it.
  asio::awaitable<void> stop();

  /// Asks a registry now; returns why it could not be asked, empty when all went well.
  asio::awaitable<std::string> refresh(RepositoryKey repository, std::string reference);

  /// A push event or its like: the repository is looked at ahead of its turn, and so is the tag.
  void hasten(const RepositoryKey& repository, const std::string& tag);

  /// An operator says that what the registry lost is really gone: it is looked at again at once.
  /// False when nothing of it is doubted, or no entry has that name.
  bool confirm_drop(const std::string& registry);

  /// Running containers with digests that nobody knows: their registries are asked at once.
  void ask_about_unknown(const Touched& touched);

 private:
  struct Registry {
    std::string host;
    std::unique_ptr<HttpClient> http;
    /// Null without `api` in the settings.
    std::unique_ptr<RegistryPlatform> platform;
    std::unique_ptr<RegistryPoller> poller;
  };

  void make_registry(const RegistrySettings& settings);
  void make_spool(const SpoolSettings& settings);
  void make_foreign();
  void ask_about(const ContainerRecord& container);
  asio::awaitable<void> report_next_polls();
  asio::awaitable<void> run_after_login(Registry& registry);

  Surroundings surroundings_;
  TaskGroup tasks_;
  ClusterReports cluster_reports_;
  std::map<std::string, Registry> registries_;
  /// Both null unless the settings allow to ask registries that they do not name.
  std::unique_ptr<HttpClient> foreign_http_;
  std::unique_ptr<ForeignManifests> foreign_;
  std::vector<WatchedWorkload> workloads_;
  TwinScope twins_;
  std::vector<std::unique_ptr<SpoolSource>> spools_;
  std::set<std::pair<RepositoryKey, Digest>> asked_;
};

/// The host that image references of this registry name: Docker Hub's API stands elsewhere.
std::string reference_host(const std::string& url);

}  // namespace scanclock
