#pragma once

#include "core/domain/changes.hpp"
#include "core/domain/container_table.hpp"
#include "core/domain/deadline_queue.hpp"
#include "core/domain/digest_graph.hpp"
#include "core/domain/records.hpp"
#include "core/domain/scope.hpp"
#include "core/domain/view_guard.hpp"
#include "core/domain/workload_look.hpp"

#include <boost/container/flat_set.hpp>

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace scanclock {

/// What the last reevaluate() touched: the subjects that alert rules must look at again.
struct Touched {
  /// Also those whose tags, places or indexes changed.
  std::set<Digest> images;
  /// Those whose image is not known, or was not before, and those that ended. For all others their
  /// image is in `images`.
  std::set<ContainerKey> containers;
  /// What was printed of containers that ended, or of which something else is printed now.
  std::map<const ContainerImage*, Interned<ContainerImage>> left{};

  bool empty() const { return images.empty() && containers.empty() && left.empty(); }
};

/// What Inventory::reevaluate() counts its work in: conclusions about single containers. An image,
/// or a way of printing one, costs as much as so many.
inline constexpr std::size_t reevaluation_of_image = 16;
inline constexpr std::size_t reevaluation_of_group = 4;
inline constexpr std::size_t all_at_once = std::numeric_limits<std::size_t>::max();

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
  /// A checked manifest that stands in no monitored registry. It tells which content a digest
  /// means, and makes no image known.
  void learn_manifest(Manifest manifest);
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

  /// False when the report is doubted (rule 8): what it shows counts, what it lacks has not ended.
  bool observe(const WorkloadReport& report, TimePoint now);
  /// The same in pieces that touch about so many containers; the look is done once it says so.
  /// Until then no reevaluate(), for a report is concluded from as a whole, and nothing else about
  /// the source; other sources may speak in between.
  void go_on(WorkloadLook& look, std::size_t containers_max, TimePoint now);
  /// What events told: ends only what they name. False when so much ended at once that it is
  /// doubted: those ends wait until the source's next complete look, or suspicious_drop_hold.
  bool apply(const WorkloadChanges& changes, TimePoint now);
  /// An operator says that what a source lost is really gone. True when a loss was doubted.
  bool confirm_drop(const std::string& source, TimePoint now);
  /// An operator says that the source is gone for good: all that it showed has ended.
  void end_source(const std::string& source, TimePoint now);
  /// Whether containers of the source are believed to run.
  bool shows_running(const std::string& source) const;

  /// Recomputes what facts or the passing of time have changed, or as much of it as `work_max`
  /// allows: while it is_behind() there is more to do, and what is known by then is not of one
  /// moment.
  Touched reevaluate(TimePoint now, std::size_t work_max = all_at_once);
  bool is_behind() const;
  /// When time alone changes something next.
  std::optional<TimePoint> next_change_at() const;
  ChangeSet take_changes();

  const DigestGraph& graph() const { return graph_; }
  const std::map<Digest, ImageRecord>& images() const { return images_; }
  const ImageRecord* image(const Digest& digest) const;
  /// Running ones, and those that ended since the last reevaluate().
  const ContainerTable& containers() const { return containers_; }
  const EvidenceRecord* evidence(const EvidenceKey& key) const;
  const std::map<EvidenceKey, EvidenceRecord>& all_evidence() const { return evidence_; }

  /// Live containers that were joined to the image, by group; within a workload in no order.
  std::vector<const ContainerRecord*> containers_of(const Digest& image) const;
  /// The same in groups, without a walk over all containers.
  std::vector<const ImageGroup*> groups_of(const Digest& image) const;
  /// Live containers of this reference, as printed.
  std::vector<const ContainerRecord*> containers_named(const std::string& image) const;
  std::vector<const ImageGroup*> groups_named(const std::string& image) const;
  /// Groups for which this digest was printed, now or before.
  std::vector<const ImageGroup*> groups_printing(const Digest& digest) const;
  /// All references of live containers, as printed; one may be empty.
  std::vector<std::string> container_references() const;
  /// Whether the tag that a joined container was started by names other content now, as far as the
  /// monitored registries know; nothing where they do not. News, and no verdict (reference R11).
  std::optional<bool> tag_moved(const ContainerRecord& container) const;
  /// The registry hosts that references of live containers name.
  std::vector<std::string> container_hosts() const;
  /// Groups of live containers whose reference names a repository of this host.
  std::vector<const ImageGroup*> groups_from(const std::string& host) const;
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
  struct TagTarget {
    Digest digest;
    /// When the tag was first seen to point there.
    TimePoint since;
  };
  struct SubjectAnswer {
    std::optional<TimePoint> answered_at;
    std::optional<TimePoint> failing_since;
    std::string failure;
    /// Of an index: its first 404. Images keep theirs in their location.
    std::optional<TimePoint> missing_since;
  };
  struct Repository {
    std::map<std::string, TagTarget> tags;
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
  void point_tag(Repository& repository, const std::string& tag, const Digest& target,
                 TimePoint since);
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
                        ContainerRecord* known, TimePoint now);
  void end_container(ContainerRecord& container, TimePoint now);
  void end_held(const std::string& source, TimePoint now);
  void end_overdue_held(TimePoint now);
  void join_group(ContainerRecord& container);
  void leave_group(ContainerRecord& container);
  void drop_group(ImageGroup& group);
  void place_group(WorkloadGroup& workload);
  void rejoin_tag(const RepositoryKey& key, const std::string& tag);
  ContainerObservation with_assumed_image(const ContainerObservation& container,
                                          const ContainerRecord* known, TimePoint now) const;
  std::optional<TagTarget> find_tag(const std::string& reference) const;
  void follow_growth(TimePoint now);

  /// Not asked about since restore().
  bool is_unasked(const Location& location) const;
  void restore_tags(const Snapshot& snapshot);
  void restore_locations(const Snapshot& snapshot);
  void restore_evidence(const Snapshot& snapshot);
  void apply_scope(TimePoint now);

  void record_verdict(ContainerRecord& container, TimePoint now);
  void record_observation(ImageRecord& image, TimePoint now);

  Digest preferred_twin(const ContainerImage& printed, const Digest& image) const;
  void evaluate_join(ImageGroup& group);
  void evaluate_image(ImageRecord& image, TimePoint now);
  void judge_image(ImageRecord& image);
  void name_owner(ImageRecord& image, const std::vector<Place>& places);
  void conclude(ContainerRecord& container);
  void conclude(ImageGroup& group);
  /// These take what they do off `work`, and stop when there is none left.
  void evaluate_groups(std::size_t& work);
  void evaluate_images(Touched& touched, std::size_t& work, TimePoint now);
  void note_conclusions(Touched& touched, std::size_t& work, TimePoint now);
  void note_conclusion(ContainerRecord& container, Touched& touched, TimePoint now);
  void forget_ended(Touched& touched, std::size_t& work);
  /// The phases of a look.
  void find_shown(WorkloadLook& look, std::size_t& room);
  void mark_unchanged(WorkloadLook& look, std::size_t& room, TimePoint now);
  void find_absent(WorkloadLook& look, std::size_t& room) const;
  void note_shown(WorkloadLook& look, std::size_t& room, TimePoint now);
  void end_absent(WorkloadLook& look, std::size_t& room, TimePoint now);
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
  struct ByPrinted {
    bool operator()(const ImageGroup* left, const ImageGroup* right) const {
      return *left->printed < *right->printed;
    }
  };
  using Groups = std::set<ImageGroup*, ByPrinted>;
  /// Mostly one.
  using FewGroups = boost::container::flat_set<ImageGroup*, ByPrinted>;

  ContainerPools pools_;
  ContainerTable containers_;
  /// By the address of what was printed, which the pool keeps once.
  std::unordered_map<const ContainerImage*, ImageGroup> groups_;
  std::unordered_map<Digest, FewGroups> groups_by_image_;
  /// By every digest that a runtime has ever printed for their containers.
  std::unordered_map<Digest, FewGroups> groups_by_digest_;
  /// By reference as printed.
  std::unordered_map<std::string, FewGroups> groups_by_name_;
  std::map<std::string, Groups> groups_by_host_;
  /// Of those alone that are told by a tag.
  std::map<std::string, Groups> groups_by_tag_host_;
  ViewGuards guards_;
  /// Ends that events told and that are doubted.
  struct HeldEnds {
    TimePoint since;
    std::set<ContainerId> ids;
  };
  std::map<std::string, HeldEnds, std::less<>> held_ends_;
  std::map<std::string, std::size_t> living_;
  std::uint32_t look_ = 0;
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
  std::unordered_set<ImageGroup*> dirty_groups_;
  /// Containers about which something else may be concluded now.
  std::deque<ContainerRecord*> concluded_;
  /// The same of all members.
  std::unordered_set<WorkloadGroup*> concluded_workloads_;
  std::set<ContainerRecord*> ended_;
  /// What was printed of containers that left their groups.
  std::map<const ContainerImage*, Interned<ContainerImage>> left_;
  /// Manifests that came into the graph since the last evaluation.
  std::vector<Digest> grown_;
  /// What is told of the containers of a group, within one reevaluate().
  struct Told {
    Interned<Conclusion> conclusion;
    std::uint64_t mark = 0;
  };
  std::unordered_map<const WorkloadGroup*, Told> told_;
  ChangeSet changes_;
  std::set<Digest> changed_images_;
  std::set<std::pair<Digest, RepositoryKey>> changed_locations_;
  /// When restore() took place, and until when each registry had been watched before.
  std::optional<TimePoint> restored_at_;
  std::map<std::string, TimePoint> watched_to_;
};

}  // namespace scanclock
