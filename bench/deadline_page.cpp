// How long after a scan's deadline the webhook about it arrives, with the daemon's own engine,
// rules, database and delivery and 100 000 images in memory. Prints JSON; the script
// deadline_to_page makes the table and runs the peers.

#include "alerts/alerting.hpp"
#include "bench/bench_database.hpp"
#include "bench/estate.hpp"
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
/// So that no other deadline is near.
constexpr std::chrono::seconds scanned_within = std::chrono::hours(300);

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

/// An image that runs and whose last scan was then.
void add_sample(Inventory& inventory, unsigned image, TimePoint scanned_at, TimePoint now) {
  add_estate_image(inventory, image, now);
  add_estate_scan(inventory, image, scanned_at, now);
  WorkloadChanges changes;
  changes.source = "cluster-1";
  changes.observed_at = now;
  ContainerObservation seen;
  seen.id = "sample-" + std::to_string(image);
  seen.name = "sample";
  seen.digests = {estate_digest(EstateKind::manifest, image)};
  seen.started_at = now;
  changes.running.push_back(std::move(seen));
  inventory.apply(changes, now);
}

/// Lets the samples' windows end one after the other; the seconds from each end to its webhook.
asio::awaitable<std::vector<double>> sample(Engine& engine, Clock& clock, const ArrivalClock& hook,
                                            unsigned images, unsigned samples, Duration spacing) {
  fill_estate(engine.inventory(), images, clock.now(), scanned_within);
  engine.wake();
  while (!co_await engine.stored_wholly(std::chrono::minutes(10))) {
    std::fprintf(stderr, "still storing %u images\n", images);
  }
  const TimePoint first = std::chrono::time_point_cast<Duration>(clock.now()) + first_deadline_in;
  std::map<std::string, TimePoint> deadlines;
  for (unsigned number = 0; number < samples; ++number) {
    // An image of its own, so that no newer scan stands in the way.
    const unsigned image = images + number;
    const TimePoint deadline = first + number * spacing;
    add_sample(engine.inventory(), image, deadline - Policy().window, clock.now());
    deadlines.emplace(estate_digest(EstateKind::manifest, image).str(), deadline);
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
  Engine engine(io.get_executor(), clock, database.stores().ledger, alerting, estate_scope());
  TaskGroup tasks(io.get_executor(), print_failure);
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
