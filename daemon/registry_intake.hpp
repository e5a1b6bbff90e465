#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "daemon/engine.hpp"
#include "daemon/telemetry.hpp"

#include <map>
#include <string>
#include <vector>

namespace scanclock {

/// Above this share of a registry's images unreadable, its evidence is not watched (contract,
/// ScanclockSourceBlind).
inline constexpr double unreadable_share_max = 0.05;

/// Takes what the registry room learns into the inventory, and tells it what is known already.
class RegistryIntake final : public RegistrySink, public RegistryKnowledge {
 public:
  RegistryIntake(Engine& engine, Clock& clock, BlockingPool& pool, Telemetry& telemetry);

  /// The second 404 must come at least this long after the first.
  void set_cycle(const std::string& registry, Duration tags_every);

  void manifest_found(const RepositoryKey& repository, Manifest manifest) override;
  void tag_resolved(const RepositoryKey& repository, const std::string& tag,
                    const Digest& digest) override;
  void tags_listed(const RepositoryKey& repository, const std::vector<std::string>& tags) override;
  void manifest_missing(const RepositoryKey& repository, const Digest& digest) override;
  void manifest_present(const RepositoryKey& repository, const Digest& digest) override;
  asio::awaitable<void> evidence_found(FoundEvidence evidence) override;
  void evidence_answered(const RepositoryKey& repository, const Digest& subject) override;
  void evidence_failed(const RepositoryKey& repository, const Digest& subject,
                       const RegistryProblem& problem) override;
  void image_pushed(const RepositoryKey& repository, const Digest& digest, TimePoint at,
                    EntryBasis basis) override;
  void registry_answered(const std::string& registry) override;
  void registry_failed(const std::string& registry, const RegistryProblem& problem) override;
  void request_made(const std::string& registry, const std::string& method, int code,
                    Duration took) override;

  const Manifest* manifest(const Digest& digest) const override;
  bool has_evidence(const Digest& evidence, const Digest& attached_to) const override;
  std::vector<std::pair<std::string, Digest>> tags(const RepositoryKey& repository) const override;
  std::vector<std::string> repositories(const std::string& registry) const override;
  std::vector<Digest> subjects(const RepositoryKey& repository) const override;
  bool is_urgent(const Digest& subject) const override;

 private:
  Engine& engine_;
  Clock& clock_;
  BlockingPool& pool_;
  Telemetry& telemetry_;
  std::map<std::string, Duration> cycles_;
};

}  // namespace scanclock
