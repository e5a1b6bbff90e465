// Pages of a PodList, from their bytes to container observations, with the daemon's own reader and
// with the libraries beside it. Prints a Markdown table.

#include "bench/pod_pages.hpp"
#include "bench/pod_peers.hpp"
#include "core/workloads/kubernetes_reader.hpp"
#include "core/workloads/pod_containers.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace scanclock {
namespace {

constexpr double goal_bytes_per_second = 1e9;

struct Settings {
  std::size_t pods = 10'000;
  std::size_t pods_a_page = 500;
  std::size_t rounds = 7;
};

using ReadPage = std::function<void(std::string&, const pod_peers::Visitor&)>;

struct Way {
  const char* name;
  ReadPage read;
  /// Of processor time, one a round.
  std::vector<double> seconds;
};

double used_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto in_seconds = [](const timeval& value) {
    return static_cast<double>(value.tv_sec) + static_cast<double>(value.tv_usec) / 1e6;
  };
  return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
}

ReadPage own_reader() {
  KubernetesReadOptions options;
  options.labels.emplace().insert("team");
  auto reader = std::make_shared<KubernetesReader<KubernetesPod>>(options);
  return [reader](std::string& page, const pod_peers::Visitor& visit) {
    const auto head = reader->read_list(PaddedJson(page), visit);
    if (!head) {
      throw std::runtime_error(head.error().message);
    }
  };
}

PodSurroundings surroundings() {
  static const KubernetesNode node = [] {
    KubernetesNode all;
    all.platform.os = "linux";
    all.platform.architecture = "amd64";
    all.container_runtime = "containerd://2.1.4";
    return all;
  }();
  PodSurroundings known;
  known.node = [](std::string_view) { return &node; };
  return known;
}

/// Every way must come to the same, or it would be no comparison.
void require_equal(std::vector<Way>& ways, std::string page) {
  std::vector<ContainerObservation> expected;
  for (Way& way : ways) {
    std::vector<ContainerObservation> found;
    way.read(page, [&](KubernetesPod& pod) {
      for (ContainerObservation& seen : pod_containers(pod, surroundings())) {
        found.push_back(std::move(seen));
      }
    });
    if (expected.empty()) {
      expected = std::move(found);
    } else if (found != expected) {
      throw std::runtime_error(std::string(way.name) + " finds other containers");
    }
  }
}

double measure(Way& way, std::vector<std::string>& pages, std::size_t& containers) {
  const PodSurroundings known = surroundings();
  containers = 0;
  const double before = used_seconds();
  for (std::string& page : pages) {
    way.read(page, [&](KubernetesPod& pod) { containers += pod_containers(pod, known).size(); });
  }
  return used_seconds() - before;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int run(const Settings& settings) {
  std::vector<std::string> pages = make_pod_pages(settings.pods, settings.pods_a_page);
  std::vector<Way> ways{{"scanclock (simdjson On-Demand)", own_reader(), {}},
                        {"simdjson DOM", pod_peers::read_with_simdjson_dom, {}},
                        {"nlohmann SAX", pod_peers::read_with_nlohmann_sax, {}},
                        {"nlohmann DOM", pod_peers::read_with_nlohmann_dom, {}}};
  require_equal(ways, pages.front());
  double bytes = 0;
  for (const std::string& page : pages) {
    bytes += static_cast<double>(page.size());
  }
  std::size_t containers = 0;
  for (std::size_t round = 0; round < settings.rounds; ++round) {
    for (Way& way : ways) {
      way.seconds.push_back(measure(way, pages, containers));
    }
    std::reverse(ways.begin(), ways.end());
  }
  if (settings.rounds % 2 == 1) {
    std::reverse(ways.begin(), ways.end());
  }
  std::printf(
      "%zu pods in pages of %zu, %.0f bytes a pod, %.2f containers a pod; %zu rounds in "
      "turn; processor time, median (smallest to largest)\n\n",
      settings.pods, settings.pods_a_page, bytes / static_cast<double>(settings.pods),
      static_cast<double>(containers) / static_cast<double>(settings.pods), settings.rounds);
  std::printf("| reader, to container observations | MB/s a core | us a pod |\n|---|---|---|\n");
  for (const Way& way : ways) {
    const auto [least, most] = std::minmax_element(way.seconds.begin(), way.seconds.end());
    std::printf("| %s | %.0f (%.0f to %.0f) | %.2f |\n", way.name,
                bytes / median(way.seconds) / 1e6, bytes / *most / 1e6, bytes / *least / 1e6,
                median(way.seconds) / static_cast<double>(settings.pods) * 1e6);
  }
  const bool reached = bytes / median(ways.front().seconds) >= goal_bytes_per_second;
  std::printf("\ngoal of 1 GB/s a core: %s\n", reached ? "reached" : "**missed**");
  return reached ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  scanclock::Settings settings;
  CLI::App app("reading of Kubernetes pod lists beside other JSON libraries; prints a table");
  app.add_option("--pods", settings.pods)->check(CLI::PositiveNumber);
  app.add_option("--pods-a-page", settings.pods_a_page)->check(CLI::PositiveNumber);
  app.add_option("--rounds", settings.rounds)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    return scanclock::run(settings);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "pod_parse: %s\n", failure.what());
    return EXIT_FAILURE;
  }
}
