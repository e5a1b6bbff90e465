// prometheus-cpp's Exposer with the series of a page that the daemon served: gauges of the same
// names, labels and values. Prints its address, and its memory for every byte of its
// standard input; serves until that ends.

#include "bench/process_memory.hpp"

#include <CLI/CLI.hpp>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <string>

namespace {

/// `name{label="value",…} 1`; the values of this benchmark need no escaping.
void add_line(prometheus::Registry& registry,
              std::map<std::string, prometheus::Family<prometheus::Gauge>*>& families,
              const std::string& line) {
  const auto open = line.find('{');
  const auto close = line.rfind('}');
  if (line.empty() || line.front() == '#' || open == std::string::npos) {
    return;
  }
  const std::string name = line.substr(0, open);
  if (name.rfind("scanclock_image_", 0) != 0 && name != "scanclock_workload_image_info") {
    return;
  }
  prometheus::Labels labels;
  for (std::size_t at = open + 1; at < close;) {
    const auto equal = line.find("=\"", at);
    const auto end = line.find('"', equal + 2);
    labels.emplace(line.substr(at, equal - at), line.substr(equal + 2, end - equal - 2));
    at = end + 2;
  }
  auto& family = families[name];
  if (family == nullptr) {
    family = &prometheus::BuildGauge().Name(name).Help("As the daemon's.").Register(registry);
  }
  family->Add(labels).Set(std::stod(line.substr(close + 2)));
}

}  // namespace

int main(int argc, char** argv) {
  std::string page;
  std::string address = "127.0.0.1:9639";
  CLI::App app("Serves the series of a page with prometheus-cpp's Exposer.");
  app.add_option("--page", page, "a page in the text format")->required();
  app.add_option("--listen", address, "where to listen");
  CLI11_PARSE(app, argc, argv);
  auto registry = std::make_shared<prometheus::Registry>();
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> families;
  std::ifstream in(page);
  for (std::string line; std::getline(in, line);) {
    add_line(*registry, families, line);
  }
  trim_memory();
  prometheus::Exposer exposer(address);
  exposer.RegisterCollectable(registry);
  std::printf("%s\n", address.c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
    print_memory();
  }
  return 0;
}
