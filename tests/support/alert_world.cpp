#include "tests/support/alert_world.hpp"

#include <cstdio>

namespace scanclock {

AlertWorld::AlertWorld() : AlertWorld(default_scope()) {}

AlertWorld::AlertWorld(Scope scope) : inventory(std::move(scope)) {
  sources.configure("prod", SourceKind::registry, std::chrono::minutes(30), now);
  sources.configure("host-a", SourceKind::workload, std::chrono::minutes(10), now);
  sources.answered("prod", 0, now);
  sources.answered("host-a", 0, now);
}

Scope AlertWorld::default_scope() {
  Scope scope;
  VersionedPolicy policy;
  scope.policies.push_back(policy);
  RegistryScope registry;
  registry.name = "prod";
  registry.host = "registry.example";
  scope.registries.push_back(registry);
  WorkloadScope workload;
  workload.name = "host-a";
  workload.environments = {{"dev-*", "development"}};
  workload.namespaces.exclude = {"kube-system"};
  workload.ignore_images = {"**/pause:*"};
  scope.workloads.push_back(workload);
  OwnerRule owner;
  owner.repositories = {"team/**"};
  owner.owner = "payments";
  owner.contact = "#pay-oncall";
  scope.owners.push_back(owner);
  return scope;
}

Digest AlertWorld::digest(char letter) {
  return Digest::from_trusted("sha256:" + std::string(64, letter));
}

void AlertWorld::add_image(char letter) {
  Manifest manifest;
  manifest.digest = digest(letter);
  manifest.media_type = "application/vnd.oci.image.manifest.v1+json";
  manifest.config = Digest::from_trusted("sha256:" + std::string(63, letter) + "0");
  manifest.config_identifies = true;
  manifest.platform.os = "linux";
  manifest.platform.architecture = "amd64";
  inventory.add_manifest(key(), manifest, now);
  inventory.set_tag(key(), std::string("1.") + letter, digest(letter), now);
  evidence_answered(letter);
}

void AlertWorld::evidence_answered(char letter) {
  inventory.note_evidence_answered(key(), digest(letter), now);
}

void AlertWorld::evidence_failed(char letter, const std::string& reason) {
  inventory.note_evidence_failed(key(), digest(letter), reason, now);
}

Digest AlertWorld::scan(char letter, TimePoint finished_at) {
  return add_evidence(letter, finished_at, {digest(letter)});
}

Digest AlertWorld::add_evidence(char letter, TimePoint finished_at, std::vector<Digest> subjects) {
  Evidence evidence;
  char hex[65];
  std::snprintf(hex, sizeof hex, "%064x", ++evidence_count_);
  evidence.digest = Digest::from_trusted("sha256:" + std::string(hex));
  evidence.source = "ci";
  evidence.trust = Trust::pushed;
  evidence.attached_to = digest(letter);
  evidence.repository = key().repository;
  evidence.collected_at = now;
  evidence.report.format = "trivy-json";
  evidence.report.scanner = "trivy";
  evidence.report.scanner_version = "0.50.0";
  evidence.report.finished_at = finished_at;
  evidence.report.subjects = std::move(subjects);
  evidence.report.counts.high = 2;
  const Digest id = evidence.digest;
  inventory.add_evidence(std::move(evidence), "{}", now);
  return id;
}

void AlertWorld::remove(char letter) {
  inventory.note_missing(key(), digest(letter), std::chrono::minutes(15), now);
  now += std::chrono::minutes(15);
  inventory.note_missing(key(), digest(letter), std::chrono::minutes(15), now);
}

ContainerObservation AlertWorld::container(char letter, const std::string& id) const {
  ContainerObservation observation;
  observation.id = id;
  observation.namespace_name = "web";
  observation.workload = "deployment/front";
  observation.name = "front";
  observation.node = "n1";
  observation.image = std::string("registry.example/team/app:1.") + letter;
  observation.digests = {digest(letter)};
  observation.platform.os = "linux";
  observation.platform.architecture = "amd64";
  observation.started_at = now;
  return observation;
}

void AlertWorld::run(const std::string& letters) {
  std::vector<ContainerObservation> containers;
  for (const char letter : letters) {
    ContainerObservation one = container(letter, std::string("c-") + letter);
    if (const ContainerRecord* known = inventory.containers().find("host-a", one.id)) {
      one.started_at = known->started_at;
    }
    containers.push_back(std::move(one));
  }
  observe("host-a", std::move(containers));
}

void AlertWorld::observe(const std::string& source, std::vector<ContainerObservation> containers) {
  WorkloadReport report;
  report.source = source;
  report.observed_at = now;
  report.complete = true;
  report.containers = std::move(containers);
  if (!inventory.observe(report, now) && inventory.confirm_drop(source, now)) {
    inventory.observe(report, now);
  }
  sources.answered(source, report.containers.size(), now);
}

}  // namespace scanclock
