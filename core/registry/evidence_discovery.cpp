#include "core/registry/evidence_discovery.hpp"

#include "core/registry/evidence_candidates.hpp"
#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "core/runtime/log.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

/// Evidence above this size is fetched one at a time, to bound memory.
constexpr std::uint64_t large_evidence_bytes = std::uint64_t{4} << 20;

bool is_absence(const RegistryProblem& problem) { return problem.reason == "not_found"; }

RegistryProblem layer_problem(const std::string& reason, const std::string& what) {
  RegistryProblem problem;
  problem.reason = reason;
  problem.retryable = false;
  problem.message = what;
  return problem;
}

}  // namespace

void EvidenceDiscovery::Asking::fail(RegistryProblem found) {
  out_of_time = out_of_time || found.reason == "timeout";
  if (!problem) {
    problem = std::move(found);
  }
}

void EvidenceDiscovery::Asking::fail_unless_absent(const RegistryProblem& found) {
  if (!is_absence(found)) {
    fail(found);
  }
}

void EvidenceDiscovery::Asking::fail_unreadable(const Digest& manifest, const std::string& cause) {
  fail(layer_problem("bad_content", "evidence manifest " + manifest.str() + " in " +
                                        place.repository + " for " + subject.str() + ": " + cause));
}

EvidenceDiscovery::EvidenceDiscovery(DistributionClient& client, RegistrySink& sink,
                                     const RegistryKnowledge& knowledge)
    : client_(client), sink_(sink), knowledge_(knowledge) {}

bool EvidenceDiscovery::is_settled(const Digest& subject, const Digest& manifest) const {
  const auto known = settled_.find(subject);
  return known != settled_.end() &&
         std::find(known->second.begin(), known->second.end(), manifest) != known->second.end();
}

asio::awaitable<std::optional<RegistryProblem>> EvidenceDiscovery::discover(
    RepositoryKey repository, Digest subject, std::vector<EvidencePlaces> places) {
  Asking asking;
  asking.repository = std::move(repository);
  asking.subject = std::move(subject);
  // All places are asked although one fails, for evidence in another moves the clock at once.
  for (const EvidencePlaces& place : places) {
    asking.place = asking.repository;
    if (!place.repository.empty()) {
      asking.place.repository = place.repository;
    }
    co_await ask_referrers(asking);
    co_await ask_fallback_tag(asking, place);
    co_await ask_attestation_tag(asking, place);
  }
  if (asking.problem) {
    sink_.evidence_failed(asking.repository, asking.subject, *asking.problem);
  } else {
    sink_.evidence_answered(asking.repository, asking.subject);
  }
  co_return std::move(asking.problem);
}

asio::awaitable<void> EvidenceDiscovery::ask_referrers(Asking& asking) {
  if (asking.out_of_time) {
    co_return;
  }
  auto answer = co_await client_.referrers(asking.place.repository, asking.subject);
  if (!answer) {
    asking.fail(answer.error());
    co_return;
  }
  co_await take_listed(asking, std::move(answer->manifests), EvidenceOrigin::referrer);
}

DistributionClient::Outcome<FetchedManifest> EvidenceDiscovery::fetch_tag(
    std::string repository, std::string tag, std::optional<Digest> target) {
  if (!target) {
    auto by_tag = co_await client_.get_manifest(repository, tag);
    if (!by_tag || by_tag->named == by_tag->digest) {
      co_return std::move(by_tag);
    }
    const auto head = co_await client_.head_manifest(repository, tag);
    if (!head) {
      co_return head.error();
    }
    if (*head == by_tag->digest) {
      co_return std::move(by_tag);
    }
    target = *head;
  }
  auto fetched = co_await client_.get_manifest(repository, target->str());
  if (fetched || !is_absence(fetched.error())) {
    co_return std::move(fetched);
  }
  // Some registries' HEAD names what is no manifest.
  client_.disprove_head(repository, *target);
  co_return co_await client_.get_manifest(std::move(repository), std::move(tag));
}

asio::awaitable<std::optional<FetchedManifest>> EvidenceDiscovery::resolve_tag(Asking& asking,
                                                                               std::string tag,
                                                                               bool is_listed) {
  const std::string name = asking.place.repository;
  std::optional<Digest> target;
  if (is_listed) {
    const auto head = co_await client_.head_manifest(name, tag);
    if (!head) {
      asking.fail_unless_absent(head.error());
      co_return std::nullopt;
    }
    if (*head == asking.subject || is_settled(asking.subject, *head)) {
      co_return std::nullopt;
    }
    target = *head;
  }
  auto fetched = co_await fetch_tag(name, std::move(tag), std::move(target));
  if (!fetched) {
    asking.fail_unless_absent(fetched.error());
    co_return std::nullopt;
  }
  // Gitlab resolves the fallback tag to the subject itself.
  if (fetched->digest == asking.subject || is_settled(asking.subject, fetched->digest)) {
    co_return std::nullopt;
  }
  co_return std::move(*fetched);
}

asio::awaitable<void> EvidenceDiscovery::ask_fallback_tag(Asking& asking, EvidencePlaces places) {
  if (asking.out_of_time || (places.list_is_fresh && !places.has_fallback_tag)) {
    co_return;
  }
  auto fetched = co_await resolve_tag(asking, asking.subject.referrers_tag(), places.list_is_fresh);
  if (!fetched) {
    co_return;
  }
  const auto manifest = parse_manifest(fetched->digest, fetched->media_type, fetched->bytes);
  if (!manifest) {
    asking.fail_unreadable(fetched->digest, manifest.error());
    co_return;
  }
  bool all_taken = true;
  if (manifest->media_type == oci_index_type) {
    auto listed = parse_referrers(fetched->bytes);
    if (!listed) {
      asking.fail_unreadable(fetched->digest, listed.error());
      co_return;
    }
    all_taken = co_await take_listed(asking, std::move(*listed), EvidenceOrigin::fallback_tag);
  }
  if (all_taken) {
    settled_[asking.subject].push_back(fetched->digest);
  }
}

asio::awaitable<void> EvidenceDiscovery::ask_attestation_tag(Asking& asking,
                                                             EvidencePlaces places) {
  if (asking.out_of_time || (places.list_is_fresh && !places.has_attestation_tag)) {
    co_return;
  }
  auto fetched =
      co_await resolve_tag(asking, attestation_tag(asking.subject), places.list_is_fresh);
  if (!fetched) {
    co_return;
  }
  auto manifest = parse_manifest(fetched->digest, fetched->media_type, fetched->bytes);
  if (!manifest) {
    asking.fail_unreadable(fetched->digest, manifest.error());
    co_return;
  }
  if (manifest->kind == ManifestKind::artifact) {
    const bool all_taken = co_await take_layers(asking, std::move(fetched->bytes), std::string(),
                                                EvidenceOrigin::attestation_tag);
    if (!all_taken) {
      co_return;
    }
    sink_.manifest_found(asking.place, std::move(*manifest));
  }
  settled_[asking.subject].push_back(fetched->digest);
}

asio::awaitable<bool> EvidenceDiscovery::take_listed(Asking& asking,
                                                     std::vector<ContentDescriptor> listed,
                                                     EvidenceOrigin origin) {
  bool all_taken = true;
  for (const ContentDescriptor& descriptor : listed) {
    if (asking.out_of_time) {
      co_return false;
    }
    if (!asking.listed.insert(descriptor.digest).second) {
      continue;
    }
    const bool taken = co_await take_referrer(asking, descriptor, origin);
    if (!taken) {
      // Asked again when another place lists it, too.
      asking.listed.erase(descriptor.digest);
      all_taken = false;
    }
  }
  co_return all_taken;
}

asio::awaitable<bool> EvidenceDiscovery::take_referrer(Asking& asking, ContentDescriptor descriptor,
                                                       EvidenceOrigin origin) {
  // An index has no layers, so it carries no evidence.
  if (!artifact_may_be_evidence(descriptor.artifact_type) || is_index_type(descriptor.media_type) ||
      knowledge_.manifest(descriptor.digest) != nullptr) {
    co_return true;
  }
  const auto unrelated = unrelated_.find(asking.subject);
  if (unrelated != unrelated_.end() && std::find(unrelated->second.begin(), unrelated->second.end(),
                                                 descriptor.digest) != unrelated->second.end()) {
    co_return true;
  }
  auto fetched = co_await client_.get_manifest(asking.place.repository, descriptor.digest.str());
  if (!fetched) {
    if (is_absence(fetched.error())) {
      co_return true;
    }
    asking.fail(fetched.error());
    co_return false;
  }
  auto manifest = parse_manifest(fetched->digest, fetched->media_type, fetched->bytes);
  if (!manifest) {
    asking.fail_unreadable(fetched->digest, manifest.error());
    co_return false;
  }
  if (manifest->subject != asking.subject || manifest->kind != ManifestKind::artifact) {
    log::debug("registry", "{}: {} is listed as a referrer of {} and is none",
               asking.place.repository, descriptor.digest.short_form(),
               asking.subject.short_form());
    unrelated_[asking.subject].push_back(descriptor.digest);
    co_return true;
  }
  if (artifact_may_be_evidence(manifest->artifact_type)) {
    const bool all_taken =
        co_await take_layers(asking, std::move(fetched->bytes), manifest->artifact_type, origin);
    if (!all_taken) {
      co_return false;
    }
  }
  sink_.manifest_found(asking.place, std::move(*manifest));
  co_return true;
}

asio::awaitable<bool> EvidenceDiscovery::take_layers(Asking& asking, std::string manifest_bytes,
                                                     std::string artifact_type,
                                                     EvidenceOrigin origin) {
  const auto layers = parse_layers(manifest_bytes);
  const std::string what =
      "evidence manifest in " + asking.place.repository + " for " + asking.subject.str();
  if (!layers) {
    asking.fail(layer_problem("bad_content", what + ": " + layers.error()));
    co_return false;
  }
  bool all_taken = true;
  std::size_t asked = 0;
  for (const ContentDescriptor& layer : *layers) {
    if (asking.out_of_time) {
      co_return false;
    }
    if (!layer_may_be_evidence(artifact_type, layer.media_type)) {
      continue;
    }
    if (++asked > evidence_layers_max) {
      asking.fail(layer_problem(
          "too_large", what + ": more than " + std::to_string(evidence_layers_max) + " layers"));
      co_return false;
    }
    const bool taken = co_await take_layer(asking, layer, origin);
    all_taken = all_taken && taken;
  }
  co_return all_taken;
}

std::optional<RegistryProblem> EvidenceDiscovery::refusal_of(const Asking& asking,
                                                             const ContentDescriptor& layer) {
  const std::string what = "evidence " + layer.digest.str() + " in " + asking.place.repository;
  if (layer.size_bytes > evidence_bytes_max) {
    return layer_problem("too_large", what + " has " + std::to_string(layer.size_bytes) + " bytes");
  }
  if (asking.bytes_taken > 0 && asking.bytes_taken + layer.size_bytes > evidence_round_bytes_max) {
    RegistryProblem problem =
        layer_problem("too_large", what + " is left to the next round: this one took " +
                                       std::to_string(asking.bytes_taken) + " bytes");
    problem.retryable = true;
    return problem;
  }
  return std::nullopt;
}

asio::awaitable<bool> EvidenceDiscovery::take_layer(Asking& asking, ContentDescriptor layer,
                                                    EvidenceOrigin origin) {
  if (knowledge_.has_evidence(layer.digest, asking.subject)) {
    co_return true;
  }
  if (auto refusal = refusal_of(asking, layer)) {
    asking.fail(std::move(*refusal));
    co_return false;
  }
  // A manifest that names no size, or too small a one, must not get around the bound on memory.
  const bool is_large = layer.size_bytes == 0 || layer.size_bytes > large_evidence_bytes;
  const std::uint64_t bytes_max = is_large ? evidence_bytes_max : large_evidence_bytes;
  std::optional<FairGate::Pass> pass;
  if (is_large) {
    pass.emplace(co_await large_.enter(std::string("large evidence")));
  }
  auto blob = co_await client_.get_blob(asking.place.repository, layer.digest, bytes_max);
  if (!blob) {
    asking.fail(blob.error());
    co_return false;
  }
  asking.bytes_taken += blob->bytes.size();
  FoundEvidence found;
  found.repository = asking.repository;
  found.origin = origin;
  found.attached_to = asking.subject;
  found.digest = layer.digest.algorithm() == "sha256" ? layer.digest : sha256(blob->bytes);
  found.media_type = layer.media_type;
  found.bytes = std::move(blob->bytes);
  co_await sink_.evidence_found(std::move(found));
  co_return true;
}

asio::awaitable<std::optional<RegistryProblem>> EvidenceDiscovery::take_artifact(
    RepositoryKey repository, FetchedManifest fetched, Manifest manifest) {
  Asking asking;
  asking.repository = std::move(repository);
  asking.place = asking.repository;
  asking.subject = manifest.subject;
  if (!asking.subject.empty() && artifact_may_be_evidence(manifest.artifact_type)) {
    const bool all_taken = co_await take_layers(asking, std::move(fetched.bytes),
                                                manifest.artifact_type, EvidenceOrigin::referrer);
    if (!all_taken) {
      co_return std::move(asking.problem);
    }
  }
  sink_.manifest_found(asking.repository, std::move(manifest));
  co_return std::nullopt;
}

}  // namespace scanclock
