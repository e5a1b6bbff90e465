// What a cycle over unchanged images costs in requests, in virtual time: the daemon's own poller
// against the registry in memory of the component tests. Ends with 1 when a cycle costs more than
// design.md section 5 allows.

#include "core/registry/poller.hpp"
#include "tests/component/registry/fake_registry.hpp"
#include "tests/component/registry/world.hpp"
#include "tests/support/sim_clock.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

namespace scanclock {
namespace {

constexpr double allowed_ratio = 1.02;
constexpr int repositories = 50;
/// Every so many images have cosign's tag.
constexpr int attested_every = 5;

struct Expected {
  double heads = 0;
  double referrers = 0;
  double lists = 1 + repositories;

  double all() const { return heads + referrers + lists; }
};

Expected fill(FakeRegistry& registry, int images) {
  Expected expected;
  for (int i = 0; i < images; ++i) {
    const std::string repository = "team/app" + std::to_string(i % repositories);
    const Digest image = registry.push_image(repository, std::to_string(i));
    registry.tag(repository, "v" + std::to_string(i), image);
    ++expected.heads;
    ++expected.referrers;
    if (i % attested_every == 0) {
      registry.attest(repository, image, {"statement " + std::to_string(i)});
      ++expected.heads;
    }
  }
  return expected;
}

int report(const RequestCycle& cycle, const Expected& expected, int images, bool as_json) {
  const double ratio = static_cast<double>(cycle.requests()) / expected.all();
  const auto kind = [](std::uint64_t made, double needed) {
    return nlohmann::json{{"made", made}, {"needed", needed}};
  };
  const nlohmann::json counted = {{"images", images},
                                  {"repositories", repositories},
                                  {"heads", kind(cycle.heads, expected.heads)},
                                  {"referrers", kind(cycle.referrers, expected.referrers)},
                                  {"lists", kind(cycle.lists, expected.lists)},
                                  {"others", kind(cycle.others, 0)},
                                  {"requests", cycle.requests()},
                                  {"needed", expected.all()},
                                  {"allowed", allowed_ratio}};
  if (as_json) {
    std::printf("%s\n", counted.dump().c_str());
    return ratio <= allowed_ratio ? 0 : 1;
  }
  for (const char* name : {"heads", "referrers", "lists", "others"}) {
    std::printf("%-9s  %8.0f of %8.0f\n", name, counted[name]["made"].get<double>(),
                counted[name]["needed"].get<double>());
  }
  std::printf("all        %8llu of %8.0f: %.4f (goal: at most %.2f)\n",
              static_cast<unsigned long long>(cycle.requests()), expected.all(), ratio,
              allowed_ratio);
  return ratio <= allowed_ratio ? 0 : 1;
}

int measure(int images, bool as_json) {
  asio::io_context io;
  SimClock clock;
  FakeHttpClient http;
  FakeRegistry registry(http);
  World world;
  const Expected expected = fill(registry, images);
  RegistryOptions options;
  options.name = "prod";
  options.url = FakeRegistry::origin;
  options.evidence_every = options.tags_every;
  options.max_requests_per_second = 1000;
  RegistryPoller poller(options, clock, http, world, world);
  asio::cancellation_signal stop;
  bool running = true;
  asio::co_spawn(io, poller.run(),
                 asio::bind_cancellation_slot(stop.slot(),
                                              [&running](std::exception_ptr) { running = false; }));
  constexpr int cycles = 4;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    clock.advance(io, options.tags_every);
    http.clear_requests();
  }
  const int result =
      poller.last_cycle() ? report(*poller.last_cycle(), expected, images, as_json) : 1;
  stop.emit(asio::cancellation_type::terminal);
  clock.run_while(
      io, [&running] { return running; }, std::chrono::minutes(10));
  return result;
}

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  int images = 10'000;
  CLI::App app("Counts the requests of a cycle over unchanged images");
  app.add_option("--images", images, "How many images")->check(CLI::PositiveNumber);
  bool as_json = false;
  app.add_flag("--json", as_json, "Print the counts for another program");
  CLI11_PARSE(app, argc, argv);
  return scanclock::measure(images, as_json);
}
