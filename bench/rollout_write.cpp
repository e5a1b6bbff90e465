// What PostgreSQL takes for what runs: the first look at a cluster, a rollout of 1 000 pods, and a
// cycle in which nothing changed. The daemon's own ledger on its own embedded server, which waits
// for the disk. Ends with 1 when a goal is missed.

#include "bench/bench_database.hpp"
#include "daemon/engine.hpp"
#include "tests/support/run_coroutine.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace scanclock {
namespace {

constexpr double rollout_seconds_max = 1.0;
constexpr int images = 10'000;

double seconds_between(Duration from, Duration to) {
  return std::chrono::duration<double>(to - from).count();
}

std::string spread(std::vector<double> values, double scale) {
  std::sort(values.begin(), values.end());
  char text[64];
  std::snprintf(text, sizeof(text), "%.1f (%.1f to %.1f)", values[values.size() / 2] * scale,
                values.front() * scale, values.back() * scale);
  return text;
}

Digest digest_numbered(int number, char kind) {
  char text[72];
  std::snprintf(text, sizeof(text), "sha256:%c%063d", kind, number);
  return Digest::from_trusted(text);
}

/// A pod as Kubernetes names it, with an ID as long as a runtime's.
StoredContainer pod(int number, TimePoint first_seen_at, ContainerPools& pools) {
  char id[80];
  std::snprintf(id, sizeof(id), "containerd://%064d", number);
  ContainerObservation seen;
  seen.id = id;
  seen.namespace_name = "team-" + std::to_string(number % 200);
  seen.workload = "deployment/app-" + std::to_string(number % 5000);
  seen.name = "app-" + std::to_string(number % 5000) + "-7c9d8b6f5d-" + std::to_string(number);
  seen.node = "node-" + std::to_string(number % 500);
  seen.labels = {{"app", "app-" + std::to_string(number % 5000)}, {"tier", "backend"}};
  const int image = number % images;
  seen.image = "registry.example/team/app-" + std::to_string(image) + ":1.4";
  seen.digests = {digest_numbered(image, 'a')};
  seen.image_id =
      "registry.example/team/app-" + std::to_string(image) + "@" + seen.digests[0].str();
  seen.platform.os = "linux";
  seen.platform.architecture = "amd64";
  seen.started_at = first_seen_at;
  StoredContainer container("prod-1", seen, {seen.digests[0]}, pools);
  container.first_seen_at = first_seen_at;
  container.last_seen_at = first_seen_at;
  return container;
}

VerdictChange verdict_of_pod(const StoredContainer& container, int number) {
  Conclusion conclusion;
  conclusion.verdict = Verdict::compliant;
  conclusion.image = digest_numbered(number % images, 'b');
  conclusion.reason = "policy fedramp-30d: fresh";
  conclusion.environment = "production";
  conclusion.owner = "payments";
  VerdictChange change;
  change.container = container.key();
  change.first_seen_at = container.first_seen_at;
  change.at = container.first_seen_at;
  change.concluded = Interned<Conclusion>(std::move(conclusion));
  return change;
}

class Bench {
 public:
  // Every connection has its own unsent statistics: one does it all.
  Bench() : pool_(2, 64), database_(io_, clock_, pool_, 1) {}

  /// Stores it as the engine does, in pieces; the seconds of each.
  std::vector<double> store(ChangeSet changes) {
    std::vector<double> pieces;
    while (!changes.empty()) {
      const ChangeSet piece = changes.take_front(commit_bulk_rows_max);
      run(io_, database_.stores().lease.renew());
      const Duration before = clock_.monotonic();
      run(io_, database_.stores().ledger.commit(piece));
      pieces.push_back(seconds_between(before, clock_.monotonic()));
    }
    return pieces;
  }

  std::int64_t number(const std::string& sql, const std::string& column) {
    const Query statement("bench", sql);
    return run(io_, database_.connections().execute(statement)).one().int64(column);
  }

  std::int64_t wal_bytes() {
    return number("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint AS n", "n");
  }

  /// Rows of all tables that were written so far, apart from the lease's.
  std::int64_t rows_written() {
    const Query flush("bench", "SELECT pg_stat_force_next_flush()");
    run(io_, database_.connections().execute(flush));
    return number(
        "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint AS n FROM pg_stat_user_tables "
        "WHERE schemaname = 'scanclock' AND relname <> 'lease'",
        "n");
  }

  TimePoint now() const { return clock_.now(); }

 private:
  boost::asio::io_context io_;
  SystemClock clock_;
  BlockingPool pool_;
  BenchDatabase database_;
};

struct Figures {
  std::vector<double> first_pieces;
  std::vector<double> rollouts;
  std::vector<double> rollout_wal;
  std::vector<double> cycle_rows;
};

ChangeSet first_view(int pods, TimePoint now, ContainerPools& pools) {
  ChangeSet changes;
  for (int number = 0; number < pods; ++number) {
    changes.containers.push_back(pod(number, now, pools));
    changes.verdicts.push_back(verdict_of_pod(changes.containers.back(), number));
  }
  return changes;
}

/// `count` pods end and as many begin.
ChangeSet rollout(int first, int count, int replaced, TimePoint begun, TimePoint now,
                  ContainerPools& pools) {
  ChangeSet changes;
  for (int number = 0; number < count; ++number) {
    StoredContainer ended = pod(replaced + number, begun, pools);
    ended.last_seen_at = now;
    ended.ended_at = now;
    changes.containers.push_back(std::move(ended));
    changes.containers.push_back(pod(first + number, now, pools));
    changes.verdicts.push_back(verdict_of_pod(changes.containers.back(), first + number));
  }
  return changes;
}

double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) {
    sum += value;
  }
  return sum;
}

Figures measure(int pods, int rounds, int rolled) {
  Bench bench;
  ContainerPools pools;
  Figures figures;
  const TimePoint begun = bench.now();
  figures.first_pieces = bench.store(first_view(pods, begun, pools));
  for (int round = 0; round < rounds; ++round) {
    const std::int64_t wal = bench.wal_bytes();
    const auto seconds = bench.store(
        rollout(pods + round * rolled, rolled, round * rolled, begun, bench.now(), pools));
    figures.rollouts.push_back(sum_of(seconds));
    figures.rollout_wal.push_back(static_cast<double>(bench.wal_bytes() - wal));
    CoverageInterval interval;
    interval.source = "prod-1";
    interval.kind = SourceKind::workload;
    interval.from = begun;
    interval.to = bench.now();
    ChangeSet cycle;
    cycle.coverage = {interval};
    const std::int64_t rows = bench.rows_written();
    bench.store(std::move(cycle));
    figures.cycle_rows.push_back(static_cast<double>(bench.rows_written() - rows));
  }
  return figures;
}

int report(const Figures& figures, int pods, int rolled) {
  const double worst_rows = *std::max_element(figures.cycle_rows.begin(), figures.cycle_rows.end());
  std::vector<double> rollouts = figures.rollouts;
  std::sort(rollouts.begin(), rollouts.end());
  const bool reached = rollouts[rollouts.size() / 2] <= rollout_seconds_max && worst_rows <= 1;
  std::printf("| figure | goal | measured: median (smallest to largest) |\n|---|---|---|\n");
  std::printf("| a rollout of %d pods, ms | <= 1000 | %s |\n", rolled,
              spread(figures.rollouts, 1000).c_str());
  std::printf("| its write-ahead log, kB | | %s |\n", spread(figures.rollout_wal, 0.001).c_str());
  std::printf("| rows of a cycle without changes | <= 1 | %s |\n",
              spread(figures.cycle_rows, 1).c_str());
  std::printf("| first view of %d containers, s | | %.1f in %zu transactions |\n", pods,
              sum_of(figures.first_pieces), figures.first_pieces.size());
  std::printf("| one of these transactions, ms | | %s |\n",
              spread(figures.first_pieces, 1000).c_str());
  return reached ? 0 : 1;
}

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  int pods = 250'000;
  int rounds = 7;
  int rolled = 1000;
  CLI::App app("Measures what PostgreSQL takes for what runs");
  app.add_option("--pods", pods, "Containers of the first view")->check(CLI::PositiveNumber);
  app.add_option("--rounds", rounds, "How many rollouts")->check(CLI::PositiveNumber);
  app.add_option("--rolled", rolled, "Pods of a rollout")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  return scanclock::report(scanclock::measure(pods, rounds, rolled), pods, rolled);
}
