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

void print_kubernetes(const WorkloadSettings& workload, Lines& out) {
  const KubernetesWorkloadSettings& kubernetes = workload.kubernetes;
  out.line("type", "kubernetes");
  if (kubernetes.in_cluster) {
    out.flag("in_cluster", true);
  } else {
    out.line("kubeconfig", texts(kubernetes.kubeconfig));
    if (!kubernetes.context.empty()) {
      out.line("context", scalar(kubernetes.context));
    }
  }
  out.note("server", kubernetes.access.server);
  out.note("access", kubernetes.access.name);
  if (kubernetes.access.insecure_skip_tls_verify) {
    out.note("warning", "the server's certificate is not checked (insecure-skip-tls-verify)");
  }
  out.flag("allow_exec", kubernetes.allow_exec);
  out.flag("allow_plaintext", workload.allow_plaintext);
  out.flag("streaming_list", kubernetes.streaming_list);
  if (!kubernetes.watch_namespaces.empty()) {
    out.line("watch_namespaces", list(kubernetes.watch_namespaces, scalar));
  }
  out.flag("vulnerability_reports", kubernetes.vulnerability_reports);
  if (kubernetes.labels) {
    out.line("labels", list(*kubernetes.labels, scalar));
  }
}

void print_tls(const WorkloadSettings& workload, Lines& out) {
  if (!workload.tls.ca_file.empty() || !workload.tls.cert_file.empty()) {
    out.line("tls", "{ca_file: " + scalar(workload.tls.ca_file) +
                        ", cert_file: " + scalar(workload.tls.cert_file) +
                        ", key_file: " + scalar(workload.tls.key_file) + "}");
  }
}

void print_nomad(const WorkloadSettings& workload, Lines& out) {
  const NomadWorkloadSettings& nomad = workload.nomad;
  out.line("type", "nomad");
  out.line("url", scalar(workload.url));
  out.flag("allow_plaintext", workload.allow_plaintext);
  print_tls(workload, out);
  out.secret("token", nomad.token);
  if (!nomad.region.empty()) {
    out.line("region", scalar(nomad.region));
  }
  if (!nomad.watch_namespaces.empty()) {
    out.line("watch_namespaces", list(nomad.watch_namespaces, scalar));
  }
  if (!nomad.docker_sources.empty()) {
    out.line("docker_sources", pairs(nomad.docker_sources));
  }
}

std::string ecs_secret(const std::string& key, const Secret& value) {
  return value.file().empty() ? key + ": " + to_string(value)
                              : key + "_file: " + scalar(value.file());
}

std::string ecs_key_id(const Secret& value) {
  return value.file().empty() ? "access_key_id: " + scalar(value.reveal())
                              : "access_key_id_file: " + scalar(value.file());
}

void print_ecs(const WorkloadSettings& workload, Lines& out) {
  const EcsWorkloadSettings& ecs = workload.ecs;
  out.line("type", "ecs");
  out.line("url", scalar(workload.url));
  out.flag("allow_plaintext", workload.allow_plaintext);
  print_tls(workload, out);
  out.line("region", scalar(ecs.region));
  out.line("credentials", "{" + ecs_key_id(ecs.access_key_id) + ", " +
                              ecs_secret("secret_access_key", ecs.secret_access_key) +
                              (ecs.session_token.empty()
                                   ? "}"
                                   : ", " + ecs_secret("session_token", ecs.session_token) + "}"));
  if (!ecs.clusters.empty()) {
    out.line("clusters", texts(ecs.clusters));
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
    case WorkloadType::kubernetes:
      print_kubernetes(workload, out);
      break;
    case WorkloadType::nomad:
      print_nomad(workload, out);
      break;
    case WorkloadType::ecs:
      print_ecs(workload, out);
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
