#pragma once

#include "core/domain/changes.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace scanclock {

/// Evidence as found in a registry, not read yet.
struct FoundEvidence {
  RepositoryKey repository;
  EvidenceOrigin origin = EvidenceOrigin::referrer;
  /// The manifest that was asked about.
  Digest attached_to;
  /// Checked: `bytes` hash to it.
  Digest digest;
  std::string media_type;
  std::string bytes;
};

/// A failed request as the registry room reports it.
struct RegistryProblem {
  /// Metric label: an HttpFailureReason, or `unauthorized`, `forbidden`, `not_found`,
  /// `rate_limited`, `server_error`, `bad_content`, `digest_mismatch`, `too_large`,
  /// `suspicious_drop`, `too_many_pages`.
  std::string reason;
  bool retryable = true;
  /// For people: method, URL, cause.
  std::string message;
};

/// Takes what the registry room learns. Implemented by the daemon; called on the I/O thread, in
/// the order of learning: a manifest comes before what refers to it.
class RegistrySink {
 public:
  virtual ~RegistrySink() = default;

  /// A checked manifest that stands in `repository`.
  virtual void manifest_found(const RepositoryKey& repository, Manifest manifest) = 0;
  virtual void tag_resolved(const RepositoryKey& repository, const std::string& tag,
                            const Digest& digest) = 0;
  /// A complete listing of a repository's tags, evidence tags left out. Tags that are missing in
  /// it are gone; images never are.
  virtual void tags_listed(const RepositoryKey& repository,
                           const std::vector<std::string>& tags) = 0;
  /// A 404 for the manifest by digest.
  virtual void manifest_missing(const RepositoryKey& repository, const Digest& digest) = 0;
  /// The manifest answered by digest: it is still there.
  virtual void manifest_present(const RepositoryKey& repository, const Digest& digest) = 0;

  /// Returns when the evidence is in memory and queued for the database.
  virtual boost::asio::awaitable<void> evidence_found(FoundEvidence evidence) = 0;
  /// Every evidence place of this repository answered for the subject, and all that they named was
  /// handed over.
  virtual void evidence_answered(const RepositoryKey& repository, const Digest& subject) = 0;
  virtual void evidence_failed(const RepositoryKey& repository, const Digest& subject,
                               const RegistryProblem& problem) = 0;

  /// The registry itself says when the manifest came in: its API or a push event. A hint that may
  /// arrive in any order and before the manifest is known.
  virtual void image_pushed(const RepositoryKey& repository, const Digest& digest, TimePoint at,
                            EntryBasis basis) = 0;

  /// A whole listing cycle (catalog and tag lists) of the registry succeeded or failed.
  virtual void registry_answered(const std::string& registry) = 0;
  virtual void registry_failed(const std::string& registry, const RegistryProblem& problem) = 0;
  virtual void request_made(const std::string& registry, const std::string& method, int code,
                            Duration took) = 0;
};

/// What is known already, so that nothing immutable is fetched twice. Implemented by the daemon.
class RegistryKnowledge {
 public:
  virtual ~RegistryKnowledge() = default;

  /// Null when the manifest was never fetched.
  virtual const Manifest* manifest(const Digest& digest) const = 0;
  /// True when these bytes were handed over before for this subject.
  virtual bool has_evidence(const Digest& evidence, const Digest& attached_to) const = 0;
  /// Present target of each known tag of the repository.
  virtual std::vector<std::pair<std::string, Digest>> tags(
      const RepositoryKey& repository) const = 0;
  /// Repositories that are known of a registry.
  virtual std::vector<std::string> repositories(const std::string& registry) const = 0;
  /// Index and image digests of the repository that are not removed: what evidence is asked for.
  virtual std::vector<Digest> subjects(const RepositoryKey& repository) const = 0;
  /// True for subjects that run or are within 3 d of their deadline: asked first and more often.
  virtual bool is_urgent(const Digest& subject) const = 0;
};

}  // namespace scanclock
