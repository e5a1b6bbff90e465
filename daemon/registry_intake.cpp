#include "daemon/registry_intake.hpp"

#include "core/runtime/log.hpp"
#include "daemon/signature_check.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace scanclock {
namespace {

/// Images this near to their deadline are asked about first and more often.
constexpr Duration urgent_before = std::chrono::hours(24 * 3);

}  // namespace

RegistryIntake::RegistryIntake(Engine& engine, Clock& clock, BlockingPool& pool,
                               Telemetry& telemetry)
    : engine_(engine), clock_(clock), pool_(pool), telemetry_(telemetry) {}

void RegistryIntake::set_cycle(const std::string& registry, Duration tags_every) {
  cycles_[registry] = tags_every;
}

void RegistryIntake::manifest_found(const RepositoryKey& repository, Manifest manifest) {
  engine_.inventory().add_manifest(repository, std::move(manifest), clock_.now());
  engine_.wake();
}

void RegistryIntake::tag_resolved(const RepositoryKey& repository, const std::string& tag,
                                  const Digest& digest) {
  engine_.inventory().set_tag(repository, tag, digest, clock_.now());
  engine_.wake();
}

void RegistryIntake::tags_listed(const RepositoryKey& repository,
                                 const std::vector<std::string>& tags) {
  engine_.inventory().keep_tags(repository, tags, clock_.now());
  engine_.wake();
}

void RegistryIntake::manifest_missing(const RepositoryKey& repository, const Digest& digest) {
  // The next cycle may start a little early by its jitter.
  const Duration cycle = cycles_[repository.registry] * 9 / 10;
  engine_.inventory().note_missing(repository, digest, cycle, clock_.now());
  engine_.wake();
}

void RegistryIntake::manifest_present(const RepositoryKey& repository, const Digest& digest) {
  engine_.inventory().note_present(repository, digest, clock_.now());
  engine_.wake();
}

asio::awaitable<void> RegistryIntake::evidence_found(FoundEvidence found) {
  auto bytes = std::make_shared<const std::string>(std::move(found.bytes));
  Evidence evidence;
  evidence.digest = found.digest;
  evidence.source = found.repository.registry;
  evidence.origin = found.origin;
  evidence.trust =
      found.origin == EvidenceOrigin::platform_api ? Trust::platform : Trust::unsigned_;
  evidence.attached_to = found.attached_to;
  evidence.repository = found.repository.repository;
  evidence.size_bytes = bytes->size();
  ReadEvidence read = co_await read_evidence_on(pool_, bytes);
  evidence.report = std::move(read.report);
  evidence.collected_at = clock_.now();
  UncheckedEvidence unchecked;
  unchecked.evidence = std::move(evidence);
  if (read.envelope) {
    unchecked.envelope = std::make_shared<const Envelope>(std::move(*read.envelope));
  }
  Evidence checked = co_await check_signatures_on(pool_, engine_.inventory(), std::move(unchecked));
  const EvidenceKey key = key_of(checked);
  if (engine_.inventory().add_evidence(std::move(checked), *bytes, clock_.now())) {
    telemetry_.evidence_collected(*engine_.inventory().evidence(key));
    engine_.wake();
  }
}

void RegistryIntake::evidence_answered(const RepositoryKey& repository, const Digest& subject) {
  engine_.inventory().note_evidence_answered(repository, subject, clock_.now());
  engine_.wake();
}

void RegistryIntake::evidence_failed(const RepositoryKey& repository, const Digest& subject,
                                     const RegistryProblem& problem) {
  log::debug("registry", "{}/{}: no answer about evidence of {}: {}", repository.registry,
             repository.repository, subject.short_form(), problem.message);
  engine_.inventory().note_evidence_failed(repository, subject, problem.reason, clock_.now());
  telemetry_.source_error(repository.registry, problem.reason);
  if (engine_.inventory().unreadable_share(repository.registry) > unreadable_share_max) {
    registry_failed(repository.registry, problem);
  }
  engine_.wake();
}

void RegistryIntake::image_pushed(const RepositoryKey& repository, const Digest& digest,
                                  TimePoint at, EntryBasis basis) {
  engine_.inventory().note_pushed(repository, digest, at, basis, clock_.now());
  engine_.wake();
}

void RegistryIntake::registry_answered(const std::string& registry) {
  if (engine_.inventory().unreadable_share(registry) > unreadable_share_max) {
    return;
  }
  const SourceStatus* status = engine_.sources().find(registry);
  if (status != nullptr && status->failing_since && status->last_success_at) {
    log::info("registry", "{} answers again", registry);
  }
  engine_.sources().answered(registry, engine_.inventory().images_in(registry), clock_.now());
  engine_.wake();
}

void RegistryIntake::registry_failed(const std::string& registry, const RegistryProblem& problem) {
  const SourceStatus* status = engine_.sources().find(registry);
  if (status != nullptr && status->reason != problem.reason) {
    log::warning("registry", "{} does not answer as it should: {}", registry, problem.message);
  }
  telemetry_.source_error(registry, problem.reason);
  engine_.sources().failed(registry, problem.reason, problem.message, clock_.now());
  engine_.wake();
}

void RegistryIntake::request_made(const std::string& registry, const std::string& method, int code,
                                  Duration took) {
  engine_.sources().requested(registry);
  telemetry_.registry_request(registry, method, code, took);
}

const Manifest* RegistryIntake::manifest(const Digest& digest) const {
  return engine_.inventory().graph().find(digest);
}

bool RegistryIntake::has_evidence(const Digest& evidence, const Digest& attached_to) const {
  const Inventory& inventory = engine_.inventory();
  return inventory.evidence({evidence, attached_to, Trust::unsigned_}) != nullptr ||
         inventory.evidence({evidence, attached_to, Trust::signed_}) != nullptr ||
         inventory.evidence({evidence, attached_to, Trust::platform}) != nullptr;
}

std::vector<std::pair<std::string, Digest>> RegistryIntake::tags(
    const RepositoryKey& repository) const {
  return engine_.inventory().tags(repository);
}

std::vector<std::string> RegistryIntake::repositories(const std::string& registry) const {
  return engine_.inventory().repositories(registry);
}

std::vector<Digest> RegistryIntake::subjects(const RepositoryKey& repository) const {
  return engine_.inventory().subjects(repository);
}

bool RegistryIntake::is_urgent(const Digest& subject) const {
  const Inventory& inventory = engine_.inventory();
  const TimePoint now = clock_.now();
  const std::vector<Digest> images = inventory.images_of(subject);
  return std::any_of(images.begin(), images.end(), [&](const Digest& digest) {
    const ImageRecord* image = inventory.image(digest);
    return image != nullptr && (image->running || image->deadline_at <= now + urgent_before);
  });
}

}  // namespace scanclock
