#pragma once

#include "core/domain/inventory.hpp"

#include <cstdio>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace scanclock::facts {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr Duration day = hours(24);
inline constexpr Duration microsecond = Duration(1);

/// 2026-11-01T12:00:00Z.
inline constexpr TimePoint noon =
    std::chrono::sys_days(std::chrono::November / 1 / 2026) + hours(12);

/// The digest whose hex digits print `number`.
inline Digest digest(unsigned number) {
  char text[72];
  std::snprintf(text, sizeof(text), "sha256:%064x", number);
  return Digest::from_trusted(text);
}

// The digests that the tests of this folder tell their stories with: three images with their
// configs, an index over the first two, an index over the first alone, and one that is nowhere.
inline const Digest m1 = digest(0x11), c1 = digest(0xc1);
inline const Digest m2 = digest(0x12), c2 = digest(0xc2);
inline const Digest m3 = digest(0x13), c3 = digest(0xc3);
inline const Digest both = digest(0x1a);
inline const Digest single = digest(0x1b);
inline const Digest nobody = digest(0xdead);

inline Platform platform(const std::string& text) { return *parse_platform(text); }

inline const Platform amd64 = platform("linux/amd64");
inline const Platform arm64 = platform("linux/arm64");

/// An image whose config identifies it.
inline Manifest image(const Digest& manifest, const Digest& config, Platform on = amd64) {
  Manifest result;
  result.digest = manifest;
  result.kind = ManifestKind::image;
  result.config = config;
  result.config_identifies = true;
  result.platform = std::move(on);
  return result;
}

inline ManifestChild entry(const Digest& manifest, Platform on = amd64, bool runnable = true) {
  return {manifest, std::move(on), runnable};
}

inline Manifest index(const Digest& digest, std::vector<ManifestChild> children) {
  Manifest result;
  result.digest = digest;
  result.kind = ManifestKind::index;
  result.children = std::move(children);
  return result;
}

inline Manifest artifact(const Digest& digest) {
  Manifest result;
  result.digest = digest;
  result.kind = ManifestKind::artifact;
  return result;
}

inline DigestGraph graph_of(std::initializer_list<Manifest> manifests) {
  DigestGraph graph;
  for (const Manifest& manifest : manifests) {
    graph.add(manifest);
  }
  return graph;
}

/// A successful scan with the digest `number`, finished and collected at noon.
inline Evidence scan(unsigned number, TimePoint finished_at = noon) {
  Evidence evidence;
  evidence.digest = digest(number);
  evidence.source = "prod";
  evidence.repository = "team/app";
  evidence.collected_at = noon;
  evidence.report.format = "trivy-json";
  evidence.report.finished_at = finished_at;
  return evidence;
}

inline Evidence scan_of(unsigned number, std::vector<Digest> subjects,
                        TimePoint finished_at = noon) {
  Evidence evidence = scan(number, finished_at);
  evidence.report.subjects = std::move(subjects);
  return evidence;
}

inline ContainerObservation container(const std::string& id, std::vector<Digest> digests,
                                      Platform on = amd64) {
  ContainerObservation observation;
  observation.id = id;
  observation.name = id;
  observation.namespace_name = "web";
  observation.image = "registry.example/team/app:1.0";
  observation.digests = std::move(digests);
  observation.platform = std::move(on);
  return observation;
}

/// The registries `prod` (production) and `lab` (development), the host `host-a`, and the default
/// policy.
inline Scope default_scope() {
  Scope scope;
  scope.policies.push_back({});
  RegistryScope prod;
  prod.name = "prod";
  prod.host = "registry.example";
  RegistryScope lab;
  lab.name = "lab";
  lab.host = "lab.example";
  lab.environment = "development";
  scope.registries = {prod, lab};
  WorkloadScope host;
  host.name = "host-a";
  host.namespaces.exclude = {"kube-system"};
  host.ignore_images = {"**/pause:*"};
  scope.workloads.push_back(host);
  return scope;
}

inline const RepositoryKey app{"prod", "team/app"};
inline const RepositoryKey copy{"prod", "team/copy"};
inline const RepositoryKey lab{"lab", "team/app"};

/// An inventory under the default scope at a time that a test moves.
struct World {
  World() : World(default_scope()) {}
  explicit World(Scope scope) : inventory(std::move(scope)) {}

  void add(const Manifest& manifest, const RepositoryKey& key = app) {
    inventory.add_manifest(key, manifest, now);
  }
  void tag(const std::string& name, const Digest& target, const RepositoryKey& key = app) {
    inventory.set_tag(key, name, target, now);
  }
  void list(const std::vector<std::string>& tags, const RepositoryKey& key = app) {
    inventory.keep_tags(key, tags, now);
  }
  bool collect(Evidence evidence) {
    evidence.collected_at = now;
    return inventory.add_evidence(std::move(evidence), "{}", now);
  }
  bool run(std::vector<ContainerObservation> containers, bool complete = true,
           const std::string& source = "host-a") {
    WorkloadReport report;
    report.source = source;
    report.observed_at = now;
    report.complete = complete;
    report.containers = std::move(containers);
    if (inventory.observe(report, now)) {
      return true;
    }
    return std::exchange(confirms_, false) && inventory.confirm_drop(source, now) &&
           inventory.observe(report, now);
  }
  void end(const std::string& id, const std::string& source = "host-a") {
    WorkloadChanges changes;
    changes.source = source;
    changes.observed_at = now;
    changes.ended.push_back(id);
    inventory.apply(changes, now);
  }
  /// An operator will say that what the next view lacks is really gone.
  void confirm() { confirms_ = true; }
  void start(ContainerObservation container, const std::string& source = "host-a") {
    WorkloadChanges changes;
    changes.source = source;
    changes.observed_at = now;
    changes.running.push_back(std::move(container));
    inventory.apply(changes, now);
  }
  Touched conclude() { return inventory.reevaluate(now); }

  const ImageRecord& record(const Digest& digest) const { return *inventory.image(digest); }
  const Location& location(const Digest& digest, const RepositoryKey& key = app) const {
    return record(digest).locations.at(key);
  }
  const ContainerRecord& container_of(const std::string& id,
                                      const std::string& source = "host-a") const {
    return inventory.containers().at({source, id});
  }
  Verdict verdict(const std::string& id) const { return container_of(id).verdict(); }
  State state(const Digest& digest) const { return record(digest).state; }
  Observation::Status observation(const Digest& digest) const {
    return inventory.observation(record(digest)).status;
  }
  const Decision& decision(const Evidence& evidence, const std::string& policy = "fedramp-30d") {
    return inventory.evidence(key_of(evidence))->decisions.at(policy);
  }

  Inventory inventory;
  TimePoint now = noon;

 private:
  bool confirms_ = false;
};

}  // namespace scanclock::facts
