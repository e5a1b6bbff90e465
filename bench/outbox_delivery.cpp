// How fast messages go from the outbox to a webhook: the daemon's own ledger, outbox and delivery
// on its own PostgreSQL, which waits for the disk. A burst for the rate, then a steady stream for
// the time from before the commit to the arrival. Prints JSON; the script `delivery` makes the
// table and runs the peer.

#include "alerts/alerting.hpp"
#include "bench/bench_database.hpp"
#include "bench/estate.hpp"
#include "bench/hook_receiver.hpp"
#include "core/net/http_client.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/support/run_coroutine.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr int burst_batch = 1000;
constexpr Duration stream_tick = std::chrono::milliseconds(20);
constexpr Duration look_every = std::chrono::milliseconds(5);
constexpr std::size_t body_bytes = 2048;
constexpr std::size_t bodies_made = 1000;
/// As the daemon has it.
constexpr std::size_t receiver_connections = 64;

/// When each message arrived, by the number at the end of its id; -1 while it has not.
class Arrivals {
 public:
  explicit Arrivals(std::size_t count)
      : at_(count, -1), server_([this](std::string_view head, std::string_view) {
          note(std::string(header_value(head, "\r\nwebhook-id: ")));
        }) {}

  std::string url() const { return server_.url(); }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  std::size_t repeated() const {
    const std::lock_guard lock(mutex_);
    return repeated_;
  }
  double at(std::size_t number) const {
    const std::lock_guard lock(mutex_);
    return at_[number];
  }

 private:
  void note(const std::string& id) {
    const double now = std::chrono::duration<double>(clock_.monotonic()).count();
    const auto number = static_cast<std::size_t>(std::atoll(id.c_str() + id.rfind('_') + 1));
    const std::lock_guard lock(mutex_);
    if (at_.at(number) >= 0) {
      ++repeated_;
      return;
    }
    at_[number] = now;
    ++count_;
  }

  SystemClock clock_;
  mutable std::mutex mutex_;
  std::vector<double> at_;
  std::size_t count_ = 0;
  std::size_t repeated_ = 0;
  HookReceiver server_;
};

/// As long as a message about an image that runs in a dozen places, and as hard to compress.
std::string body_numbered(std::size_t number) {
  const std::string digest =
      estate_digest(EstateKind::manifest, static_cast<unsigned>(number)).str();
  json body;
  body["type"] = "scanclock.alert.firing";
  body["data"]["rule"] = "ScanclockScanOverdue";
  body["data"]["image"]["digest"] = digest;
  body["data"]["summary"] = "team/app" + std::to_string(number) + " was not scanned within 30 days";
  for (std::size_t place = 0; body.dump().size() < body_bytes; ++place) {
    const auto pod = estate_digest(EstateKind::report, static_cast<unsigned>(number + place));
    body["data"]["workloads"].push_back("prod-1/namespace-" + std::to_string(number % 500) +
                                        "/deployment/front-" + pod.str().substr(7, 32));
  }
  return body.dump();
}

OutboxMessage message_numbered(std::size_t number, const std::string& body, TimePoint now) {
  OutboxMessage message;
  message.id = "msg_bench_" + std::to_string(number);
  message.alert_id = "alert_" + std::to_string(number);
  message.sequence = 1;
  message.receiver = "hook";
  message.type = "scanclock.alert.firing";
  message.body = body;
  message.created_at = now;
  message.next_attempt_at = now;
  return message;
}

struct Run {
  Clock& clock;
  Stores& stores;
  alerts::Alerting& alerting;
  const Arrivals& arrivals;
  /// Made beforehand: rendering is not what is measured.
  const std::vector<std::string>& bodies;
  std::size_t burst;
  std::size_t per_second;
  int stream_seconds;
};

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

asio::awaitable<void> store(Run& bench, std::size_t first, std::size_t count) {
  ChangeSet changes;
  for (std::size_t number = first; number < first + count; ++number) {
    changes.messages.push_back(
        message_numbered(number, bench.bodies[number % bench.bodies.size()], bench.clock.now()));
  }
  co_await bench.stores.ledger.commit(changes);
  bench.alerting.committed();
}

asio::awaitable<void> await_arrivals(Run& bench, std::size_t count) {
  while (bench.arrivals.count() < count) {
    co_await bench.clock.sleep(look_every);
  }
}

/// The burst is stored while it is delivered, as when a whole estate falls overdue.
asio::awaitable<double> run_burst(Run& bench) {
  const Duration begin = bench.clock.monotonic();
  for (std::size_t first = 0; first < bench.burst; first += burst_batch) {
    co_await store(bench, first, std::min<std::size_t>(burst_batch, bench.burst - first));
  }
  co_await await_arrivals(bench, bench.burst);
  const Duration took = bench.clock.monotonic() - begin;
  // The stream is another measurement: it begins when the burst is written down, too.
  while (bench.alerting.receivers().front().in_flight > 0) {
    co_await bench.clock.sleep(look_every);
  }
  co_return static_cast<double>(bench.burst) / seconds_of(took);
}

/// Milliseconds from before each commit to the arrival.
asio::awaitable<std::vector<double>> run_stream(Run& bench) {
  const std::size_t total = bench.per_second * static_cast<std::size_t>(bench.stream_seconds);
  const double ticks_a_second = 1 / seconds_of(stream_tick);
  const auto batch = static_cast<std::size_t>(
      std::max(1.0, static_cast<double>(bench.per_second) / ticks_a_second));
  std::vector<double> stored_at;
  Duration due = bench.clock.monotonic();
  for (std::size_t done = 0; done < total; done += batch) {
    due += stream_tick;
    if (due > bench.clock.monotonic()) {
      co_await bench.clock.sleep(due - bench.clock.monotonic());
    }
    // From when it should have been stored: a stall counts for all that it holds up.
    stored_at.insert(stored_at.end(), batch, seconds_of(due));
    co_await store(bench, bench.burst + done, batch);
  }
  co_await await_arrivals(bench, bench.burst + stored_at.size());
  std::vector<double> milliseconds;
  for (std::size_t number = 0; number < stored_at.size(); ++number) {
    milliseconds.push_back((bench.arrivals.at(bench.burst + number) - stored_at[number]) * 1000);
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  co_return milliseconds;
}

asio::awaitable<void> measure_all(Run& bench, json& result, bool& done) {
  result["burst_per_second"] = co_await run_burst(bench);
  const std::vector<double> milliseconds = co_await run_stream(bench);
  result["stream_per_second"] = bench.per_second;
  result["median_ms"] = milliseconds[milliseconds.size() / 2];
  result["p99_ms"] = milliseconds[milliseconds.size() * 99 / 100];
  result["longest_ms"] = milliseconds.back();
  result["repeated"] = bench.arrivals.repeated();
  done = true;
}

int measure(std::size_t burst, std::size_t per_second, int stream_seconds) {
  asio::io_context io{1};
  SystemClock clock;
  BlockingPool pool(2, 64);
  BenchDatabase database(io, clock, pool, 8);
  HttpClientOptions http_options;
  http_options.connections_per_origin_max = receiver_connections;
  const auto http = make_http_client(clock, make_dns_resolver(clock), http_options);
  const std::size_t stream = per_second * static_cast<std::size_t>(stream_seconds);
  const Arrivals arrivals(burst + stream + per_second);
  alerts::AlertingOptions options;
  alerts::Receiver receiver;
  receiver.name = "hook";
  receiver.webhook.emplace();
  receiver.webhook->url = arrivals.url();
  receiver.webhook->signing_secrets = {"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="};
  options.evaluator.receivers.push_back(receiver);
  alerts::Alerting alerting(io.get_executor(), clock, *http, database.stores().outbox,
                            std::move(options));
  const Inventory nothing((Scope()));
  TaskGroup tasks(io.get_executor(), print_failure);
  json result;
  bool done = false;
  std::vector<std::string> bodies;
  for (std::size_t number = 0; number < bodies_made; ++number) {
    bodies.push_back(body_numbered(number));
  }
  Run bench{clock, database.stores(), alerting,      arrivals, bodies,
            burst, per_second,        stream_seconds};
  tasks.spawn("lease", keep_lease(clock, database.stores().lease));
  tasks.spawn("alerting", alerting.run(nothing));
  tasks.spawn("measurement", measure_all(bench, result, done));
  while (!done) {
    io.run_one();
  }
  run(io, tasks.stop());
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  std::size_t burst = 100'000;
  std::size_t per_second = 2'000;
  int stream_seconds = 10;
  CLI::App app("Measures delivery from the outbox to a webhook");
  app.add_option("--burst", burst, "Messages of the burst")->check(CLI::PositiveNumber);
  app.add_option("--per-second", per_second, "Messages a second of the stream")
      ->check(CLI::PositiveNumber);
  app.add_option("--seconds", stream_seconds, "How long it lasts")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  return scanclock::measure(burst, per_second, stream_seconds);
}
