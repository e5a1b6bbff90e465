// How long after a scan's deadline the webhook about it arrives, with the daemon's own engine,
// rules, database and delivery and 100 000 images in memory. Prints JSON; the script
// deadline_to_page makes the table and runs the peers.

#include "alerts/alerting.hpp"
#include "bench/bench_database.hpp"
#include "core/net/http_client.hpp"
#include "core/runtime/task_group.hpp"
#include "daemon/engine.hpp"
#include "tests/support/blocking_http.hpp"
#include "tests/support/run_coroutine.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr Duration first_deadline_in = std::chrono::seconds(5);
constexpr Duration give_up_after = std::chrono::seconds(30);
constexpr Duration renew_every = std::chrono::seconds(4);
constexpr unsigned images_a_repository = 10;

enum class Kind : unsigned { manifest = 1, config, report };

Digest digest_of(Kind kind, unsigned number) {
  char text[72];
  std::snprintf(text, sizeof(text), "sha256:%08x%056x", number * 2654435761U,
                (static_cast<unsigned>(kind) << 24U) + number);
  return Digest::from_trusted(text);
}

RepositoryKey repository_of(unsigned image) {
  return {"prod", "team/app" + std::to_string(image / images_a_repository)};
}

/// When ScanclockScanOverdue of an image arrived first.
class ArrivalClock {
 public:
  ArrivalClock()
      : server_([this](const ServedConnection& connection, const ServedRequest& request) {
          const TimePoint at = SystemClock().now();
          connection.answer(204, {}, "");
          const json body = json::parse(request.body, nullptr, false);
          if (!body.is_discarded() && body.at("data").at("rule") == "ScanclockScanOverdue") {
            const std::lock_guard lock(mutex_);
            arrivals_.try_emplace(body.at("data").at("image").at("digest"), at);
          }
          return true;
        }) {}

  std::string url() const { return "http://" + server_.address() + "/"; }
  std::map<std::string, TimePoint> arrivals() const {
    const std::lock_guard lock(mutex_);
    return arrivals_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, TimePoint> arrivals_;
  BlockingServer server_;
};

Scope bench_scope() {
  Scope scope;
  scope.policies.push_back({});
  RegistryScope registry;
  registry.name = "prod";
  registry.host = "registry.example";
  scope.registries.push_back(registry);
  WorkloadScope workload;
  workload.name = "cluster-1";
  scope.workloads.push_back(workload);
  return scope;
}

void add_scan(Inventory& inventory, unsigned image, unsigned number, TimePoint finished_at,
              TimePoint now) {
  Evidence evidence;
  evidence.digest = digest_of(Kind::report, number);
  evidence.source = "prod";
  evidence.repository = repository_of(image).repository;
  evidence.collected_at = now;
  evidence.report.format = "trivy-json";
  evidence.report.subjects = {digest_of(Kind::manifest, image)};
  evidence.report.finished_at = finished_at;
  inventory.add_evidence(std::move(evidence), "{}", now);
}

void fill(Inventory& inventory, unsigned images, TimePoint now) {
  WorkloadReport report;
  report.source = "cluster-1";
  report.observed_at = now;
  report.complete = true;
  for (unsigned number = 0; number < images; ++number) {
    Manifest image;
    image.digest = digest_of(Kind::manifest, number);
    image.config = digest_of(Kind::config, number);
    image.config_identifies = true;
    image.platform.os = "linux";
    image.platform.architecture = "amd64";
    inventory.add_manifest(repository_of(number), std::move(image), now);
    inventory.set_tag(repository_of(number), "1." + std::to_string(number),
                      digest_of(Kind::manifest, number), now);
    add_scan(inventory, number, number, now - std::chrono::hours(1 + number % 300), now);
    inventory.note_evidence_answered(repository_of(number), digest_of(Kind::manifest, number), now);
    ContainerObservation seen;
    seen.id = "container-" + std::to_string(number);
    seen.namespace_name = "team-" + std::to_string(number % 200);
    seen.workload = "deployment/app-" + std::to_string(number);
    seen.name = "app";
    seen.image =
        "registry.example/" + repository_of(number).repository + ":1." + std::to_string(number);
    seen.digests = {digest_of(Kind::manifest, number)};
    seen.started_at = now;
    report.containers.push_back(std::move(seen));
  }
  inventory.observe(report, now);
}

asio::awaitable<void> keep_lease(Clock& clock, Lease& lease) {
  for (;;) {
    co_await clock.sleep(renew_every);
    co_await lease.renew();
  }
}

/// Lets the samples' windows end one after the other; the seconds from each end to its webhook.
asio::awaitable<std::vector<double>> sample(Engine& engine, Clock& clock, const ArrivalClock& hook,
                                            unsigned images, unsigned samples, Duration spacing) {
  fill(engine.inventory(), images, clock.now());
  engine.wake();
  while (!co_await engine.stored_wholly(std::chrono::minutes(10))) {
    std::fprintf(stderr, "still storing %u images\n", images);
  }
  const Duration window = Policy().window;
  const TimePoint first = std::chrono::time_point_cast<Duration>(clock.now()) + first_deadline_in;
  std::map<std::string, TimePoint> deadlines;
  for (unsigned number = 0; number < samples; ++number) {
    const TimePoint deadline = first + number * spacing;
    // An image of its own, so that no newer scan stands in the way.
    const unsigned image = images + number;
    Manifest manifest;
    manifest.digest = digest_of(Kind::manifest, image);
    manifest.config = digest_of(Kind::config, image);
    manifest.config_identifies = true;
    engine.inventory().add_manifest(repository_of(image), std::move(manifest), clock.now());
    add_scan(engine.inventory(), image, image, deadline - window, clock.now());
    engine.inventory().note_evidence_answered(repository_of(image),
                                              digest_of(Kind::manifest, image), clock.now());
    WorkloadChanges changes;
    changes.source = "cluster-1";
    changes.observed_at = clock.now();
    ContainerObservation seen;
    seen.id = "sample-" + std::to_string(number);
    seen.name = "sample";
    seen.digests = {digest_of(Kind::manifest, image)};
    seen.started_at = clock.now();
    changes.running.push_back(std::move(seen));
    engine.inventory().apply(changes, clock.now());
    deadlines.emplace(digest_of(Kind::manifest, image).str(), deadline);
  }
  engine.wake();
  const TimePoint end = first + samples * spacing + give_up_after;
  while (hook.arrivals().size() < samples && clock.now() < end) {
    co_await clock.sleep(std::chrono::milliseconds(100));
  }
  std::vector<double> seconds;
  for (const auto& [digest, at] : hook.arrivals()) {
    seconds.push_back(std::chrono::duration<double>(at - deadlines.at(digest)).count());
  }
  co_return seconds;
}

asio::awaitable<void> keep(asio::awaitable<std::vector<double>> work, std::vector<double>& result,
                           bool& done) {
  result = co_await std::move(work);
  done = true;
}

int measure(unsigned images, unsigned samples, Duration spacing) {
  asio::io_context io{1};
  SystemClock clock;
  BlockingPool pool(2, 64);
  BenchDatabase database(io, clock, pool, 4);
  const auto http = make_http_client(clock, make_dns_resolver(clock), HttpClientOptions());
  const ArrivalClock hook;
  alerts::AlertingOptions options;
  alerts::Receiver receiver;
  receiver.name = "hook";
  receiver.webhook.emplace();
  receiver.webhook->url = hook.url();
  options.evaluator.receivers.push_back(receiver);
  alerts::Alerting alerting(io.get_executor(), clock, *http, database.stores().outbox,
                            std::move(options));
  Engine engine(io.get_executor(), clock, database.stores().ledger, alerting, bench_scope());
  TaskGroup tasks(io.get_executor(), [](std::string_view name, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%.*s ended: %s\n", static_cast<int>(name.size()), name.data(),
                   error.what());
    }
  });
  tasks.spawn("lease", keep_lease(clock, database.stores().lease));
  tasks.spawn("engine", engine.run());
  tasks.spawn("alerting", alerting.run(engine.inventory()));
  std::vector<double> seconds;
  bool done = false;
  tasks.spawn("samples",
              keep(sample(engine, clock, hook, images, samples, spacing), seconds, done));
  while (!done) {
    io.run_one();
  }
  run(io, tasks.stop());
  json result;
  result["images"] = images;
  result["samples"] = samples;
  result["seconds"] = seconds;
  std::printf("%s\n", result.dump().c_str());
  return seconds.size() == samples ? 0 : 1;
}

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  unsigned images = 100'000;
  unsigned samples = 21;
  double spacing = 1.37;
  CLI::App app("Measures how long after a deadline the webhook arrives");
  app.add_option("--images", images, "Images that run")->check(CLI::PositiveNumber);
  app.add_option("--samples", samples, "Deadlines that pass")->check(CLI::PositiveNumber);
  app.add_option("--spacing", spacing, "Seconds between them")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  return scanclock::measure(
      images, samples,
      std::chrono::duration_cast<scanclock::Duration>(std::chrono::duration<double>(spacing)));
}
