#include "daemon/running.hpp"

#include "config/loader.hpp"
#include "core/net/mail_client.hpp"
#include "core/runtime/with_timeout.hpp"
#include "daemon/alerting_options.hpp"
#include "daemon/scope_from_settings.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t blocking_threads = 4;
constexpr std::size_t blocking_queue_max = 1024;
/// As many as a webhook receiver is sent messages at once.
constexpr std::size_t receiver_connections_max = 64;
constexpr Duration server_stop_grace = std::chrono::milliseconds(500);
/// Several rests of the engine.
constexpr Duration evaluation_age_max = std::chrono::minutes(1);
/// Until the first evaluation after a start is through.
constexpr Duration first_evaluation_look_every = std::chrono::milliseconds(20);
constexpr Duration last_commit_limit = std::chrono::seconds(2);
/// Of a source whose settings are not known.
constexpr Duration unattended_blind_after = std::chrono::minutes(10);

/// Retention is read each time that it is used.
bool needs_restart(const Settings& loaded, const Settings& present) {
  return loaded.server.listen != present.server.listen ||
         loaded.server.body_bytes_max != present.server.body_bytes_max ||
         loaded.database.url != present.database.url ||
         loaded.database.password != present.database.password ||
         loaded.database.embedded_data_dir != present.database.embedded_data_dir;
}

}  // namespace

App::Running::Running(asio::io_context& io, const AppOptions& options, Settings settings)
    : io_(io),
      options_(options),
      settings_(std::move(settings)),
      pool_(blocking_threads, blocking_queue_max),
      resolver_(make_dns_resolver(clock_)),
      database_(io.get_executor(), clock_, pool_, settings_.database),
      tasks_(io.get_executor(),
             [this](std::string_view name, std::exception_ptr failure) {
               task_failed(name, std::move(failure));
             }),
      ended_(io, 1) {
  HttpClientOptions receiver_options;
  receiver_options.connections_per_origin_max = receiver_connections_max;
  receiver_http_ = make_http_client(clock_, resolver_, receiver_options);
  telemetry_.reload(true, clock_.now());
  router_.set_access(settings_.server.tokens, settings_.server.anonymous_read);
  router_.set_event_secret(settings_.server.events_secret);
  add_operation_calls();
  start_server();
  telemetry_.external_url(external_url());
}

void App::Running::start_server() {
  HttpServerOptions options;
  options.listen = settings_.server.listen;
  options.body_bytes_max = settings_.server.body_bytes_max;
  server_ =
      make_http_server(io_.get_executor(), clock_, options,
                       [this](HttpServerRequest request) { return handle(std::move(request)); });
  server_->start();
  log::info("daemon", "listening on {}", server_->address());
}

asio::awaitable<void> App::Running::serve() {
  not_ready_ = "opening the database";
  co_await database_.open();
  co_await wait_for_lease();
  not_ready_ = "remembering what was known";
  co_await make_engine();
  add_calls();
  parts_ = make_parts(settings_);
  start_tasks();
  parts_->start();
  not_ready_ = "working out what follows from what was known";
  while (!engine_->last_evaluation_at() && !fatal_) {
    co_await clock_.sleep(first_evaluation_look_every);
  }
  not_ready_.clear();
  systemd_notifier_.ready(status_line());
  log::info("daemon", "watching {} registries and {} workload sources, {} images known",
            settings_.registries.size(), settings_.workloads.size(),
            engine_->inventory().images().size());
  co_await ended_.async_receive(asio::use_awaitable);
  std::rethrow_exception(fatal_);
}

asio::awaitable<void> App::Running::make_engine() {
  const TimePoint now = clock_.now();
  Stores& stores = database_.stores();
  Scope scope = co_await scope_from_settings(settings_, stores.ledger, now);
  const Snapshot snapshot = co_await stores.ledger.load();
  alerts::AlertingOptions options;
  options.evaluator = evaluator_options(settings_, external_url());
  options.count = [this](std::string_view receiver, std::string_view outcome) {
    telemetry_.notification(std::string(receiver), outcome);
  };
  // A heartbeat says that alerts are evaluated, not merely that a process lives.
  options.is_alive = [this] {
    return engine_->last_evaluation_at() &&
           clock_.now() - *engine_->last_evaluation_at() < evaluation_age_max;
  };
  options.mail = make_mail_client();
  alerting_ = std::make_unique<alerts::Alerting>(io_.get_executor(), clock_, *receiver_http_,
                                                 stores.outbox, std::move(options));
  engine_ = std::make_unique<Engine>(io_.get_executor(), clock_, stores.ledger, *alerting_,
                                     std::move(scope));
  configure_sources(settings_);
  for (const StoredContainer& container : snapshot.containers) {
    // What was pushed before is expected to be pushed again; an entry may have been taken out.
    if (engine_->sources().find(container.source()) == nullptr) {
      engine_->sources().leave_unattended(container.source(), unattended_blind_after, now);
      telemetry_.add_source(container.source());
    }
  }
  engine_->restore(snapshot);
  signature_recheck_ = std::make_unique<SignatureRecheck>(io_.get_executor(), *engine_,
                                                          stores.ledger, pool_, clock_, telemetry_);
  metrics_page_ = std::make_unique<MetricsPage>(MetricsPage::Surroundings{
      io_.get_executor(), clock_, pool_, *engine_, *alerting_, stores.outbox, telemetry_});
  engine_->on_progress([this] { step_done(); });
  engine_->on_touched([this](const Touched& touched) {
    metrics_page_->touch(touched);
    if (parts_) {
      parts_->ask_about_unknown(touched);
    }
    signature_recheck_->look(touched);
  });
  registry_intake_ = std::make_unique<RegistryIntake>(*engine_, clock_, pool_, telemetry_);
  workload_intake_ = std::make_unique<WorkloadIntake>(*engine_, clock_, telemetry_);
  scan_intake_ = std::make_unique<ScanIntake>(*engine_, clock_, pool_, telemetry_);
}

void App::Running::configure_sources(const Settings& settings) {
  const TimePoint now = clock_.now();
  std::set<std::string> names;
  for (const RegistrySettings& registry : settings.registries) {
    engine_->sources().configure(registry.name, SourceKind::registry, registry.blind_after, now);
    telemetry_.add_source(registry.name);
    names.insert(registry.name);
  }
  for (const WorkloadSettings& workload : settings.workloads) {
    engine_->sources().configure(workload.name, SourceKind::workload, workload.blind_after, now);
    telemetry_.add_source(workload.name);
    names.insert(workload.name);
  }
  for (const SpoolSettings& spool : settings.spool) {
    engine_->sources().configure(spool.name, SourceKind::spool, spool.blind_after, now);
    telemetry_.add_source(spool.name);
    names.insert(spool.name);
  }
  for (const ReceiverSettings& receiver : settings.receivers) {
    telemetry_.add_receiver(receiver.name);
  }
  for (const RegistrySettings& registry : settings_.registries) {
    if (!names.contains(registry.name)) {
      engine_->sources().forget(registry.name);
      telemetry_.forget_registry(registry.name);
    }
  }
  for (const WorkloadSettings& workload : settings_.workloads) {
    if (!names.contains(workload.name)) {
      workload_intake_->leave(workload.name, workload.blind_after);
    }
  }
  for (const SpoolSettings& spool : settings_.spool) {
    if (!names.contains(spool.name)) {
      engine_->sources().forget(spool.name);
    }
  }
}

std::unique_ptr<Parts> App::Running::make_parts(const Settings& settings) {
  Parts::Surroundings surroundings{io_.get_executor(), clock_,        pool_,
                                   resolver_,          *engine_,      *registry_intake_,
                                   *workload_intake_,  *scan_intake_, telemetry_};
  return std::make_unique<Parts>(std::move(surroundings), settings);
}

void App::Running::start_tasks() {
  tasks_.spawn("engine", engine_->run());
  tasks_.spawn("alerting", alerting_->run(engine_->inventory()));
  tasks_.spawn("signatures", signature_recheck_->run());
  tasks_.spawn("metrics", metrics_page_->run());
  tasks_.spawn("lease", keep_lease());
  tasks_.spawn("retention", purge_daily());
  tasks_.spawn("event loop lag", measure_lag());
}

/// Any of the main loops ending is the end: systemd starts the daemon again, and everything that
/// was accepted is in the database.
void App::Running::task_failed(std::string_view name, std::exception_ptr failure) {
  log::error("daemon", "the task {} ended", name);
  if (!fatal_) {
    fatal_ = std::move(failure);
    ended_.try_send(boost::system::error_code());
  }
}

asio::awaitable<void> App::Running::take(Settings settings) {
  // Everything that can fail comes first, so that a bad file changes nothing.
  Scope scope = co_await scope_from_settings(settings, database_.stores().ledger, clock_.now());
  alerts::EvaluatorOptions options = evaluator_options(settings, external_url());
  std::unique_ptr<Parts> parts = make_parts(settings);
  alerting_->configure(std::move(options));
  co_await parts_->stop();
  parts_ = std::move(parts);
  engine_->set_scope(std::move(scope));
  configure_sources(settings);
  router_.set_access(settings.server.tokens, settings.server.anonymous_read);
  router_.set_event_secret(settings.server.events_secret);
  settings_ = std::move(settings);
  telemetry_.external_url(external_url());
  parts_->start();
  engine_->wake();
}

asio::awaitable<std::string> App::Running::reload() {
  if (!not_ready_.empty()) {
    co_return "the daemon is not ready: " + not_ready_;
  }
  systemd_notifier_.reloading(clock_.monotonic());
  auto work = [path = options_.config_path] { return load_settings(path); };
  auto running = pool_.run(std::move(work));
  auto loaded = co_await std::move(running);
  std::string failure;
  if (!loaded) {
    failure = to_string(loaded.error());
  } else if (needs_restart(*loaded, settings_)) {
    failure =
        "server.listen, server.max_body_size and database take effect at a restart only\n"
        "HINT: restart the service, or change them back";
  } else {
    try {
      co_await take(std::move(*loaded));
    } catch (const std::exception& error) {
      failure = error.what();
    }
  }
  telemetry_.reload(failure.empty(), clock_.now());
  systemd_notifier_.ready(status_line());
  if (failure.empty()) {
    log::info("daemon", "took the settings of {}", options_.config_path);
  } else {
    log::error("daemon", "kept the old settings: {}", failure);
  }
  co_return failure;
}

asio::awaitable<void> App::Running::reload_on(asio::signal_set& signals) {
  while (true) {
    co_await signals.async_wait(asio::use_awaitable);
    co_await reload();
  }
}

asio::awaitable<void> App::Running::stop() {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  systemd_notifier_.stopping();
  not_ready_ = "stopping";
  co_await server_->stop(server_stop_grace);
  if (parts_) {
    co_await parts_->stop();
  }
  co_await tasks_.stop();
  if (engine_) {
    try {
      co_await with_timeout(clock_, engine_->flush(), last_commit_limit, "last commit");
    } catch (const std::exception& error) {
      log::warning("daemon", "what was learned last is learned again: {}", error.what());
    }
  }
  co_await database_.close();
  co_await database_.stop_server();
  pool_.stop();
}

}  // namespace scanclock
