#pragma once

#include "core/domain/changes.hpp"
#include "core/domain/deadline_queue.hpp"
#include "core/domain/digest_graph.hpp"
#include "core/domain/records.hpp"
#include "core/domain/scope.hpp"
#include "core/domain/view_guard.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scanclock {

/// What the last reevaluate() touched: the subjects that alert rules must look at again.
struct Touched {
  std::set<Digest> images;
  std::set<ContainerKey> containers;

  bool empty() const { return images.empty() && containers.empty(); }
};

/// Push times of images that are not known yet; the oldest hint goes first.
inline constexpr std::size_t early_pushes_max = 10000;

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
  /// The registry says when the manifest came in. A hint: it creates no image, it may come before
  /// the image is known, and only an earlier moment than the known entry counts, for an image that
  /// is pushed again has been there before. A time in the future or before the year 2000 is none.
  void note_pushed(const RepositoryKey& key, const Digest& digest, TimePoint at, EntryBasis basis,
                   TimePoint now);

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
  /// What the trust of this evidence is judged by at present, whether it is known or not.
  TrustGround ground_of(const Evidence& evidence) const;
  Observation observation(const ImageRecord& image) const;
  /// Nothing was learned about the image during a gap in which no daemon watched its registries:
  /// places of it have not been asked since. Nothing when all have been, or there was no gap.
  struct Gap {
    TimePoint from;
    TimePoint to;
  };
  std::optional<Gap> unasked_gap(const ImageRecord& image) const;
  /// The part of a registry's images whose evidence could not be asked for, from 0 to 1.
  double unreadable_share(const std::string& registry) const;
  /// How many images stand in a registry, in whatever state its newest cycle is.
  std::uint64_t images_in(const std::string& registry) const;
  /// What a source shows: of a registry what is known by now, for its first listing ends before its
  /// images are read; of others what their newest answer held.
  std::uint64_t members_of(const SourceStatus& source) const;

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
    /// Of an index: its first 404. Images keep theirs in their location.
    std::optional<TimePoint> missing_since;
  };
  struct Repository {
    std::map<std::string, Digest> tags;
    std::map<Digest, std::set<std::string>> tags_by_target;
    std::map<Digest, SubjectAnswer> subjects;
    /// How many subjects are failing.
    std::size_t failing = 0;
    /// Digests that something points at and whose manifests could not be had.
    std::set<Digest> unreadable;
    /// Tags of the first complete listing that were not resolved yet: what they point at was there
    /// when monitoring began.
    std::set<std::string> initial_tags;
    /// Images that came in and that no tag has pointed at since.
    std::set<Digest> arriving;
    bool listed = false;
  };

  void place(const RepositoryKey& key, const Digest& digest, TimePoint now);
  void place_image(const RepositoryKey& key, const Digest& image, TimePoint now);
  void add_subject(const RepositoryKey& key, const Digest& digest);
  void remove_subject(const RepositoryKey& key, const Digest& digest);
  void take_early_push(const RepositoryKey& key, const Digest& digest);
  void improve_entry(Location& location, const Digest& image, TimePoint at, EntryBasis basis);
  void note_arrival(const RepositoryKey& key, const Digest& target, bool was_there_before);
  void point_tag(Repository& repository, const std::string& tag, const Digest& target);
  void refresh_tags(const RepositoryKey& key, const Digest& target);
  void rejoin_twins(const Digest& image);
  void note_index_missing(const RepositoryKey& key, const Digest& digest, Duration cycle,
                          TimePoint now);
  void refresh_observation(const RepositoryKey& key, const Digest& subject);
  void refresh_observation_of(const RepositoryKey& key, const Repository& repository,
                              ImageRecord& image);
  void judge(EvidenceRecord& record, TimePoint now);
  void index_evidence(const EvidenceRecord& record);
  void mark_subject_dirty(const Digest& digest);
  void upsert_container(const std::string& source, const ContainerObservation& container,
                        TimePoint now);
  void end_container(ContainerRecord& container, TimePoint now);
  void index_container(const ContainerRecord& container);
  void drop_container(const ContainerKey& key);
  void leave_image(const ContainerKey& key, const Digest& image);
  void follow_growth(TimePoint now);

  /// Not asked about since restore().
  bool is_unasked(const Location& location) const;
  void restore_tags(const Snapshot& snapshot);
  void restore_locations(const Snapshot& snapshot);
  void restore_evidence(const Snapshot& snapshot);
  void apply_scope(TimePoint now);

  Digest preferred_twin(const ContainerRecord& container, const Digest& image) const;
  void evaluate_container_join(ContainerRecord& container, TimePoint now, Touched& touched);
  void evaluate_image(ImageRecord& image, TimePoint now);
  void evaluate_verdict(ContainerRecord& container);
  std::set<Digest> evidence_subjects_of(const Digest& image) const;
  std::vector<Place> places_of(const ImageRecord& image) const;
  /// What a piece of evidence says about one image; worked out once for all policies.
  struct CoveringEvidence {
    const EvidenceRecord* record = nullptr;
    Coverage coverage = Coverage::none;
  };
  ImageFacts facts_for(const ImageRecord& image, const VersionedPolicy& policy,
                       const std::vector<CoveringEvidence>& evidence) const;
  void choose_last_scan(ImageRecord& image, const std::vector<CoveringEvidence>& evidence);

  Scope scope_;
  DigestGraph graph_;
  std::map<Digest, ImageRecord> images_;
  std::map<RepositoryKey, Repository> repositories_;
  std::map<EvidenceKey, EvidenceRecord> evidence_;
  std::unordered_map<Digest, std::set<EvidenceKey>> evidence_by_subject_;
  /// By what only a report inside an attestation names.
  std::unordered_map<Digest, std::set<EvidenceKey>> evidence_by_inner_subject_;
  std::map<ContainerKey, ContainerRecord> containers_;
  std::map<Digest, std::set<ContainerKey>> containers_by_image_;
  /// By every digest that the runtime has ever printed for them.
  std::unordered_map<Digest, std::set<ContainerKey>> containers_by_digest_;
  std::map<std::string, ViewGuard> guards_;
  DeadlineQueue deadlines_;
  struct EarlyPush {
    TimePoint at;
    EntryBasis basis = EntryBasis::push_event;
  };
  using PushKey = std::pair<RepositoryKey, Digest>;
  std::map<PushKey, EarlyPush> early_pushes_;
  /// In the order of noting; may name hints that were taken meanwhile.
  std::deque<PushKey> early_push_order_;

  std::set<Digest> dirty_images_;
  std::set<ContainerKey> dirty_containers_;
  /// Manifests that came into the graph since the last evaluation.
  std::vector<Digest> grown_;
  ChangeSet changes_;
  std::set<Digest> changed_images_;
  std::set<std::pair<Digest, RepositoryKey>> changed_locations_;
  /// When restore() took place, and until when each registry had been watched before.
  std::optional<TimePoint> restored_at_;
  std::map<std::string, TimePoint> watched_to_;
};

}  // namespace scanclock
