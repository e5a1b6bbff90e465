#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/registry/distribution_client.hpp"
#include "core/registry/evidence_discovery.hpp"
#include "core/registry/fair_gate.hpp"

#include <optional>
#include <string>

namespace scanclock {

/// Indexes within indexes are followed this deep.
inline constexpr int index_depth_max = 4;

/// Makes sure that a digest of a repository, and every runnable manifest under it, is known.
/// Manifests are immutable: each is fetched once and never again. I/O thread only.
class ImageFetcher {
 public:
  ImageFetcher(DistributionClient& client, RegistrySink& sink, const RegistryKnowledge& knowledge,
               EvidenceDiscovery& evidence);

  /// Reports what is new to the sink, children before the index that lists them. Returns the first
  /// problem; the sink has then heard evidence_failed for each manifest that could not be had.
  asio::awaitable<std::optional<RegistryProblem>> ensure(RepositoryKey repository, Digest digest);

  /// True when nothing under the digest is left to fetch.
  bool is_complete(const Digest& digest) const;

 private:
  struct Fetching {
    RepositoryKey repository;
    std::optional<RegistryProblem> problem;
  };

  asio::awaitable<void> ensure_one(Fetching& fetching, Digest digest, Platform platform, int depth);
  asio::awaitable<void> ensure_children(Fetching& fetching, Manifest index, int depth);
  asio::awaitable<void> take_known(Fetching& fetching, Manifest manifest, int depth);
  asio::awaitable<void> take_image(Fetching& fetching, Manifest manifest, Platform platform);
  bool complete_below(const Digest& digest, int depth) const;
  void fail(Fetching& fetching, const Digest& digest, RegistryProblem problem);

  DistributionClient& client_;
  RegistrySink& sink_;
  const RegistryKnowledge& knowledge_;
  EvidenceDiscovery& evidence_;
  KeyedGates gates_;
};

}  // namespace scanclock
