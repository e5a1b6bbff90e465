#pragma once

#include "alerts/alerting.hpp"
#include "core/net/http_server.hpp"
#include "core/runtime/spare_memory.hpp"
#include "core/runtime/task_group.hpp"
#include "daemon/api/context.hpp"
#include "daemon/app.hpp"
#include "daemon/database.hpp"
#include "daemon/engine.hpp"
#include "daemon/metrics_page.hpp"
#include "daemon/pages/waiting_page.hpp"
#include "daemon/parts.hpp"
#include "daemon/signature_recheck.hpp"
#include "daemon/systemd_notifier.hpp"
#include "daemon/telemetry.hpp"

#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/signal_set.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace scanclock {

/// Everything that lives while the daemon runs, in the order of its making; stop() goes the other
/// way. I/O thread only.
class App::Running {
 public:
  Running(asio::io_context& io, const AppOptions& options, Settings settings);

  /// Opens the database, waits for the lease, remembers, and watches. Ends by cancellation, or by
  /// throwing when it cannot go on; stop() is then to be called all the same.
  asio::awaitable<void> serve();
  /// Reloads at each SIGHUP, until cancelled.
  asio::awaitable<void> reload_on(asio::signal_set& signals);
  /// Never throws; within stop_limit apart from the embedded server.
  asio::awaitable<void> stop();

  /// Reads the settings file again. A bad one changes nothing; returns why, empty when taken.
  asio::awaitable<std::string> reload();

 private:
  void start_server();
  void add_operation_calls();
  asio::awaitable<HttpResponse> handle(HttpServerRequest request);
  asio::awaitable<HttpResponse> reload_call();
  WaitingState waiting_state() const;
  /// Empty while this daemon watches, stores and alerts.
  std::string why_not_ready() const;
  asio::awaitable<void> wait_for_lease();
  asio::awaitable<void> make_engine();
  void add_calls();
  void start_tasks();
  asio::awaitable<void> take(Settings settings);
  void step_done();
  void configure_sources(const Settings& settings);
  std::unique_ptr<Parts> make_parts(const Settings& settings);
  asio::awaitable<void> keep_lease();
  asio::awaitable<void> purge_daily();
  asio::awaitable<void> measure_lag();
  std::string external_url() const;
  std::string status_line() const;
  void task_failed(std::string_view name, std::exception_ptr failure);

  asio::io_context& io_;
  AppOptions options_;
  Settings settings_;
  SystemClock clock_;
  BlockingPool pool_;
  Telemetry telemetry_;
  SystemdNotifier systemd_notifier_;
  Router router_;
  std::unique_ptr<HttpServer> server_;
  std::shared_ptr<DnsResolver> resolver_;
  std::unique_ptr<HttpClient> receiver_http_;
  Database database_;
  std::unique_ptr<alerts::Alerting> alerting_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<RegistryIntake> registry_intake_;
  std::unique_ptr<WorkloadIntake> workload_intake_;
  std::unique_ptr<ScanIntake> scan_intake_;
  std::unique_ptr<SignatureRecheck> signature_recheck_;
  std::unique_ptr<MetricsPage> metrics_page_;
  std::unique_ptr<Parts> parts_;
  std::unique_ptr<ApiContext> api_;
  TaskGroup tasks_;
  Duration status_told_at_{0};
  SpareMemory spare_memory_;
  /// Why the daemon is not ready, for /-/ready; empty when it is.
  std::string not_ready_ = "starting";
  /// While this daemon stands by: who does not.
  std::optional<LeaseHolder> active_;
  std::exception_ptr fatal_;
  asio::experimental::channel<void(boost::system::error_code)> ended_;
};

}  // namespace scanclock
