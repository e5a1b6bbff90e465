#include "daemon/parts.hpp"

#include "core/domain/image_reference.hpp"
#include "core/net/url.hpp"
#include "core/runtime/log.hpp"
#include "daemon/registry_credentials.hpp"

#include <exception>

namespace scanclock {
namespace {

constexpr Duration next_poll_report_every = std::chrono::seconds(1);

void report_failure(std::string_view name, std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const std::exception& error) {
    log::error("daemon", "{} ended: {}", name, error.what());
  }
}

RegistryOptions registry_options(const RegistrySettings& settings) {
  RegistryOptions options;
  options.name = settings.name;
  options.url = settings.url;
  options.host = reference_host(settings.url);
  options.repositories = settings.repositories;
  options.tags = settings.tags;
  options.credentials = registry_credentials(settings.credentials);
  options.attestation_repository = settings.attestation_repository;
  options.tags_every = settings.poll.tags_every;
  options.evidence_every = settings.poll.evidence_every;
  options.max_concurrency = static_cast<std::size_t>(settings.poll.max_concurrency);
  options.max_requests_per_second = settings.poll.max_requests_per_second;
  return options;
}

/// Token services and stores of blobs show certificates of their own, which are not counted.
auto certificate_recorder(Telemetry& telemetry, const RegistrySettings& settings) {
  return [&telemetry, name = settings.name, url = parse_url(settings.url)](
             const std::string& host, std::uint16_t port, TimePoint not_after) {
    if (url && url->host == host && url->port == port) {
      telemetry.registry_certificate(name, not_after);
    }
  };
}

}  // namespace

std::string reference_host(const std::string& url) {
  const auto parsed = parse_url(url);
  const std::string authority = parsed ? parsed->authority() : url;
  return authority == "registry-1.docker.io" || authority == "index.docker.io" ? "docker.io"
                                                                               : authority;
}

Parts::Parts(Surroundings surroundings, const Settings& settings)
    : surroundings_(std::move(surroundings)),
      tasks_(surroundings_.executor, report_failure),
      cluster_reports_(surroundings_.scan_intake) {
  for (const RegistrySettings& registry : settings.registries) {
    make_registry(registry);
  }
  if (settings.unmonitored_registries.fetch_manifests) {
    make_foreign();
  }
  for (const WorkloadSettings& workload : settings.workloads) {
    WorkloadSurroundings around{surroundings_.clock, surroundings_.pool, surroundings_.resolver,
                                &cluster_reports_};
    workloads_.push_back(make_workload_source(workload, around));
  }
  twins_ = twin_scope(settings.workloads);
  for (const SpoolSettings& spool : settings.spool) {
    make_spool(spool);
  }
}

void Parts::make_registry(const RegistrySettings& settings) {
  HttpClientOptions http;
  http.tls.ca_file = settings.ca_file;
  http.connections_per_origin_max = static_cast<std::size_t>(settings.poll.max_concurrency);
  http.on_certificate = certificate_recorder(surroundings_.telemetry, settings);
  Registry registry;
  registry.host = reference_host(settings.url);
  registry.http = make_http_client(surroundings_.clock, surroundings_.resolver, http);
  RegistryOptions options = registry_options(settings);
  RegistrySink* sink = &surroundings_.registry_intake;
  if (settings.api) {
    RegistryPlatform::Surroundings around{surroundings_.clock, surroundings_.pool,
                                          surroundings_.resolver, surroundings_.registry_intake,
                                          surroundings_.registry_intake};
    registry.platform = std::make_unique<RegistryPlatform>(std::move(around), settings, options);
    sink = &registry.platform->sink();
    if (registry.platform->makes_login()) {
      options.credentials = registry.platform->login();
    }
  }
  registry.poller =
      std::make_unique<RegistryPoller>(std::move(options), surroundings_.clock, *registry.http,
                                       *sink, surroundings_.registry_intake, &surroundings_.pool);
  surroundings_.registry_intake.set_cycle(settings.name, settings.poll.tags_every);
  registries_.emplace(settings.name, std::move(registry));
}

void Parts::make_foreign() {
  foreign_http_ =
      make_http_client(surroundings_.clock, surroundings_.resolver, HttpClientOptions());
  const ForeignManifests::Learn learn = [this](Manifest manifest) {
    surroundings_.engine.inventory().learn_manifest(std::move(manifest));
    surroundings_.engine.wake();
  };
  foreign_ = std::make_unique<ForeignManifests>(surroundings_.executor, surroundings_.clock,
                                                *foreign_http_, surroundings_.registry_intake,
                                                learn, &surroundings_.pool);
}

void Parts::make_spool(const SpoolSettings& settings) {
  SpoolOptions options;
  options.name = settings.name;
  options.path = settings.path;
  options.poll_every = settings.poll_every;
  SpoolSource::Surroundings surroundings{surroundings_.executor,    surroundings_.engine,
                                         surroundings_.clock,       surroundings_.pool,
                                         surroundings_.scan_intake, surroundings_.telemetry};
  spools_.push_back(std::make_unique<SpoolSource>(std::move(options), std::move(surroundings)));
}

void Parts::start() {
  surroundings_.workload_intake.set_twins(twins_.runtimes, twins_.nomads);
  for (auto& [name, registry] : registries_) {
    tasks_.spawn("registry " + name, run_after_login(registry));
    if (registry.platform) {
      tasks_.spawn("api of " + name, registry.platform->run());
      tasks_.spawn("login of " + name, registry.platform->keep_login());
    }
  }
  if (foreign_) {
    tasks_.spawn("unmonitored registries", foreign_->run());
  }
  for (WatchedWorkload& workload : workloads_) {
    surroundings_.engine.sources().describe(workload.source->name(), workload.source->kind());
    tasks_.spawn("workload source " + workload.source->name(),
                 workload.source->run(surroundings_.workload_intake));
  }
  for (const auto& spool : spools_) {
    tasks_.spawn("spool " + spool->name(), spool->run());
  }
  tasks_.spawn("next polls", report_next_polls());
}

asio::awaitable<void> Parts::run_after_login(Registry& registry) {
  if (registry.platform) {
    co_await registry.platform->await_login();
  }
  co_await registry.poller->run();
}

void Parts::hasten(const RepositoryKey& repository, const std::string& tag) {
  const auto registry = registries_.find(repository.registry);
  if (registry == registries_.end()) {
    return;
  }
  registry->second.poller->hasten(repository.repository, tag);
  if (registry->second.platform) {
    registry->second.platform->hasten(repository.repository);
  }
}

bool Parts::confirm_drop(const std::string& registry) {
  const auto found = registries_.find(registry);
  return found != registries_.end() && found->second.poller->confirm_drop();
}

asio::awaitable<void> Parts::stop() { co_await tasks_.stop(); }

asio::awaitable<void> Parts::report_next_polls() {
  while (true) {
    for (const auto& [name, registry] : registries_) {
      if (const auto at = registry.poller->next_poll_at()) {
        surroundings_.engine.sources().next_poll(name, *at);
      }
      if (const auto& cycle = registry.poller->last_cycle()) {
        surroundings_.engine.sources().cycle_ended(name, *cycle);
      }
    }
    co_await surroundings_.clock.sleep(next_poll_report_every);
  }
}

asio::awaitable<std::string> Parts::refresh(RepositoryKey repository, std::string reference) {
  const auto registry = registries_.find(repository.registry);
  const auto digest = Digest::parse(reference);
  if (registry == registries_.end() || !digest) {
    co_return "registry " + repository.registry + " is not in the settings any more";
  }
  co_await registry->second.poller->refresh(repository.repository, *digest);
  if (registry->second.platform) {
    co_await registry->second.platform->refresh(repository.repository);
  }
  const Inventory& inventory = surroundings_.engine.inventory();
  const std::vector<Digest> images = inventory.images_of(*digest);
  if (images.empty()) {
    co_return repository.registry + "/" + repository.repository +
        " did not give the image, or does not have it";
  }
  for (const Digest& image : images) {
    const ImageRecord* record = inventory.image(image);
    const auto location = record->locations.find(repository);
    if (location != record->locations.end() && location->second.evidence_failing_since) {
      co_return repository.registry + "/" + repository.repository +
          " did not answer about evidence: " + location->second.evidence_failure;
    }
  }
  co_return std::string();
}

void Parts::ask_about_unknown(const Touched& touched) {
  for (const ContainerKey& key : touched.containers) {
    const ContainerRecord* container =
        surroundings_.engine.inventory().containers().find(key.source, key.id);
    if (container != nullptr && container->join().outcome != JoinOutcome::resolved) {
      ask_about(*container);
    }
  }
}

void Parts::ask_about(const ContainerRecord& container) {
  const ContainerImage& printed = *container.printed;
  const std::vector<Digest>& digests =
      printed.pullable.empty() ? printed.digests : printed.pullable;
  std::vector<std::string> names = printed.repositories;
  names.push_back(printed.image);
  for (const std::string& name : names) {
    const auto reference = parse_image_reference(name);
    if (!reference) {
      continue;
    }
    bool is_monitored = false;
    for (const auto& [registry_name, registry] : registries_) {
      if (registry.host != reference->host) {
        continue;
      }
      is_monitored = true;
      const RepositoryKey repository{registry_name, reference->repository};
      for (const Digest& digest : digests) {
        if (surroundings_.engine.inventory().graph().find(digest) == nullptr &&
            asked_.emplace(repository, digest).second) {
          registry.poller->subject_appeared(repository.repository, digest);
        }
      }
    }
    if (foreign_ && !is_monitored && !container.ignored() && reference->host != "localhost") {
      for (const Digest& digest : digests) {
        foreign_->ask(reference->host, reference->repository, digest);
      }
    }
  }
}

}  // namespace scanclock
