#include "core/registry/platform_join.hpp"

#include <unordered_set>
#include <utility>

namespace scanclock {

void PlatformJoin::platform_answered(const RepositoryKey& repository, const Digest& subject) {
  Answers& answers = answers_[repository.repository][subject];
  answers.of_platform = Answer::given;
  if (answers.of_registry == Answer::given) {
    sink_.evidence_answered(repository, subject);
  }
}

void PlatformJoin::platform_failed(const RepositoryKey& repository, const Digest& subject,
                                   const RegistryProblem& problem) {
  answers_[repository.repository][subject].of_platform = Answer::failed;
  sink_.evidence_failed(repository, subject, problem);
}

void PlatformJoin::evidence_answered(const RepositoryKey& repository, const Digest& subject) {
  Answers& answers = answers_[repository.repository][subject];
  answers.of_registry = Answer::given;
  if (answers.of_platform == Answer::given) {
    sink_.evidence_answered(repository, subject);
  } else if (answers.of_platform == Answer::unasked && on_unasked_) {
    on_unasked_(repository.repository);
  }
}

void PlatformJoin::evidence_failed(const RepositoryKey& repository, const Digest& subject,
                                   const RegistryProblem& problem) {
  answers_[repository.repository][subject].of_registry = Answer::failed;
  sink_.evidence_failed(repository, subject, problem);
}

void PlatformJoin::keep_subjects(const std::string& repository,
                                 const std::vector<Digest>& subjects) {
  const auto known = answers_.find(repository);
  if (known == answers_.end() || known->second.size() <= subjects.size()) {
    return;
  }
  const std::unordered_set<Digest> kept(subjects.begin(), subjects.end());
  std::erase_if(known->second, [&kept](const auto& entry) { return !kept.contains(entry.first); });
}

void PlatformJoin::manifest_found(const RepositoryKey& repository, Manifest manifest) {
  sink_.manifest_found(repository, std::move(manifest));
}

void PlatformJoin::tag_resolved(const RepositoryKey& repository, const std::string& tag,
                                const Digest& digest) {
  sink_.tag_resolved(repository, tag, digest);
}

void PlatformJoin::tags_listed(const RepositoryKey& repository,
                               const std::vector<std::string>& tags) {
  sink_.tags_listed(repository, tags);
}

void PlatformJoin::manifest_missing(const RepositoryKey& repository, const Digest& digest) {
  sink_.manifest_missing(repository, digest);
}

void PlatformJoin::manifest_present(const RepositoryKey& repository, const Digest& digest) {
  sink_.manifest_present(repository, digest);
}

boost::asio::awaitable<void> PlatformJoin::evidence_found(FoundEvidence evidence) {
  return sink_.evidence_found(std::move(evidence));
}

void PlatformJoin::image_pushed(const RepositoryKey& repository, const Digest& digest, TimePoint at,
                                EntryBasis basis) {
  sink_.image_pushed(repository, digest, at, basis);
}

void PlatformJoin::registry_answered(const std::string& registry) {
  sink_.registry_answered(registry);
}

void PlatformJoin::registry_failed(const std::string& registry, const RegistryProblem& problem) {
  sink_.registry_failed(registry, problem);
}

void PlatformJoin::request_made(const std::string& registry, const std::string& method, int code,
                                Duration took) {
  sink_.request_made(registry, method, code, took);
}

}  // namespace scanclock
