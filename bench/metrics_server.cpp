// The daemon's own page of metrics over an inventory in memory, served by its own HTTP server.
// Prints its address, and the kilobytes of RSS before there were images and before there was a
// page; serves until its standard input ends.

#include "bench/estate.hpp"
#include "bench/process_memory.hpp"
#include "core/net/accept.hpp"
#include "core/net/http_server.hpp"
#include "core/runtime/large_buffers.hpp"
#include "daemon/metrics_page.hpp"
#include "tests/component/daemon/engine_fixture.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>

namespace scanclock {
namespace {

/// Far from every deadline: alerts have a benchmark of their own.
constexpr auto scanned_within = std::chrono::hours(24 * 20);
constexpr Duration evaluation_look = std::chrono::milliseconds(20);
constexpr Duration settling = std::chrono::seconds(1);

/// Everything that the page reads, in real time.
struct World {
  World()
      : engine(io.get_executor(), clock, ledger, alerting, estate_scope()),
        page(MetricsPage::Surroundings{io.get_executor(), clock, pool, engine, alerting, outbox,
                                       telemetry}) {
    engine.on_touched([this](const Touched& touched) { page.touch(touched); });
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    server = make_http_server(io.get_executor(), clock, options, [this](HttpServerRequest request) {
      return page.answer(choose_metric_format(request.header("Accept")),
                         wants_gzip(request.header("Accept-Encoding")));
    });
  }

  asio::awaitable<void> serve(unsigned images) {
    std::printf("%s\n", server->address().c_str());
    print_memory();
    fill_estate(engine.inventory(), images, clock.now(), scanned_within);
    // What the database would have taken, and what it took to make the images, is not counted.
    engine.inventory().take_changes();
    tasks.spawn("engine", engine.run());
    while (!engine.last_evaluation_at()) {
      co_await clock.sleep(evaluation_look);
    }
    co_await clock.sleep(settling);
    ledger.committed = {};
    trim_memory();
    print_memory();
    tasks.spawn("metrics", page.run());
    HttpResponse first = co_await page.answer(MetricFormat::text, true);
    while (first.status != 200) {
      first = co_await page.answer(MetricFormat::text, true);
    }
    first = HttpResponse();
    server->start();
    print_memory();
    asio::posix::stream_descriptor input(io, ::dup(STDIN_FILENO));
    char byte = 0;
    boost::system::error_code ended;
    while (!ended) {
      co_await input.async_read_some(asio::buffer(&byte, 1),
                                     asio::redirect_error(asio::use_awaitable, ended));
      if (!ended) {
        print_memory();
      }
    }
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
  scanclock::return_large_buffers_at_once();
  unsigned images = 14'286;
  CLI::App app("Serves the page of metrics of so many running images.");
  app.add_option("--images", images, "running images, each of seven series");
  CLI11_PARSE(app, argc, argv);
  scanclock::World world;
  std::exception_ptr failure;
  boost::asio::co_spawn(world.io, world.serve(images), [&](const std::exception_ptr& error) {
    failure = error;
    world.io.stop();
  });
  world.io.run();
  if (failure) {
    std::rethrow_exception(failure);
  }
  return 0;
}
