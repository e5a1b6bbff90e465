#pragma once

#include "core/domain/registry_ports.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace scanclock {

/// Stands between a registry's poller and the sink where the registry's product API is a second
/// source of evidence: a subject has been answered about when both have answered, and a failure of
/// either is a failure. Hands everything else through. I/O thread only.
class PlatformJoin final : public RegistrySink {
 public:
  /// Called with a repository in which the registry answered about a subject that the API was not
  /// asked about yet.
  using OnUnasked = std::function<void(const std::string& repository)>;

  explicit PlatformJoin(RegistrySink& sink) : sink_(sink) {}
  void set_on_unasked(OnUnasked on_unasked) { on_unasked_ = std::move(on_unasked); }

  void platform_answered(const RepositoryKey& repository, const Digest& subject);
  void platform_failed(const RepositoryKey& repository, const Digest& subject,
                       const RegistryProblem& problem);
  /// Forgets what was answered about any other subject of the repository.
  void keep_subjects(const std::string& repository, const std::vector<Digest>& subjects);

  void manifest_found(const RepositoryKey& repository, Manifest manifest) override;
  void tag_resolved(const RepositoryKey& repository, const std::string& tag,
                    const Digest& digest) override;
  void tags_listed(const RepositoryKey& repository, const std::vector<std::string>& tags) override;
  void manifest_missing(const RepositoryKey& repository, const Digest& digest) override;
  void manifest_present(const RepositoryKey& repository, const Digest& digest) override;
  boost::asio::awaitable<void> evidence_found(FoundEvidence evidence) override;
  void evidence_answered(const RepositoryKey& repository, const Digest& subject) override;
  void evidence_failed(const RepositoryKey& repository, const Digest& subject,
                       const RegistryProblem& problem) override;
  void image_pushed(const RepositoryKey& repository, const Digest& digest, TimePoint at,
                    EntryBasis basis) override;
  void registry_answered(const std::string& registry) override;
  void registry_failed(const std::string& registry, const RegistryProblem& problem) override;
  void request_made(const std::string& registry, const std::string& method, int code,
                    Duration took) override;

 private:
  enum class Answer : std::uint8_t { unasked, given, failed };
  struct Answers {
    Answer of_registry = Answer::unasked;
    Answer of_platform = Answer::unasked;
  };

  RegistrySink& sink_;
  OnUnasked on_unasked_;
  std::unordered_map<std::string, std::unordered_map<Digest, Answers>> answers_;
};

}  // namespace scanclock
