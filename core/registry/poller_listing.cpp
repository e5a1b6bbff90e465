// The half of the poller that reads lists: repositories and tags.
#include "core/registry/poller.hpp"
#include "core/runtime/log.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

RegistryProblem suspicious_drop(const std::string& what, std::size_t before, std::size_t retained) {
  RegistryProblem problem;
  problem.reason = "suspicious_drop";
  problem.message = what + ": only " + std::to_string(retained) + " of " + std::to_string(before) +
                    " known entries are still listed";
  return problem;
}

bool is_catalog_refusal(const RegistryProblem& problem) {
  return problem.reason == "unauthorized" || problem.reason == "forbidden" ||
         problem.reason == "not_found" || problem.reason == "bad_content";
}

}  // namespace

bool RegistryPoller::listing_failed(const std::string& repository, const RegistryProblem& problem) {
  unlisted_.insert(repository);
  sink_.registry_failed(options_.name, problem);
  note_health(false, &problem);
  return problem.retryable;
}

void RegistryPoller::listing_succeeded(const std::string& repository) {
  unlisted_.erase(repository);
  note_health(true, nullptr);
  if (!unlisted_.empty()) {
    return;
  }
  sink_.registry_answered(options_.name);
  end_cycle();
  for (const auto& [name, state] : repositories_) {
    unlisted_.insert(name);
  }
  if (uses_catalog_) {
    unlisted_.insert(std::string());
  }
}

void RegistryPoller::end_cycle() {
  const RequestCounts& counts = client_.transport().counts();
  RequestCycle cycle;
  cycle.heads = counts.heads - counts_before_cycle_.heads;
  cycle.referrers = counts.referrers - counts_before_cycle_.referrers;
  cycle.lists = counts.lists - counts_before_cycle_.lists;
  cycle.others = counts.others - counts_before_cycle_.others;
  cycle.started_at = cycle_started_at_;
  cycle.ended_at = clock_.now();
  last_cycle_ = cycle;
  counts_before_cycle_ = counts;
  cycle_started_at_ = cycle.ended_at;
}

asio::awaitable<bool> RegistryPoller::poll_catalog() {
  auto listed = co_await client_.catalog();
  if (!listed) {
    RegistryProblem problem = listed.error();
    if (is_catalog_refusal(problem)) {
      problem.message +=
          "\nHINT: if this registry has no catalog, list its repositories under "
          "repositories.include, without wildcards";
    }
    co_return listing_failed(std::string(), problem);
  }
  std::erase_if(*listed, [this](const std::string& repository) {
    return !options_.repositories.passes(repository);
  });
  const std::set<std::string> present(listed->begin(), listed->end());
  std::size_t before = 0;
  std::size_t retained = 0;
  for (const std::string& known : knowledge_.repositories(options_.name)) {
    if (options_.repositories.passes(known)) {
      ++before;
      retained += present.contains(known) ? 1 : 0;
    }
  }
  if (!catalog_guard_.believes(before, retained, clock_.now())) {
    const RegistryProblem problem =
        suspicious_drop("catalog of registry " + options_.name, before, retained);
    co_return listing_failed(std::string(), problem);
  }
  take_repositories(*listed);
  listing_succeeded(std::string());
  co_return false;
}

/// Repositories that are known but not listed any more are still asked: a list removes nothing.
void RegistryPoller::take_repositories(const std::vector<std::string>& listed) {
  for (const std::string& repository : listed) {
    watch_repository(repository, Schedule::First::at_once);
  }
  const std::set<std::string> present(listed.begin(), listed.end());
  for (auto entry = repositories_.begin(); entry != repositories_.end();) {
    const auto& [repository, state] = *entry;
    if (present.contains(repository) || !state.targets.empty() || !state.subjects.empty() ||
        !state.listed_at || repository == options_.attestation_repository) {
      ++entry;
      continue;
    }
    schedule_.remove(PollItem(PollKind::tag_list, repository, std::string()));
    unlisted_.erase(repository);
    entry = repositories_.erase(entry);
  }
}

asio::awaitable<bool> RegistryPoller::poll_tags(std::string repository) {
  auto listed = co_await client_.list_tags(repository);
  const bool is_unknown = !listed && listed.error().reason == "not_found";
  if (!repositories_.contains(repository)) {
    // The catalog dropped it meanwhile.
    co_return false;
  }
  if (!listed && !is_unknown) {
    co_return listing_failed(repository, listed.error());
  }
  // Distribution answers 404 for a repository whose last tag was deleted.
  std::vector<std::string> tags;
  if (listed) {
    tags = std::move(*listed);
  }
  const std::unordered_set<std::string> present(tags.begin(), tags.end());
  const auto known = knowledge_.tags(key_of(repository));
  const auto retained = static_cast<std::size_t>(
      std::count_if(known.begin(), known.end(),
                    [&present](const auto& tag) { return present.contains(tag.first); }));
  Repository& state = repositories_[repository];
  if (!state.guard.believes(known.size(), retained, clock_.now())) {
    const RegistryProblem problem =
        suspicious_drop("tag list of " + repository, known.size(), retained);
    co_return listing_failed(repository, problem);
  }
  take_tags(repository, sort_tags(std::move(tags), options_.tags));
  listing_succeeded(repository);
  co_return false;
}

void RegistryPoller::take_tags(const std::string& repository, TagView view) {
  if (holds_evidence_alone(repository)) {
    note_evidence_tags(repository, view);
    repositories_[repository].listed_at = clock_.monotonic();
    return;
  }
  // Before the tags are resolved: what a complete list lacked counts as new.
  sink_.tags_listed(key_of(repository), view.tags);
  watch_tags(repository, view);
  note_evidence_tags(repository, view);
  repositories_[repository].listed_at = clock_.monotonic();
  sync_subjects(repository);
  sync_untagged(repository);
}

void RegistryPoller::watch_tags(const std::string& repository, const TagView& view) {
  Repository& state = repositories_[repository];
  const std::unordered_set<std::string> present(view.tags.begin(), view.tags.end());
  std::erase_if(state.targets, [&](const auto& entry) {
    if (present.contains(entry.first)) {
      return false;
    }
    schedule_.remove(PollItem(PollKind::tag_check, repository, entry.first));
    return true;
  });
  for (const std::string& tag : view.tags) {
    if (state.targets.try_emplace(tag).second) {
      schedule_.add(PollItem(PollKind::tag_check, repository, tag), options_.tags_every,
                    Schedule::First::at_once, instant());
    }
  }
}

/// A new evidence tag is followed at once. In the first list after a start every tag looks new, so
/// there the subjects keep their turns.
void RegistryPoller::note_evidence_tags(const std::string& repository, TagView& view) {
  Repository& state = repositories_[repository];
  if (state.listed_at) {
    for (const std::string& tag : view.evidence_tags) {
      if (!state.evidence_tags.contains(tag)) {
        hurry_evidence(subject_of_tag(tag));
      }
    }
  }
  state.evidence_tags = std::move(view.evidence_tags);
}

void RegistryPoller::hurry_evidence(const Digest& subject) {
  for (const auto& [repository, state] : repositories_) {
    if (state.subjects.contains(subject)) {
      schedule_.ask_now(PollItem(PollKind::evidence, repository, subject.str()), instant());
    }
  }
}

bool RegistryPoller::holds_evidence_alone(const std::string& repository) const {
  return repository == options_.attestation_repository && !options_.repositories.passes(repository);
}

void RegistryPoller::sync_subjects(const std::string& repository) {
  Repository& state = repositories_[repository];
  std::unordered_set<Digest> current;
  for (const Digest& subject : knowledge_.subjects(key_of(repository))) {
    const PollItem item(PollKind::evidence, repository, subject.str());
    schedule_.add(item, period_of(item), Schedule::First::at_once, instant());
    current.insert(subject);
  }
  for (const Digest& subject : state.subjects) {
    if (!current.contains(subject)) {
      schedule_.remove(PollItem(PollKind::evidence, repository, subject.str()));
    }
  }
  state.subjects = std::move(current);
}

void RegistryPoller::collect_under(const Digest& digest, std::unordered_set<Digest>& into,
                                   int depth) const {
  into.insert(digest);
  const Manifest* manifest = knowledge_.manifest(digest);
  if (manifest == nullptr || depth > index_depth_max) {
    return;
  }
  for (const ManifestChild& child : manifest->children) {
    collect_under(child.digest, into, depth + 1);
  }
}

/// A tag list says nothing about images without a tag; whether they are still there only their
/// own digest tells.
void RegistryPoller::sync_untagged(const std::string& repository) {
  Repository& state = repositories_[repository];
  std::unordered_set<Digest> tagged;
  for (const auto& [tag, digest] : knowledge_.tags(key_of(repository))) {
    collect_under(digest, tagged, 0);
  }
  std::unordered_set<Digest> untagged;
  for (const Digest& subject : state.subjects) {
    if (!tagged.contains(subject)) {
      schedule_.add(PollItem(PollKind::presence, repository, subject.str()), options_.tags_every,
                    Schedule::First::in_turn, instant());
      untagged.insert(subject);
    }
  }
  for (const Digest& subject : state.untagged) {
    if (!untagged.contains(subject)) {
      schedule_.remove(PollItem(PollKind::presence, repository, subject.str()));
    }
  }
  state.untagged = std::move(untagged);
}

}  // namespace scanclock
