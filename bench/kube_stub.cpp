// A Kubernetes API server in a process of its own, filled with pods like those of a real cluster;
// SIGUSR1 makes it change pods at a steady rate, SIGUSR2 lets it rest.

#include "core/runtime/clock.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/support/kube_api_server.hpp"
#include "tests/support/kube_objects.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr int namespaces_count = 200;
constexpr int images_count = 10'000;
constexpr int pods_a_workload = 10;
constexpr Duration step = std::chrono::milliseconds(10);
/// Measured: a Deployment's pod takes 6.3 kB, a third of it managed fields.
constexpr std::size_t managed_bytes = 2'300;

struct StubOptions {
  int pods = 150'000;
  int nodes = 5'000;
  int events_per_second = 5'000;
  int port = 0;
};

/// Pods of one workload have their namespace and their image alike.
int workload_of(int number) { return number / pods_a_workload; }
std::string namespace_of(int number) {
  return "team-" + std::to_string(workload_of(number) % namespaces_count);
}
std::string deployment_of(int number) { return "front-" + std::to_string(workload_of(number)); }
std::string replica_set_of(int number) { return deployment_of(number) + "-5d8f7c"; }
std::string pod_of(int number) { return replica_set_of(number) + "-" + std::to_string(number); }

/// Two of three pods have two containers: 250 000 in 150 000 pods.
KubePodShape shape_of(int number, const StubOptions& options) {
  KubePodShape shape;
  shape.node = "node-" + std::to_string(number % options.nodes);
  shape.replica_set = replica_set_of(number);
  shape.containers = number % 3 == 0 ? 1 : 2;
  shape.image =
      "registry.example/team/app-" + std::to_string(workload_of(number) % images_count) + ":1.4";
  return shape;
}

std::string pod_json(int number, const StubOptions& options) {
  json pod = json::parse(kube_pod(namespace_of(number), pod_of(number), shape_of(number, options)));
  pod["metadata"]["managedFields"][0]["fieldsV1"] = std::string(managed_bytes, 'f');
  pod["spec"]["containers"][0]["env"] =
      json::array({{{"name", "SETTINGS"}, {"value", std::string(managed_bytes, 'e')}}});
  return pod.dump();
}

void fill(KubeStore& store, const StubOptions& options) {
  for (int number = 0; number < options.nodes; ++number) {
    store.put("nodes", kube_node("node-" + std::to_string(number)));
  }
  for (int number = 0; number < options.pods; ++number) {
    if (number % pods_a_workload == 0) {
      store.put("replicasets", kube_replica_set(namespace_of(number), replica_set_of(number),
                                                deployment_of(number)));
    }
    store.put("pods", pod_json(number, options));
  }
  store.forget_events();
}

class Churn {
 public:
  Churn(KubeApiServer& server, Clock& clock, const StubOptions& options)
      : server_(server), clock_(clock), options_(options) {}

  void set(bool on) { on_ = on; }

  /// Changes pods for ever while it is on; each change is one event.
  asio::awaitable<void> run() {
    Duration due = clock_.monotonic();
    double owed = 0;
    while (true) {
      due += step;
      co_await clock_.sleep(due - clock_.monotonic());
      owed += on_ ? options_.events_per_second * std::chrono::duration<double>(step).count() : 0;
      for (; owed >= 1; owed -= 1) {
        const int number = next_++ % options_.pods;
        server_.store().put("pods", pod_json(number, options_));
      }
      server_.tell_watches();
    }
  }

 private:
  KubeApiServer& server_;
  Clock& clock_;
  StubOptions options_;
  bool on_ = false;
  int next_ = 0;
};

asio::awaitable<void> obey_signals(Churn& churn) {
  auto executor = co_await asio::this_coro::executor;
  asio::signal_set signals(executor, SIGUSR1, SIGUSR2);
  while (true) {
    const int number = co_await signals.async_wait(asio::use_awaitable);
    churn.set(number == SIGUSR1);
  }
}

int run_stub(const StubOptions& options) {
  asio::io_context io(1);
  SystemClock clock;
  KubeServerOptions server_options;
  server_options.port = options.port;
  KubeApiServer server(io, clock, server_options);
  fill(server.store(), options);
  Churn churn(server, clock, options);
  TaskGroup tasks(io.get_executor(), [](std::string_view name, std::exception_ptr) {
    std::fprintf(stderr, "%s ended\n", std::string(name).c_str());
  });
  tasks.spawn("churn", churn.run());
  tasks.spawn("signals", obey_signals(churn));
  std::printf("listening on %s\n", server.url().c_str());
  std::fflush(stdout);
  io.run();
  return 0;
}

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  scanclock::StubOptions options;
  CLI::App app("A Kubernetes API server that is full of pods");
  app.add_option("--pods", options.pods);
  app.add_option("--nodes", options.nodes);
  app.add_option("--events-per-second", options.events_per_second);
  app.add_option("--port", options.port);
  CLI11_PARSE(app, argc, argv);
  return scanclock::run_stub(options);
}
