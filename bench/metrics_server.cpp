// The daemon's own page of metrics over an inventory in memory, served by its own HTTP server.
// Prints the address and what the page holds; serves until its standard input ends.

#include "core/net/accept.hpp"
#include "core/net/http_server.hpp"
#include "daemon/metrics_page.hpp"
#include "tests/component/daemon/engine_fixture.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace scanclock {
namespace {

constexpr TimePoint bench_start =
    std::chrono::sys_days(std::chrono::November / 1 / 2026) + std::chrono::hours(12);
constexpr unsigned images_a_repository = 10;

enum class Kind : unsigned { index = 1, manifest, config, report };

/// As random as real ones, for the sake of compression.
Digest digest_of(Kind kind, unsigned number) {
  std::uint64_t state = (static_cast<std::uint64_t>(kind) << 32U) + number;
  char text[72] = "sha256:";
  for (int word = 0; word < 4; ++word) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t mixed = (state ^ (state >> 29U)) * 0xBF58476D1CE4E5B9ULL;
    std::snprintf(text + 7 + 16 * word, 17, "%016lx", static_cast<unsigned long>(mixed));
  }
  return Digest::from_trusted(text);
}

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

void fill(Inventory& inventory, unsigned images) {
  WorkloadReport report;
  report.source = "cluster-1";
  report.observed_at = bench_start;
  report.complete = true;
  for (unsigned number = 0; number < images; ++number) {
    const RepositoryKey key{"prod", "team/app" + std::to_string(number / images_a_repository)};
    Manifest image;
    image.digest = digest_of(Kind::manifest, number);
    image.config = digest_of(Kind::config, number);
    image.config_identifies = true;
    image.platform.os = "linux";
    image.platform.architecture = "amd64";
    Manifest index;
    index.digest = digest_of(Kind::index, number);
    index.kind = ManifestKind::index;
    index.children.push_back({image.digest, image.platform, true});
    inventory.add_manifest(key, std::move(image), bench_start);
    inventory.add_manifest(key, std::move(index), bench_start);
    inventory.set_tag(key, "1." + std::to_string(number), digest_of(Kind::index, number),
                      bench_start);
    Evidence evidence;
    evidence.digest = digest_of(Kind::report, number);
    evidence.source = "prod";
    evidence.repository = key.repository;
    evidence.collected_at = bench_start;
    evidence.report.format = "trivy-json";
    evidence.report.subjects = {digest_of(Kind::manifest, number)};
    evidence.report.finished_at = bench_start - std::chrono::seconds(number * 7919ULL % 2500000);
    inventory.add_evidence(std::move(evidence), "{}", bench_start);
    ContainerObservation seen;
    seen.id = std::string(digest_of(Kind::report, number).hex());
    seen.namespace_name = "namespace-" + std::to_string(number % 500);
    seen.workload = "deployment/front-" + std::to_string(number);
    seen.name = "front";
    seen.image = "registry.example/" + key.repository + ":1." + std::to_string(number);
    seen.digests = {digest_of(Kind::index, number)};
    report.containers.push_back(std::move(seen));
  }
  inventory.observe(report, bench_start);
}

/// Everything that the page reads, in real time.
struct World {
  explicit World(unsigned images)
      : engine(io.get_executor(), clock, ledger, alerting, bench_scope()),
        page(MetricsPage::Surroundings{io.get_executor(), clock, pool, engine, alerting, outbox,
                                       telemetry}) {
    fill(engine.inventory(), images);
    engine.on_touched([this](const Touched& touched) { page.touch(touched); });
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    server = make_http_server(io.get_executor(), clock, options, [this](HttpServerRequest request) {
      return page.answer(choose_metric_format(request.header("Accept")),
                         wants_gzip(request.header("Accept-Encoding")));
    });
  }

  asio::awaitable<void> serve() {
    tasks.spawn("engine", engine.run());
    tasks.spawn("metrics", page.run());
    HttpResponse first = co_await page.answer(MetricFormat::text, true);
    while (first.status != 200) {
      first = co_await page.answer(MetricFormat::text, true);
    }
    // What the database would have taken, and what it took to make the images, is not counted.
    ledger.committed = {};
    malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";
    server->start();
    std::printf("%s\n", server->address().c_str());
    std::fflush(stdout);
    asio::posix::stream_descriptor input(io, ::dup(STDIN_FILENO));
    char byte = 0;
    boost::system::error_code ended;
    co_await input.async_read_some(asio::buffer(&byte, 1),
                                   asio::redirect_error(asio::use_awaitable, ended));
    co_await server->stop(Duration::zero());
    co_await tasks.stop();
  }

  asio::io_context io{1};
  SystemClock clock;
  BlockingPool pool{4, 1024};
  MemoryLedger ledger;
  MemoryOutbox outbox;
  FakeHttpClient http;
  Telemetry telemetry;
  alerts::Alerting alerting{io.get_executor(), clock, http, outbox, alerts::AlertingOptions()};
  Engine engine;
  MetricsPage page;
  std::unique_ptr<HttpServer> server;
  TaskGroup tasks{io.get_executor(), [](std::string_view name, std::exception_ptr) {
                    std::fprintf(stderr, "%s ended\n", std::string(name).c_str());
                  }};
};

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  unsigned images = 14'286;
  CLI::App app("Serves the page of metrics of so many running images.");
  app.add_option("--images", images, "running images, each of seven series");
  CLI11_PARSE(app, argc, argv);
  scanclock::World world(images);
  scanclock::run(world.io, world.serve());
  return 0;
}
