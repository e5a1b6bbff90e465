// What it costs to join the containers of a large estate to their images: the daemon's own
// inventory, from nothing and for one change, and how much memory a container takes. Prints a
// table in Markdown; ends with 1 when a goal of design.md is missed.

#include "bench/estate.hpp"
#include "core/domain/inventory.hpp"

#include <CLI/CLI.hpp>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {
namespace {

constexpr double from_nothing_seconds_max = 1.0;
constexpr double change_milliseconds_max = 1.0;
constexpr double bytes_a_container_max = 300;
constexpr double piece_milliseconds_max = 10;
/// As the daemon's engine takes a look.
constexpr std::size_t containers_a_piece = 2000;
constexpr unsigned containers_a_workload = 5;
constexpr unsigned namespaces = 500;
constexpr unsigned nodes = 5000;
constexpr int changes_measured = 2000;

constexpr TimePoint start =
    std::chrono::sys_days(std::chrono::November / 1 / 2026) + std::chrono::hours(12);

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double percentile_99(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() * 99 / 100];
}

Inventory filled_inventory(unsigned images) {
  Inventory inventory(estate_scope());
  fill_estate_registry(inventory, images, start, std::chrono::hours(700));
  inventory.reevaluate(start);
  inventory.take_changes();
  return inventory;
}

ContainerObservation container(unsigned number, unsigned images) {
  const unsigned workload = number / containers_a_workload;
  const unsigned image = workload % images;
  ContainerObservation seen;
  seen.id = std::string(estate_digest(EstateKind::report, number).hex());
  seen.namespace_name = "namespace-" + std::to_string(workload % namespaces);
  seen.workload = "deployment/front-" + std::to_string(workload);
  seen.name = number % 2 == 0 ? "front" : "sidecar";
  seen.node = "node-" + std::to_string(number % nodes) + ".cluster.example";
  seen.labels = {{"team", "team-" + std::to_string(workload % 40)}};
  seen.image = estate_reference(image);
  seen.digests = {estate_digest(EstateKind::index, image)};
  seen.repositories = {"registry.example/" + estate_repository(image).repository};
  seen.image_id = seen.repositories.front() + "@" + seen.digests.front().str();
  seen.platform.os = "linux";
  seen.platform.architecture = "amd64";
  seen.started_at = start - std::chrono::seconds(number % 100000);
  return seen;
}

WorkloadReport report_of(unsigned containers, unsigned images) {
  WorkloadReport report;
  report.source = "cluster-1";
  report.observed_at = start;
  report.complete = true;
  report.containers.reserve(containers);
  for (unsigned number = 0; number < containers; ++number) {
    report.containers.push_back(container(number, images));
  }
  return report;
}

struct Figures {
  std::vector<double> from_nothing;
  std::vector<double> same_look;
  std::vector<double> unchanged_look;
  std::vector<double> longest_piece;
  std::vector<double> bytes_a_container;
  std::vector<double> container_changes;
  std::vector<double> scan_changes;
};

/// A container ends and another begins: what a watch tells, concluded at once.
void measure_container_changes(Inventory& inventory, unsigned containers, unsigned images,
                               std::vector<double>& seconds) {
  for (int number = 0; number < changes_measured; ++number) {
    WorkloadChanges changes;
    changes.source = "cluster-1";
    const unsigned old = static_cast<unsigned>(number) * 97U % containers;
    changes.ended.push_back(std::string(estate_digest(EstateKind::report, old).hex()));
    changes.running.push_back(container(old, images));
    changes.running.front().id += "-again" + std::to_string(number);
    seconds.push_back(seconds_of([&] {
      inventory.apply(changes, start);
      inventory.reevaluate(start);
    }));
    inventory.take_changes();
  }
}

/// A scan of a running image comes in.
void measure_scan_changes(Inventory& inventory, unsigned images, std::vector<double>& seconds) {
  for (int number = 0; number < changes_measured; ++number) {
    Evidence evidence;
    evidence.digest = estate_digest(EstateKind::config, 5'000'000U + static_cast<unsigned>(number));
    evidence.source = "prod";
    evidence.collected_at = start;
    evidence.report.format = "trivy-json";
    evidence.report.subjects = {
        estate_digest(EstateKind::manifest, static_cast<unsigned>(number) * 31U % images)};
    evidence.report.finished_at = start;
    seconds.push_back(seconds_of([&] {
      inventory.add_evidence(std::move(evidence), "{}", start);
      inventory.reevaluate(start);
    }));
    inventory.take_changes();
  }
}

void measure(unsigned containers, unsigned images, Figures& figures) {
  Inventory inventory = filled_inventory(images);
  malloc_trim(0);
  std::optional<WorkloadReport> report = report_of(containers, images);
  const std::size_t before = mallinfo2().uordblks;
  figures.from_nothing.push_back(seconds_of([&] {
    inventory.observe(*report, start);
    inventory.reevaluate(start);
  }));
  inventory.take_changes();
  const std::size_t after = mallinfo2().uordblks;
  figures.bytes_a_container.push_back(static_cast<double>(after - before) / containers);
  figures.same_look.push_back(seconds_of([&] {
    inventory.observe(*report, start);
    inventory.reevaluate(start);
  }));
  WorkloadReport unchanged = report_of(0, images);
  for (const ContainerObservation& container : report->containers) {
    unchanged.unchanged.emplace_back(container.id);
  }
  WorkloadLook look(std::move(unchanged));
  double whole = 0;
  double longest = 0;
  while (!look.is_done()) {
    const double piece = seconds_of([&] { inventory.go_on(look, containers_a_piece, start); });
    whole += piece;
    longest = std::max(longest, piece);
  }
  figures.unchanged_look.push_back(whole);
  figures.longest_piece.push_back(longest);
  if (inventory.containers().size() != containers) {
    std::fprintf(stderr, "only %zu containers were taken in\n", inventory.containers().size());
  }
  report.reset();
  measure_container_changes(inventory, containers, images, figures.container_changes);
  measure_scan_changes(inventory, images, figures.scan_changes);
}

int print(unsigned containers, unsigned images, int runs, const Figures& figures) {
  const double nothing = median(figures.from_nothing);
  const double change = percentile_99(figures.container_changes) * 1000;
  const double scan = percentile_99(figures.scan_changes) * 1000;
  std::printf("%u containers over %u images, medians of %d runs\n\n", containers, images, runs);
  std::printf("| what | measured | goal |\n|---|---|---|\n");
  std::printf("| join and verdicts from nothing | %.3f s | %.0f s |\n", nothing,
              from_nothing_seconds_max);
  std::printf("| the same look again | %.3f s | |\n", median(figures.same_look));
  std::printf("| the end of a list without changes, all pieces | %.0f ms | |\n",
              median(figures.unchanged_look) * 1000);
  const double piece = median(figures.longest_piece) * 1000;
  std::printf("| the longest of its pieces | %.1f ms | %.0f ms |\n", piece, piece_milliseconds_max);
  std::printf("| a container replaced, median | %.4f ms | %.0f ms |\n",
              median(figures.container_changes) * 1000, change_milliseconds_max);
  std::printf("| a container replaced, p99 | %.4f ms | %.0f ms |\n", change,
              change_milliseconds_max);
  std::printf("| a scan came in, median | %.4f ms | %.0f ms |\n",
              median(figures.scan_changes) * 1000, change_milliseconds_max);
  std::printf("| a scan came in, p99 | %.4f ms | %.0f ms |\n", scan, change_milliseconds_max);
  const double bytes = median(figures.bytes_a_container);
  std::printf("| memory a container | %.0f B | %.0f B |\n", bytes, bytes_a_container_max);
  const bool reached = piece <= piece_milliseconds_max && bytes <= bytes_a_container_max &&
                       nothing <= from_nothing_seconds_max && change <= change_milliseconds_max &&
                       scan <= change_milliseconds_max;
  return reached ? 0 : 1;
}

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  unsigned containers = 250'000;
  unsigned images = 10'000;
  int runs = 5;
  CLI::App app("Measures the join of running containers to their images");
  app.add_option("--containers", containers, "How many containers")->check(CLI::PositiveNumber);
  app.add_option("--images", images, "How many images")->check(CLI::PositiveNumber);
  app.add_option("--runs", runs, "How many runs")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  scanclock::Figures figures;
  for (int run = 0; run < runs; ++run) {
    scanclock::measure(containers, images, figures);
  }
  return scanclock::print(containers, images, runs, figures);
}
