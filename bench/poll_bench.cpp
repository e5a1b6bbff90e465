// HEAD polling with the daemon's own registry client: the program that bench/run compares with ab.

#include "core/registry/distribution_client.hpp"
#include "core/runtime/clock.hpp"
#include "core/runtime/task_group.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace scanclock {
namespace {

struct Settings {
  std::string url;
  std::string references_file;
  std::size_t requests = 10'000;
  std::size_t concurrency = 32;
};

struct Reference {
  std::string repository;
  std::string reference;
};

struct Work {
  std::vector<Reference> references;
  std::size_t requests = 0;
  std::size_t next = 0;
  std::vector<Duration> latencies;
  std::string first_failure;
};

std::vector<Reference> read_references(const std::string& path) {
  std::ifstream file(path);
  std::vector<Reference> references;
  Reference line;
  while (file >> line.repository >> line.reference) {
    references.push_back(line);
  }
  if (references.empty()) {
    throw std::runtime_error(path + ": no line of the form 'repository reference'");
  }
  return references;
}

asio::awaitable<void> poll(Clock& clock, DistributionClient& client, Work& work) {
  while (work.next < work.requests && work.first_failure.empty()) {
    const Reference& asked = work.references[work.next++ % work.references.size()];
    const Duration started = clock.monotonic();
    const auto digest = co_await client.head_manifest(asked.repository, asked.reference);
    if (digest) {
      work.latencies.push_back(clock.monotonic() - started);
    } else {
      work.first_failure = digest.error().message;
    }
  }
}

asio::awaitable<void> poll_all(Clock& clock, DistributionClient& client, Work& work,
                               std::size_t concurrency) {
  const auto executor = co_await asio::this_coro::executor;
  const TaskGroup::OnFailure on_failure = [&work](std::string_view name, std::exception_ptr) {
    work.first_failure = "task " + std::string(name) + " ended with an exception";
  };
  TaskGroup workers(executor, on_failure);
  for (std::size_t index = 0; index < concurrency; ++index) {
    workers.spawn("poll", poll(clock, client, work));
  }
  co_await workers.join();
}

Duration used_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto in_duration = [](const timeval& value) {
    return std::chrono::seconds(value.tv_sec) + std::chrono::microseconds(value.tv_usec);
  };
  return std::chrono::duration_cast<Duration>(in_duration(usage.ru_utime) +
                                              in_duration(usage.ru_stime));
}

double microseconds(Duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

void run_phase(asio::io_context& io, Clock& clock, DistributionClient& client, Work& work,
               std::size_t concurrency) {
  asio::co_spawn(io, poll_all(clock, client, work, concurrency), [](std::exception_ptr failure) {
    if (failure) {
      std::rethrow_exception(failure);
    }
  });
  io.restart();
  io.run();
  if (!work.first_failure.empty()) {
    throw std::runtime_error(work.first_failure);
  }
}

nlohmann::json measure(const Settings& settings) {
  asio::io_context io(1);
  SystemClock clock;
  HttpClientOptions http_options;
  http_options.connections_per_origin_max = settings.concurrency;
  const auto http = make_http_client(clock, make_dns_resolver(clock), http_options);
  RegistryOptions options;
  options.name = "bench";
  options.url = settings.url;
  options.max_concurrency = settings.concurrency;
  // The limits are what a user may set; here the server and the client shall be the limit.
  options.max_requests_per_second = 1e7;
  const auto observer = [](const std::string&, int, Duration) {};
  DistributionClient client(options, clock, *http, observer, nullptr);

  Work warm_up;
  warm_up.references = read_references(settings.references_file);
  warm_up.requests = settings.concurrency * 4;
  run_phase(io, clock, client, warm_up, settings.concurrency);

  Work work;
  work.references = std::move(warm_up.references);
  work.requests = settings.requests;
  work.latencies.reserve(settings.requests);
  const Duration cpu_before = used_cpu();
  const Duration started = clock.monotonic();
  run_phase(io, clock, client, work, settings.concurrency);
  const double seconds = microseconds(clock.monotonic() - started) / 1e6;
  const double cpu = microseconds(used_cpu() - cpu_before);

  std::sort(work.latencies.begin(), work.latencies.end());
  const std::size_t answers = work.latencies.size();
  nlohmann::json result;
  result["requests"] = answers;
  result["seconds"] = seconds;
  result["requests_per_second"] = static_cast<double>(answers) / seconds;
  result["cpu_us_per_request"] = cpu / static_cast<double>(answers);
  result["p50_us"] = microseconds(work.latencies[answers / 2]);
  result["p99_us"] = microseconds(work.latencies[answers * 99 / 100]);
  return result;
}

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  scanclock::Settings settings;
  CLI::App app("HEAD polling of a registry as fast as it answers; prints JSON");
  app.add_option("--url", settings.url, "the registry, http://127.0.0.1:5000")->required();
  app.add_option("--references", settings.references_file, "a file of lines 'repository reference'")
      ->required();
  app.add_option("--requests", settings.requests)->check(CLI::PositiveNumber);
  app.add_option("--concurrency", settings.concurrency)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    std::printf("%s\n", scanclock::measure(settings).dump().c_str());
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "poll_bench: %s\n", failure.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
