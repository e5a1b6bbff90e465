// Every page and list of the API over an inventory in memory, served by the daemon's own HTTP
// server: how long each answer takes, and how long the longest step of the event loop was
// meanwhile. Prints tables; ends with 1 when a step was longer than the goal.

#include "bench/estate.hpp"
#include "core/net/http_server.hpp"
#include "daemon/api/context.hpp"
#include "tests/component/daemon/engine_fixture.hpp"
#include "tests/support/blocking_http.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

namespace scanclock {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr double step_goal_ms = 10;
/// A tenth longer than the default window: a tenth of the images is overdue.
constexpr std::chrono::seconds scanned_within = std::chrono::hours(800);
constexpr unsigned containers_a_workload = 5;
constexpr unsigned namespaces = 500;
/// One container in so many runs the same image, as sidecars do.
constexpr unsigned sidecar_every = 20;
constexpr int messages = 1000;

double milliseconds(SteadyClock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

Scope scope_of_two_clusters() {
  Scope scope = estate_scope();
  // Nothing but what is overdue alerts.
  scope.policies.front().policy.warn_before.clear();
  WorkloadScope workload;
  workload.name = "cluster-2";
  scope.workloads.push_back(workload);
  return scope;
}

WorkloadReport more_containers(unsigned images, unsigned containers, TimePoint now) {
  WorkloadReport report;
  report.source = "cluster-2";
  report.observed_at = now;
  report.complete = true;
  report.containers.reserve(containers);
  for (unsigned number = 0; number < containers; ++number) {
    const unsigned workload = number / containers_a_workload;
    const unsigned image = number % sidecar_every == 0 ? 0 : workload % images;
    ContainerObservation seen;
    seen.id = std::string(estate_digest(EstateKind::config, number).hex());
    seen.namespace_name = "namespace-" + std::to_string(workload % namespaces);
    seen.workload = "deployment/back-" + std::to_string(workload);
    seen.name = "back-" + std::to_string(number % containers_a_workload);
    seen.image =
        "registry.example/" + estate_repository(image).repository + ":1." + std::to_string(image);
    seen.digests = {estate_digest(EstateKind::index, image)};
    seen.started_at = now;
    report.containers.push_back(std::move(seen));
  }
  return report;
}

OutboxMessage message_numbered(int number, TimePoint now) {
  OutboxMessage message;
  message.id = "msg_" + std::to_string(number);
  message.receiver = "oncall";
  message.alert_id = "alert-" + std::to_string(number);
  message.sequence = 1;
  message.type = "scanclock.alert.firing";
  message.created_at = now;
  message.next_attempt_at = now;
  return message;
}

struct Measured {
  std::string target;
  std::size_t bytes = 0;
  std::vector<double> took_ms;
  std::vector<double> longest_step_ms;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Everything that the pages read. Nothing else runs while they are measured.
class Estate {
 public:
  Estate(unsigned images, unsigned containers)
      : engine_(io_.get_executor(), clock_, ledger_, alerting_, scope_of_two_clusters()) {
    const TimePoint now = clock_.now();
    fill_estate(engine_.inventory(), images, now, scanned_within);
    const unsigned more = containers - std::min(containers, images);
    engine_.inventory().observe(more_containers(images, more, now), now);
    engine_.sources().answered("prod", images, now);
    engine_.sources().answered("cluster-1", images, now);
    engine_.sources().answered("cluster-2", more, now);
    std::vector<OutboxMessage> told;
    for (int number = 0; number < messages; ++number) {
      told.push_back(message_numbered(number, now));
    }
    outbox_.add(told);
    add_image_calls(router_, context_);
    add_image_detail_calls(router_, context_);
    add_container_calls(router_, context_);
    add_alert_calls(router_, context_);
    add_silence_calls(router_, context_);
    add_notification_calls(router_, context_);
    add_source_calls(router_, context_);
    add_check_call(router_, context_);
    add_forecast_call(router_, context_);
    add_status_page(router_, context_);
    add_openapi_call(router_);
    router_.set_access({}, true);
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    server_ = make_http_server(
        io_.get_executor(), clock_, options,
        [this](HttpServerRequest request) { return router_.handle(std::move(request)); });
  }

  /// Concludes and alerts, as after a start, and then rests.
  asio::awaitable<void> settle() {
    TaskGroup tasks(io_.get_executor(), [](std::string_view name, std::exception_ptr) {
      std::fprintf(stderr, "%s ended\n", std::string(name).c_str());
    });
    tasks.spawn("engine", engine_.run());
    engine_.wake();
    const bool is_stored = co_await engine_.stored_wholly(std::chrono::seconds(50));
    if (!is_stored) {
      throw std::runtime_error("the estate was not concluded in time");
    }
    co_await tasks.stop();
    ledger_.committed = {};
    server_->start();
  }

  std::string first_alert() const {
    const auto alerts = alerting_.alerts_in_place();
    return alerts.empty() ? "none" : alerts.front()->id;
  }
  std::size_t alerts() const { return alerting_.alerts_in_place().size(); }
  std::size_t containers() const { return engine_.inventory().containers().size(); }
  asio::io_context& io() { return io_; }

  /// Asks from a thread of its own, and steps through the event loop meanwhile.
  std::vector<Measured> measure(const std::vector<std::string>& targets, int rounds) {
    std::vector<Measured> all;
    std::atomic<bool> is_done = false;
    std::atomic<SteadyClock::rep> longest = 0;
    std::thread reader([&] {
      for (const std::string& target : targets) {
        Measured& one = all.emplace_back();
        one.target = target;
        for (int round = 0; round < rounds; ++round) {
          longest = 0;
          const auto begin = SteadyClock::now();
          const HttpAnswer answer = http_get("http://" + server_->address() + target);
          one.took_ms.push_back(milliseconds(SteadyClock::now() - begin));
          one.longest_step_ms.push_back(milliseconds(SteadyClock::duration(longest.load())));
          one.bytes = answer.body.size();
          if (answer.status != 200) {
            std::fprintf(stderr, "%s was answered %d\n", target.c_str(), answer.status);
          }
        }
      }
      is_done = true;
    });
    io_.restart();
    while (!is_done) {
      const auto begin = SteadyClock::now();
      const std::size_t handled = io_.poll_one();
      const SteadyClock::rep took = (SteadyClock::now() - begin).count();
      if (handled > 0 && took > longest) {
        longest = took;
      } else if (handled == 0) {
        std::this_thread::yield();
      }
    }
    reader.join();
    return all;
  }

  asio::awaitable<void> stop() { co_await server_->stop(Duration::zero()); }

 private:
  asio::io_context io_{1};
  SystemClock clock_;
  BlockingPool pool_{2, 64};
  MemoryLedger ledger_;
  MemoryOutbox outbox_;
  FakeHttpClient http_;
  Telemetry telemetry_;
  alerts::Alerting alerting_{io_.get_executor(), clock_, http_, outbox_, alerts::AlertingOptions()};
  Engine engine_;
  ScanIntake scan_intake_{engine_, clock_, pool_, telemetry_};
  WorkloadIntake workload_intake_{engine_, clock_, telemetry_};
  MetricsPage metrics_page_{MetricsPage::Surroundings{io_.get_executor(), clock_, pool_, engine_,
                                                      alerting_, outbox_, telemetry_}};
  ApiContext context_{
      engine_,
      alerting_,
      ledger_,
      outbox_,
      telemetry_,
      clock_,
      pool_,
      scan_intake_,
      [](RepositoryKey, std::string) -> asio::awaitable<std::string> { co_return std::string(); },
      [](const RepositoryKey&, const std::string&) {},
      [](const std::string&) { return false; },
      workload_intake_,
      metrics_page_};
  Router router_;
  std::unique_ptr<HttpServer> server_;
};

std::vector<std::string> targets_of(const Estate& estate) {
  const std::string sidecar = estate_digest(EstateKind::manifest, 0).str();
  const std::string other = estate_digest(EstateKind::manifest, 1).str();
  return {"/",
          "/images",
          "/images?q=team/app99",
          "/images?q=nothing",
          "/images?state=overdue&running=true",
          "/images/" + other,
          "/images/" + sidecar,
          "/containers",
          "/containers?q=front-99",
          "/containers?verdict=overdue",
          "/alerts",
          "/alerts?q=team/app99",
          "/alerts/" + estate.first_alert(),
          "/sources",
          "/notifications",
          "/runbook",
          "/api/v1/images",
          "/api/v1/images?limit=5000",
          "/api/v1/images?q=nothing",
          "/api/v1/images/" + other,
          "/api/v1/images/" + sidecar,
          "/api/v1/containers",
          "/api/v1/containers?limit=5000",
          "/api/v1/containers?owner=nobody",
          "/api/v1/alerts",
          "/api/v1/alerts?limit=1000",
          "/api/v1/forecast",
          "/api/v1/forecast?days=400&limit=50",
          "/api/v1/sources",
          "/api/v1/notifications?limit=1000",
          "/api/v1/silences",
          "/api/v1/check?image=registry.example/team/app9:1.99",
          "/api/v1/openapi.json"};
}

std::string shown(const std::string& target) {
  const auto digest = target.find("sha256:");
  return digest == std::string::npos ? target : target.substr(0, digest + 15) + "…";
}

void print_table(const std::vector<Measured>& all) {
  std::printf("| page or call | kB | ms | longest step, ms |\n|---|---|---|---|\n");
  for (const Measured& one : all) {
    const auto [least, most] = std::minmax_element(one.took_ms.begin(), one.took_ms.end());
    std::printf("| `%s` | %.1f | %.1f (%.1f to %.1f) | %.2f |\n", shown(one.target).c_str(),
                static_cast<double>(one.bytes) / 1000, median(one.took_ms), *least, *most,
                median(one.longest_step_ms));
  }
}

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  unsigned images = 100'000;
  unsigned containers = 250'000;
  int rounds = 7;
  CLI::App app("Times the pages and lists of the API over a large estate in memory.");
  app.add_option("--images", images, "running images, a tenth of them overdue");
  app.add_option("--containers", containers, "running containers");
  app.add_option("--rounds", rounds, "answers of each")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  scanclock::Estate estate(images, containers);
  scanclock::run(estate.io(), estate.settle());
  const auto all = estate.measure(scanclock::targets_of(estate), rounds);
  double longest = 0;
  for (const scanclock::Measured& one : all) {
    longest = std::max(longest, scanclock::median(one.longest_step_ms));
  }
  const bool is_reached = longest <= scanclock::step_goal_ms;
  std::printf("%u images, %zu containers, %zu alerts; %d rounds; median (smallest to largest).\n\n",
              images, estate.containers(), estate.alerts(), rounds);
  std::printf("| figure | goal | measured | |\n|---|---|---|---|\n");
  std::printf("| longest step of the event loop | ≤ %.0f ms | %.2f ms | %s |\n\n",
              scanclock::step_goal_ms, longest, is_reached ? "reached" : "**missed**");
  scanclock::print_table(all);
  estate.io().restart();
  scanclock::run(estate.io(), estate.stop());
  return is_reached ? 0 : 1;
}
