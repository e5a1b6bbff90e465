#pragma once

#include "core/domain/registry_ports.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

inline constexpr const char* sarif = "application/sarif+json";

/// What a daemon remembers of a registry, reduced to what the registry room needs, and a log of
/// what it was told.
class World final : public RegistrySink, public RegistryKnowledge {
 public:
  struct Place {
    std::map<std::string, Digest> tags;
    std::set<Digest> subjects;
  };

  void manifest_found(const RepositoryKey& repository, Manifest manifest) override {
    log.push_back("manifest " + manifest.digest.str());
    if (manifest.kind != ManifestKind::artifact) {
      places[repository].subjects.insert(manifest.digest);
    }
    manifests.emplace(manifest.digest, std::move(manifest));
  }
  void tag_resolved(const RepositoryKey& repository, const std::string& tag,
                    const Digest& digest) override {
    log.push_back("tag " + tag + " " + digest.str());
    places[repository].tags[tag] = digest;
  }
  void tags_listed(const RepositoryKey& repository, const std::vector<std::string>& tags) override {
    log.push_back("listed " + repository.repository + " " + std::to_string(tags.size()));
    std::erase_if(places[repository].tags, [&tags](const auto& entry) {
      return std::find(tags.begin(), tags.end(), entry.first) == tags.end();
    });
  }
  void manifest_missing(const RepositoryKey&, const Digest& digest) override {
    log.push_back("missing " + digest.str());
  }
  void manifest_present(const RepositoryKey&, const Digest& digest) override {
    log.push_back("present " + digest.str());
  }
  boost::asio::awaitable<void> evidence_found(FoundEvidence found) override {
    log.push_back("evidence " + found.digest.str());
    evidence.push_back(std::move(found));
    co_return;
  }
  void evidence_answered(const RepositoryKey&, const Digest& subject) override {
    log.push_back("answered " + subject.str());
  }
  void evidence_failed(const RepositoryKey&, const Digest& subject,
                       const RegistryProblem& problem) override {
    log.push_back("failed " + subject.str() + " " + problem.reason);
  }
  void image_pushed(const RepositoryKey&, const Digest& digest, TimePoint at,
                    EntryBasis basis) override {
    log.push_back("pushed " + digest.str());
    pushed[digest] = {at, basis};
  }
  void registry_answered(const std::string&) override { log.push_back("registry answered"); }
  void registry_failed(const std::string&, const RegistryProblem& problem) override {
    log.push_back("registry failed " + problem.reason);
  }
  void request_made(const std::string&, const std::string& method, int, Duration) override {
    ++requests[method];
  }

  const Manifest* manifest(const Digest& digest) const override {
    const auto known = manifests.find(digest);
    return known == manifests.end() ? nullptr : &known->second;
  }
  bool has_evidence(const Digest& digest, const Digest& attached_to) const override {
    return std::any_of(evidence.begin(), evidence.end(), [&](const FoundEvidence& found) {
      return found.digest == digest && found.attached_to == attached_to;
    });
  }
  std::vector<std::pair<std::string, Digest>> tags(const RepositoryKey& key) const override {
    const auto place = places.find(key);
    if (place == places.end()) {
      return {};
    }
    return {place->second.tags.begin(), place->second.tags.end()};
  }
  std::vector<std::string> repositories(const std::string& registry) const override {
    std::vector<std::string> names;
    for (const auto& [key, place] : places) {
      if (key.registry == registry) {
        names.push_back(key.repository);
      }
    }
    return names;
  }
  std::vector<Digest> subjects(const RepositoryKey& key) const override {
    const auto place = places.find(key);
    if (place == places.end()) {
      return {};
    }
    return {place->second.subjects.begin(), place->second.subjects.end()};
  }
  bool is_urgent(const Digest& subject) const override { return urgent.contains(subject); }

  /// How often a line of the log begins so.
  std::size_t count(const std::string& beginning) const {
    return static_cast<std::size_t>(std::count_if(
        log.begin(), log.end(),
        [&beginning](const std::string& line) { return line.starts_with(beginning); }));
  }
  /// Position of the first such line; the log's size when there is none.
  std::size_t position(const std::string& beginning) const {
    return static_cast<std::size_t>(std::find_if(log.begin(), log.end(),
                                                 [&beginning](const std::string& line) {
                                                   return line.starts_with(beginning);
                                                 }) -
                                    log.begin());
  }

  std::map<Digest, Manifest> manifests;
  std::map<RepositoryKey, Place> places;
  std::vector<FoundEvidence> evidence;
  std::set<Digest> urgent;
  std::map<Digest, std::pair<TimePoint, EntryBasis>> pushed;
  std::vector<std::string> log;
  std::map<std::string, std::uint64_t> requests;
};

}  // namespace scanclock
