#include "bench/estate.hpp"

#include <cstdint>
#include <cstdio>
#include <utility>

namespace scanclock {
namespace {

/// A prime, so that neighbours are not scanned one after the other.
constexpr std::chrono::seconds::rep scan_age_step = 7919;

Manifest image_numbered(unsigned number) {
  Manifest image;
  image.digest = estate_digest(EstateKind::manifest, number);
  image.config = estate_digest(EstateKind::config, number);
  image.config_identifies = true;
  image.platform.os = "linux";
  image.platform.architecture = "amd64";
  return image;
}

void add_tag(Inventory& inventory, unsigned number, TimePoint now) {
  const Manifest image = image_numbered(number);
  Manifest index;
  index.digest = estate_digest(EstateKind::index, number);
  index.kind = ManifestKind::index;
  index.children.push_back({image.digest, image.platform, true});
  inventory.add_manifest(estate_repository(number), std::move(index), now);
  inventory.set_tag(estate_repository(number), "1." + std::to_string(number),
                    estate_digest(EstateKind::index, number), now);
}

ContainerObservation container_numbered(unsigned number, TimePoint now) {
  ContainerObservation seen;
  seen.id = std::string(estate_digest(EstateKind::report, number).hex());
  seen.namespace_name = "namespace-" + std::to_string(number % 500);
  seen.workload = "deployment/front-" + std::to_string(number);
  seen.name = "front";
  seen.image = estate_reference(number);
  seen.digests = {estate_digest(EstateKind::index, number)};
  seen.started_at = now;
  return seen;
}

}  // namespace

Digest estate_digest(EstateKind kind, unsigned number) {
  std::uint64_t state = (static_cast<std::uint64_t>(kind) << 32U) + number;
  char text[72] = "sha256:";
  for (int word = 0; word < 4; ++word) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t mixed = (state ^ (state >> 29U)) * 0xBF58476D1CE4E5B9ULL;
    std::snprintf(text + 7 + 16 * word, 17, "%016lx", static_cast<unsigned long>(mixed));
  }
  return Digest::from_trusted(text);
}

RepositoryKey estate_repository(unsigned image) {
  return {"prod", "team/app" + std::to_string(image / estate_images_a_repository)};
}

std::string estate_reference(unsigned image) {
  return "registry.example/" + estate_repository(image).repository + ":1." + std::to_string(image);
}

Scope estate_scope() {
  Scope scope;
  scope.policies.push_back({});
  RegistryScope registry;
  registry.name = "prod";
  registry.host = "registry.example";
  scope.registries.push_back(registry);
  WorkloadScope workload;
  workload.name = "cluster-1";
  scope.workloads.push_back(workload);
  return scope;
}

void add_estate_image(Inventory& inventory, unsigned image, TimePoint now) {
  inventory.add_manifest(estate_repository(image), image_numbered(image), now);
  inventory.note_evidence_answered(estate_repository(image),
                                   estate_digest(EstateKind::manifest, image), now);
}

void add_estate_scan(Inventory& inventory, unsigned image, TimePoint finished_at, TimePoint now) {
  Evidence evidence;
  evidence.digest = estate_digest(EstateKind::report, image);
  evidence.source = "prod";
  evidence.repository = estate_repository(image).repository;
  evidence.collected_at = now;
  evidence.report.format = "trivy-json";
  evidence.report.subjects = {estate_digest(EstateKind::manifest, image)};
  evidence.report.finished_at = finished_at;
  inventory.add_evidence(std::move(evidence), "{}", now);
}

void fill_estate_registry(Inventory& inventory, unsigned images, TimePoint now,
                          std::chrono::seconds scanned_within) {
  for (unsigned number = 0; number < images; ++number) {
    const std::chrono::seconds age(number * scan_age_step % scanned_within.count());
    add_estate_image(inventory, number, now);
    add_tag(inventory, number, now);
    add_estate_scan(inventory, number, now - age, now);
  }
}

void fill_estate(Inventory& inventory, unsigned images, TimePoint now,
                 std::chrono::seconds scanned_within) {
  fill_estate_registry(inventory, images, now, scanned_within);
  WorkloadReport report;
  report.source = "cluster-1";
  report.observed_at = now;
  report.complete = true;
  report.containers.reserve(images);
  for (unsigned number = 0; number < images; ++number) {
    report.containers.push_back(container_numbered(number, now));
  }
  inventory.observe(report, now);
}

}  // namespace scanclock
