#pragma once

#include "core/domain/changes.hpp"
#include "core/domain/deadline_queue.hpp"
#include "core/domain/digest_graph.hpp"
#include "core/domain/records.hpp"
#include "core/domain/scope.hpp"
#include "core/domain/view_guard.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace scanclock {

/// What the last reevaluate() touched: the subjects that alert rules must look at again.
struct Touched {
  std::set<Digest> images;
  std::set<ContainerKey> containers;

  bool empty() const { return images.empty() && containers.empty(); }
};

/// Everything the daemon knows, in memory: images, where they stand, evidence about them, what
/// runs, and the state that follows from it. Methods note facts; reevaluate() draws conclusions.
/// What must be stored accumulates until take_changes(). No I/O, no clock: `now` is a parameter.
class Inventory {
 public:
  explicit Inventory(Scope scope);

  /// Once, before anything else. What it restores is not reported as a change.
  void restore(const Snapshot& snapshot, TimePoint now);
  /// Other rules from now on; evidence is judged again where a policy's version is new.
  void set_scope(Scope scope, TimePoint now);
  const Scope& scope() const { return scope_; }

  void add_manifest(const RepositoryKey& key, Manifest manifest, TimePoint now);
  void set_tag(const RepositoryKey& key, const std::string& tag, const Digest& digest,
               TimePoint now);
  /// A complete listing: tags that it lacks are gone, images stay.
  void keep_tags(const RepositoryKey& key, const std::vector<std::string>& tags, TimePoint now);
  /// A 404 by digest; the second one, at least `cycle` after the first, removes the image there.
  void note_missing(const RepositoryKey& key, const Digest& digest, Duration cycle, TimePoint now);
  void note_present(const RepositoryKey& key, const Digest& digest, TimePoint now);
  void note_evidence_answered(const RepositoryKey& key, const Digest& subject, TimePoint now);
  void note_evidence_failed(const RepositoryKey& key, const Digest& subject,
                            const std::string& reason, TimePoint now);

  /// Judges the evidence under every policy. False when exactly this evidence is known already.
  bool add_evidence(Evidence evidence, std::string bytes, TimePoint now);

  /// False when the report is doubted (rule 8): nothing was applied.
  bool observe(const WorkloadReport& report, TimePoint now);
  /// A container of which only an event tells; ends nothing.
  void observe_started(const std::string& source, const ContainerObservation& container,
                       TimePoint now);
  void confirm_drop(const std::string& source) { guards_[source].confirm(); }

  /// Recomputes what facts or the passing of time have changed.
  Touched reevaluate(TimePoint now);
  /// When time alone changes something next.
  std::optional<TimePoint> next_change_at() const { return deadlines_.next(); }
  ChangeSet take_changes();

  const DigestGraph& graph() const { return graph_; }
  const std::map<Digest, ImageRecord>& images() const { return images_; }
  const ImageRecord* image(const Digest& digest) const;
  const std::map<ContainerKey, ContainerRecord>& containers() const { return containers_; }
  const EvidenceRecord* evidence(const EvidenceKey& key) const;
  const std::map<EvidenceKey, EvidenceRecord>& all_evidence() const { return evidence_; }

  /// Live containers that were joined to the image.
  std::vector<const ContainerRecord*> containers_of(const Digest& image) const;
  /// Evidence that names the image, an index above it or the same content, newest first.
  std::vector<const EvidenceRecord*> evidence_of(const Digest& image) const;
  Observation observation(const ImageRecord& image) const;
  /// The part of a registry's images whose evidence could not be asked for, from 0 to 1.
  double unreadable_share(const std::string& registry) const;

  std::vector<std::pair<std::string, Digest>> tags(const RepositoryKey& key) const;
  std::vector<std::string> repositories(const std::string& registry) const;
  /// Index and image digests that are not removed from the repository.
  std::vector<Digest> subjects(const RepositoryKey& key) const;
  /// The image or images that a digest of any kind stands for, sorted.
  std::vector<Digest> images_of(const Digest& digest) const;

 private:
  struct SubjectAnswer {
    std::optional<TimePoint> answered_at;
    std::optional<TimePoint> failing_since;
    std::string failure;
  };
  struct Repository {
    std::map<std::string, Digest> tags;
    std::map<Digest, SubjectAnswer> subjects;
    /// Digests that something points at and whose manifests could not be had.
    std::set<Digest> unreadable;
    /// Tags of the first complete listing: what was there when monitoring began.
    std::set<std::string> initial_tags;
    bool listed = false;
    TimePoint listed_at;
  };

  void place(const RepositoryKey& key, const Digest& digest, TimePoint now);
  void place_image(const RepositoryKey& key, const Digest& image, TimePoint now);
  void note_arrival(const RepositoryKey& key, const Digest& target);
  void refresh_tags(const RepositoryKey& key, const Digest& target);
  void location_changed(const Digest& image, const Location& location);
  void refresh_observation(const RepositoryKey& key, const Digest& subject);
  void judge(EvidenceRecord& record, TimePoint now);
  void index_evidence(const EvidenceRecord& record);
  void mark_subject_dirty(const Digest& digest);
  void upsert_container(const std::string& source, const ContainerObservation& container,
                        TimePoint now);
  void end_container(ContainerRecord& container, TimePoint now);
  void rejudge_unrelated(TimePoint now);

  void evaluate_container_join(ContainerRecord& container, TimePoint now, Touched& touched);
  void evaluate_image(ImageRecord& image, TimePoint now);
  void evaluate_verdict(ContainerRecord& container);
  std::set<Digest> evidence_subjects_of(const Digest& image) const;
  std::vector<Place> places_of(const ImageRecord& image) const;
  ImageFacts facts_for(const ImageRecord& image, const VersionedPolicy& policy,
                       const std::vector<const EvidenceRecord*>& evidence) const;
  void choose_last_scan(ImageRecord& image, const std::vector<const EvidenceRecord*>& evidence);

  Scope scope_;
  DigestGraph graph_;
  std::map<Digest, ImageRecord> images_;
  std::map<RepositoryKey, Repository> repositories_;
  std::map<EvidenceKey, EvidenceRecord> evidence_;
  std::unordered_map<Digest, std::set<EvidenceKey>> evidence_by_subject_;
  std::map<ContainerKey, ContainerRecord> containers_;
  std::map<Digest, std::set<ContainerKey>> containers_by_image_;
  std::map<std::string, ViewGuard> guards_;
  DeadlineQueue deadlines_;

  std::set<Digest> dirty_images_;
  std::set<ContainerKey> dirty_containers_;
  bool graph_grew_ = false;
  ChangeSet changes_;
  std::set<Digest> changed_images_;
};

}  // namespace scanclock
