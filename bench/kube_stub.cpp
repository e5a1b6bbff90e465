// A Kubernetes API server in a process of its own, filled with pods like those of a real cluster;
// SIGUSR1 makes it change pods at a steady rate, SIGUSR2 lets it rest. Meanwhile it says each
// second what it made, what was sent, and at its rest what runs.

#include "bench/stub_pods.hpp"
#include "core/runtime/clock.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/support/kube_api_server.hpp"
#include "tests/support/kube_objects.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {
namespace {

constexpr Duration churn_step = std::chrono::milliseconds(5);
constexpr Duration churn_report_every = std::chrono::seconds(1);
/// Made at once; then what is waiting is sent.
constexpr double churn_batch_max = 250;
/// So many pods are on their way at once: at 5 000 events a second one takes two seconds.
constexpr std::size_t replacements_max = 500;
/// MODIFIED when the old pod is asked to end, DELETED, ADDED without a node, MODIFIED with a node,
/// and MODIFIED when it runs. The second and the last change what runs.
constexpr double replacement_events = 5;
constexpr double replacement_changes = 2;
/// Prime, so that pods of all nodes and namespaces say something in turn.
constexpr int status_stride = 7'919;

struct StubOptions {
  int pods = 150'000;
  int nodes = 5'000;
  double events_per_second = 5'000;
  /// Of the events: so many begin or end containers.
  double changes_share = 0.1;
  int port = 0;
};

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// The cluster, and what happens in it.
class Cluster {
 public:
  Cluster(KubeStore& store, const StubOptions& options)
      : store_(store), pods_(options.nodes), options_(options) {
    places_.resize(static_cast<std::size_t>(options.pods));
  }

  void fill() {
    for (int number = 0; number < options_.nodes; ++number) {
      store_.put("nodes", kube_node("node-" + std::to_string(number)));
    }
    for (int number = 0; number < options_.pods; ++number) {
      if (StubPods::begins_workload(number)) {
        store_.put("replicasets",
                   kube_replica_set(StubPods::namespace_name(number), StubPods::replica_set(number),
                                    StubPods::deployment(number)));
      }
      place(number).pod.place = number;
      put(place(number).pod);
    }
    store_.forget_events();
  }

  void make_event() {
    owed_ += options_.changes_share * replacement_events / replacement_changes;
    if (owed_ >= 1) {
      owed_ -= 1;
      replace();
    } else {
      change_status();
    }
  }

  /// Every pod that is on its way runs.
  void settle() {
    while (!on_their_way_.empty()) {
      advance();
    }
  }

  std::string newest() const { return newest_; }
  std::string gone() const { return gone_; }
  int containers() const {
    int count = 0;
    for (const Place& each : places_) {
      count += StubPods::containers(each.pod.place);
    }
    return count;
  }

 private:
  struct Place {
    StubPod pod;
    /// Events of its replacement so far; 0 when none is under way.
    int step = 0;
  };

  Place& place(int number) { return places_[static_cast<std::size_t>(number)]; }

  void put(const StubPod& pod) {
    store_.put_raw("pods", pods_.object(pod, store_.next_revision()));
  }

  /// Something is said of the pod that is none of Scanclock's business.
  void change_status() {
    do {
      next_status_ = (next_status_ + status_stride) % options_.pods;
    } while (place(next_status_).step != 0);
    put(place(next_status_).pod);
  }

  void replace() {
    if (on_their_way_.size() < std::min(replacements_max, places_.size() / 2)) {
      on_their_way_.push_back(next_replaced_);
      next_replaced_ = (next_replaced_ + 1) % options_.pods;
      take_step(on_their_way_.back());
    } else {
      advance();
    }
  }

  /// Of the pod that waits longest.
  void advance() {
    const int number = on_their_way_.front();
    on_their_way_.pop_front();
    take_step(number);
    if (place(number).step != 0) {
      on_their_way_.push_back(number);
    }
  }

  void take_step(int number) {
    StubPod& pod = place(number).pod;
    switch (++place(number).step) {
      case 1:
        pod.stage = StubPodStage::ending;
        break;
      case 2:
        store_.remove_raw("pods", pods_.object(pod, store_.next_revision()));
        gone_ = StubPods::namespace_name(number) + " " + StubPods::container_id(pod);
        ++pod.generation;
        pod.stage = StubPodStage::pending;
        return;
      case 3:
        break;
      case 4:
        pod.stage = StubPodStage::creating;
        break;
      default:
        pod.stage = StubPodStage::running;
        place(number).step = 0;
        newest_ = StubPods::namespace_name(number) + " " + StubPods::container_id(pod);
    }
    put(pod);
  }

  KubeStore& store_;
  StubPods pods_;
  StubOptions options_;
  std::vector<Place> places_;
  std::deque<int> on_their_way_;
  double owed_ = 0;
  int next_status_ = 0;
  int next_replaced_ = 0;
  std::string newest_;
  std::string gone_;
};

class Churn {
 public:
  Churn(KubeApiServer& server, Cluster& cluster, Clock& clock, const StubOptions& options)
      : server_(server), cluster_(cluster), clock_(clock), options_(options) {}

  void set(bool on) {
    if (on && !on_) {
      began_at_ = clock_.monotonic();
      reported_at_ = began_at_;
      began_revision_ = server_.store().revision();
      made_ = 0;
    } else if (!on && on_) {
      cluster_.settle();
      server_.tell_watches();
      report();
      std::printf("rests at %llu with %d containers; newest %s; gone %s\n",
                  static_cast<unsigned long long>(server_.store().revision()),
                  cluster_.containers(), cluster_.newest().c_str(), cluster_.gone().c_str());
      std::fflush(stdout);
    }
    on_ = on;
  }

  /// Makes what is due by the clock, for ever, and lets the watches send it in between. What cannot
  /// be made in time is made later: the reports say what rate was reached.
  asio::awaitable<void> run() {
    while (true) {
      co_await clock_.sleep(churn_step);
      if (!on_) {
        continue;
      }
      const Duration now = clock_.monotonic();
      const double due = seconds_of(now - began_at_) * options_.events_per_second;
      const double enough = std::min(due, made_ + churn_batch_max);
      for (; made_ + 1 <= enough; ++made_) {
        cluster_.make_event();
      }
      server_.tell_watches();
      if (now - reported_at_ >= churn_report_every) {
        reported_at_ = now;
        report();
      }
    }
  }

 private:
  /// Each event has a revision of its own, and all are of pods.
  void report() {
    const std::uint64_t told = std::max(server_.told_revision("/pods?"), began_revision_);
    std::printf("after %.3f s made %.0f sent %llu\n", seconds_of(clock_.monotonic() - began_at_),
                made_, static_cast<unsigned long long>(told - began_revision_));
    std::fflush(stdout);
  }

  KubeApiServer& server_;
  Cluster& cluster_;
  Clock& clock_;
  StubOptions options_;
  bool on_ = false;
  Duration began_at_{};
  Duration reported_at_{};
  std::uint64_t began_revision_ = 0;
  double made_ = 0;
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
  Cluster cluster(server.store(), options);
  cluster.fill();
  Churn churn(server, cluster, clock, options);
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
  app.add_option("--changes-share", options.changes_share,
                 "of the events: so many begin or end containers; at most 0.4");
  app.add_option("--port", options.port);
  CLI11_PARSE(app, argc, argv);
  return scanclock::run_stub(options);
}
