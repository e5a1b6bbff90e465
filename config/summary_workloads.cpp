#include "config/summary_workloads.hpp"

namespace scanclock::summary {
namespace {

void print_engine(const char* type, const WorkloadSettings& workload, Lines& out) {
  out.line("type", type);
  out.line("url", scalar(workload.url));
  out.flag("allow_plaintext", workload.allow_plaintext);
  if (!workload.tls.ca_file.empty() || !workload.tls.cert_file.empty()) {
    out.line("tls", "{ca_file: " + scalar(workload.tls.ca_file) +
                        ", cert_file: " + scalar(workload.tls.cert_file) +
                        ", key_file: " + scalar(workload.tls.key_file) + "}");
  }
}

void print_type(const WorkloadSettings& workload, Lines& out) {
  switch (workload.type) {
    case WorkloadType::docker:
      print_engine("docker", workload, out);
      break;
    case WorkloadType::podman:
      print_engine("podman", workload, out);
      break;
    case WorkloadType::swarm:
      print_engine("swarm", workload, out);
      break;
    case WorkloadType::file:
      out.line("type", "file");
      out.line("path", scalar(workload.path));
      break;
  }
}

}  // namespace

void print_workloads(const std::vector<WorkloadSettings>& workloads, Lines& out) {
  out.section("workloads", workloads.empty());
  for (const WorkloadSettings& workload : workloads) {
    out.item("name", scalar(workload.name));
    print_type(workload, out);
    out.line("poll_every", format_duration(workload.poll_every));
    out.line("environment", scalar(workload.environment));
    out.line("namespaces", filter(workload.namespaces));
    out.line("environments", pairs(workload.environments));
    out.line("ignore_images", texts(workload.ignore_images));
    out.line("blind_after", format_duration(workload.blind_after));
  }
}

}  // namespace scanclock::summary
