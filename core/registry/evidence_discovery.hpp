#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/registry/distribution_client.hpp"
#include "core/registry/fair_gate.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace scanclock {

/// A manifest with more layers is not read to its end: each costs a request.
inline constexpr std::size_t evidence_layers_max = 1000;
/// Fetched for one subject in one round; what is left over comes in the next.
inline constexpr std::uint64_t evidence_round_bytes_max = std::uint64_t{256} << 20;

/// A repository that may hold evidence of a subject, and what a fresh list of its tags says about
/// the subject's evidence tags. Without one they are asked directly.
struct EvidencePlaces {
  EvidencePlaces() = default;
  /// Empty: the subject's own repository.
  std::string repository;
  bool list_is_fresh = false;
  bool has_fallback_tag = false;
  bool has_attestation_tag = false;
};

/// Finds what is attached to a subject: the union of the referrers API, the fallback tag and
/// cosign's attestation tag, in its own repository and in others where evidence is kept. A subject
/// is answered for only when everything in that union could be read. An answer that does not come
/// in time ends the round for its subject; other subjects go on. Each evidence
/// is handed over before the manifest that carries it is reported, so that a known referrer never
/// hides evidence that was lost. I/O thread only.
class EvidenceDiscovery {
 public:
  EvidenceDiscovery(DistributionClient& client, RegistrySink& sink,
                    const RegistryKnowledge& knowledge);

  /// Asks every place and tells the sink evidence_answered, or evidence_failed when one of them
  /// failed; returns that problem.
  asio::awaitable<std::optional<RegistryProblem>> discover(RepositoryKey repository, Digest subject,
                                                           std::vector<EvidencePlaces> places);

  /// For an artifact that was met on another way, such as by an ordinary tag: hands over what it
  /// carries for its own subject, then reports it.
  asio::awaitable<std::optional<RegistryProblem>> take_artifact(RepositoryKey repository,
                                                                FetchedManifest fetched,
                                                                Manifest manifest);

 private:
  /// One question about one subject: what was found wrong, and whom it concerns.
  struct Asking {
    RepositoryKey repository;
    Digest subject;
    /// The repository that is asked now.
    RepositoryKey place;
    std::uint64_t bytes_taken = 0;
    bool out_of_time = false;
    std::unordered_set<Digest> listed;
    std::optional<RegistryProblem> problem;
    void fail(RegistryProblem found);
    void fail_unless_absent(const RegistryProblem& found);
    /// Nobody can say whether it was evidence, so the subject is not answered for.
    void fail_unreadable(const Digest& manifest, const std::string& cause);
  };

  asio::awaitable<void> ask_referrers(Asking& asking);
  asio::awaitable<void> ask_fallback_tag(Asking& asking, EvidencePlaces places);
  asio::awaitable<void> ask_attestation_tag(Asking& asking, EvidencePlaces places);
  /// The manifest behind an evidence tag, unless it is known to be dealt with or not there.
  asio::awaitable<std::optional<FetchedManifest>> resolve_tag(Asking& asking, std::string tag,
                                                              bool is_listed);
  /// What a tag points at; `target` is what HEAD said of it, where it was asked. However a tag is
  /// asked for, bytes that are not what the registry names are a failure: else one that forges
  /// would seem to answer whenever its tags were not listed just before.
  DistributionClient::Outcome<FetchedManifest> fetch_tag(std::string repository, std::string tag,
                                                         std::optional<Digest> target);
  asio::awaitable<bool> take_listed(Asking& asking, std::vector<ContentDescriptor> listed,
                                    EvidenceOrigin origin);
  asio::awaitable<bool> take_referrer(Asking& asking, ContentDescriptor descriptor,
                                      EvidenceOrigin origin);
  asio::awaitable<bool> take_layers(Asking& asking, std::string manifest_bytes,
                                    std::string artifact_type, EvidenceOrigin origin);
  asio::awaitable<bool> take_layer(Asking& asking, ContentDescriptor layer, EvidenceOrigin origin);
  /// What speaks against fetching the layer now.
  static std::optional<RegistryProblem> refusal_of(const Asking& asking,
                                                   const ContentDescriptor& layer);
  bool is_settled(const Digest& subject, const Digest& manifest) const;

  DistributionClient& client_;
  RegistrySink& sink_;
  const RegistryKnowledge& knowledge_;
  /// Manifests behind evidence tags whose evidence was handed over for the subject. They name no
  /// subject themselves, so being known is not enough.
  std::unordered_map<Digest, std::vector<Digest>> settled_;
  /// Listed manifests that turned out to be no evidence of the subject that lists them.
  std::unordered_map<Digest, std::vector<Digest>> unrelated_;
  KeyedGates large_;
};

}  // namespace scanclock
