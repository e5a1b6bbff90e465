// The half of the poller that asks about single tags and digests.
#include "core/registry/evidence_candidates.hpp"
#include "core/registry/poller.hpp"
#include "core/runtime/log.hpp"

#include <utility>

namespace scanclock {

asio::awaitable<bool> RegistryPoller::check_tag(std::string repository, std::string tag) {
  const auto digest = co_await client_.head_manifest(repository, tag);
  const RepositoryKey key = key_of(repository);
  // Looked up after each wait, because a listing may have changed what is watched.
  const auto watched = [this, &repository, &tag]() -> Digest* {
    const auto state = repositories_.find(repository);
    if (state == repositories_.end()) {
      return nullptr;
    }
    const auto target = state->second.targets.find(tag);
    return target == state->second.targets.end() ? nullptr : &target->second;
  };
  Digest* target = watched();
  if (target == nullptr) {
    co_return false;
  }
  if (!digest) {
    const RegistryProblem problem = digest.error();
    note_health(false, &problem);
    log::debug("registry", "{}: {}", options_.name, problem.message);
    // A tag that is gone is for the next list to say.
    if (problem.reason != "not_found" && !target->empty()) {
      sink_.evidence_failed(key, *target, problem);
    }
    // A tag is listed a moment before it stands, in docker-registry.
    co_return problem.retryable || (problem.reason == "not_found" && target->empty());
  }
  note_health(true, nullptr);
  if (*target == *digest) {
    sink_.tag_resolved(key, tag, *digest);
    co_return false;
  }
  Digest found = *digest;
  auto problem = co_await images_.ensure(key, found);
  if (!problem && knowledge_.manifest(found) == nullptr) {
    problem = co_await see_through_head(key, tag, found);
  }
  const bool is_known = knowledge_.manifest(found) != nullptr;
  if (is_known) {
    sink_.tag_resolved(key, tag, found);
    watch_subjects_under(repository, found, Schedule::First::at_once, 0);
  }
  target = watched();
  if (target != nullptr) {
    // Left empty, the tag's tree is completed at its next turn.
    *target = problem || !is_known ? Digest() : found;
  }
  co_return problem && problem->retryable;
}

asio::awaitable<std::optional<RegistryProblem>> RegistryPoller::see_through_head(RepositoryKey key,
                                                                                 std::string tag,
                                                                                 Digest& found) {
  const auto fetched = co_await client_.get_manifest(key.repository, tag);
  if (!fetched) {
    if (fetched.error().reason == "not_found") {
      // The tag was deleted meanwhile; that is for the next list to say.
      co_return std::nullopt;
    }
    co_return fetched.error();
  }
  if (fetched->digest == found) {
    co_return std::nullopt;
  }
  log::debug("registry", "{}: HEAD of {}:{} named {}, which is no manifest; it is {}",
             options_.name, key.repository, tag, found.short_form(), fetched->digest.short_form());
  client_.disprove_head(key.repository, found);
  found = fetched->digest;
  co_return co_await images_.ensure(key, found);
}

void RegistryPoller::watch_subjects_under(const std::string& repository, const Digest& digest,
                                          Schedule::First first, int depth) {
  const Manifest* manifest = knowledge_.manifest(digest);
  if (manifest == nullptr || manifest->kind == ManifestKind::artifact || depth > index_depth_max) {
    return;
  }
  const PollItem item(PollKind::evidence, repository, digest.str());
  schedule_.add(item, period_of(item), first, instant());
  repositories_[repository].subjects.insert(digest);
  for (const ManifestChild& child : manifest->children) {
    if (child.runnable) {
      watch_subjects_under(repository, child.digest, first, depth + 1);
    }
  }
}

EvidencePlaces RegistryPoller::place_of(const std::string& repository,
                                        const Digest& subject) const {
  EvidencePlaces places;
  places.repository = repository;
  const auto state = repositories_.find(repository);
  if (state == repositories_.end() || !state->second.listed_at) {
    return places;
  }
  places.list_is_fresh = clock_.monotonic() - *state->second.listed_at <= 2 * options_.tags_every;
  places.has_fallback_tag = state->second.evidence_tags.contains(subject.referrers_tag());
  places.has_attestation_tag = state->second.evidence_tags.contains(attestation_tag(subject));
  return places;
}

std::vector<EvidencePlaces> RegistryPoller::places_of(const std::string& repository,
                                                      const Digest& subject) const {
  std::vector<EvidencePlaces> places;
  places.push_back(place_of(repository, subject));
  const std::string& elsewhere = options_.attestation_repository;
  if (!elsewhere.empty() && elsewhere != repository) {
    places.push_back(place_of(elsewhere, subject));
  }
  return places;
}

/// After a start: one list now saves asking for two tags of every subject until its turn.
asio::awaitable<void> RegistryPoller::list_before_asking(std::string repository) {
  const auto state = repositories_.find(repository);
  if (state != repositories_.end() && !state->second.listed_at && !state->second.hurried) {
    state->second.hurried = true;
    co_await poll_tags(repository);
  }
}

asio::awaitable<bool> RegistryPoller::ask_evidence(std::string repository, Digest subject) {
  co_await list_before_asking(repository);
  co_await list_before_asking(options_.attestation_repository);
  std::vector<EvidencePlaces> places = places_of(repository, subject);
  const auto problem = co_await evidence_.discover(key_of(repository), subject, std::move(places));
  note_health(!problem, problem ? &*problem : nullptr);
  co_return problem && problem->retryable;
}

asio::awaitable<bool> RegistryPoller::check_presence(std::string repository, Digest digest) {
  const auto found = co_await client_.head_manifest(repository, digest.str());
  const RepositoryKey key = key_of(repository);
  if (found) {
    sink_.manifest_present(key, digest);
  } else if (found.error().reason == "not_found") {
    sink_.manifest_missing(key, digest);
  } else {
    const RegistryProblem problem = found.error();
    sink_.evidence_failed(key, digest, problem);
    note_health(false, &problem);
    co_return problem.retryable;
  }
  note_health(true, nullptr);
  co_return false;
}

asio::awaitable<void> RegistryPoller::refresh(std::string repository, Digest digest) {
  co_await refresh_all(std::move(repository), std::move(digest));
}

asio::awaitable<std::optional<RegistryProblem>> RegistryPoller::refresh_all(std::string repository,
                                                                            Digest digest) {
  const RepositoryKey key = key_of(repository);
  std::optional<RegistryProblem> problem = co_await images_.ensure(key, digest);
  std::unordered_set<Digest> family;
  collect_under(digest, family, 0);
  for (const Digest& subject : knowledge_.subjects(key)) {
    const Manifest* manifest = knowledge_.manifest(subject);
    if (manifest != nullptr && manifest->kind == ManifestKind::index) {
      std::unordered_set<Digest> under;
      collect_under(subject, under, 0);
      if (under.contains(digest)) {
        family.insert(subject);
      }
    }
  }
  for (const Digest& member : family) {
    const Manifest* manifest = knowledge_.manifest(member);
    if (manifest == nullptr || manifest->kind == ManifestKind::artifact) {
      continue;
    }
    std::vector<EvidencePlaces> places = places_of(repository, member);
    for (EvidencePlaces& place : places) {
      place.list_is_fresh = false;
    }
    auto failed = co_await evidence_.discover(key, member, std::move(places));
    if (failed && !problem) {
      problem = std::move(failed);
    }
  }
  note_health(!problem, problem ? &*problem : nullptr);
  if (repositories_.contains(repository)) {
    // All of them were asked just now.
    watch_subjects_under(repository, digest, Schedule::First::in_turn, 0);
  }
  co_return std::move(problem);
}

}  // namespace scanclock
