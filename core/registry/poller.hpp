#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/domain/source.hpp"
#include "core/domain/view_guard.hpp"
#include "core/registry/distribution_client.hpp"
#include "core/registry/evidence_discovery.hpp"
#include "core/registry/image_fetcher.hpp"
#include "core/registry/options.hpp"
#include "core/registry/schedule.hpp"
#include "core/registry/tag_view.hpp"
#include "core/runtime/task_group.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace scanclock {

/// Watches one registry: lists repositories and tags, resolves tags, asks for evidence, checks that
/// untagged images are still there. What it learns goes to the sink; what is known it takes from
/// the knowledge, so that nothing immutable is fetched twice. A failure in one repository stops
/// no other. I/O thread only.
class RegistryPoller {
 public:
  /// Throws std::invalid_argument when `options.url` is no http or https URL. `pool` reads
  /// credential files and hashes large evidence; without one both happen in place.
  RegistryPoller(RegistryOptions options, Clock& clock, HttpClient& http, RegistrySink& sink,
                 const RegistryKnowledge& knowledge, BlockingPool* pool = nullptr);
  RegistryPoller(const RegistryPoller&) = delete;
  RegistryPoller& operator=(const RegistryPoller&) = delete;

  /// Polls until cancelled; ends with boost::system::system_error(operation_aborted) after its
  /// tasks have ended. Once only.
  asio::awaitable<void> run();

  /// Asks everything about the digest now, also about the images under an index and the indexes
  /// above an image. Evidence tags are asked directly, not looked up in a list. The outcome is what
  /// the sink is told.
  asio::awaitable<void> refresh(std::string repository, Digest digest);

  /// Puts a refresh first in the queue of run(): for a running digest that was not seen before.
  void subject_appeared(const std::string& repository, const Digest& digest);

  /// Something may have changed in the repository: its list, or the catalog where it is not known
  /// yet, and the tag where one is given, are asked for ahead of their turns. Does nothing for what
  /// is not watched.
  void hasten(const std::string& repository, const std::string& tag);

  /// The operator says that what looks like a suspicious drop is real: it is asked for again at
  /// once. False when nothing is doubted; a later drop is then doubted as ever.
  bool confirm_drop();

  /// When something is asked next; nothing before run() and while the registry is left alone.
  std::optional<TimePoint> next_poll_at() const;
  /// Requests sent to the registry, token requests left out.
  std::uint64_t requests() const { return client_.transport().counts().all(); }
  /// What the newest whole listing cycle cost; nothing before the first has ended.
  const std::optional<RequestCycle>& last_cycle() const { return last_cycle_; }

 private:
  struct Repository {
    ViewGuard guard;
    /// Monotonic time of the last believed tag list.
    std::optional<Duration> listed_at;
    /// A list was asked for ahead of its turn.
    bool hurried = false;
    /// Every watched tag and what it points at; empty while that is not wholly known.
    std::unordered_map<std::string, Digest> targets;
    std::unordered_set<std::string> evidence_tags;
    std::unordered_set<Digest> subjects;
    std::unordered_set<Digest> untagged;
  };
  struct Turn;

  void seed();
  void adopt(const std::string& repository);
  void watch_repository(const std::string& repository, Schedule::First first);
  asio::awaitable<void> dispatch(TaskGroup& group);
  asio::awaitable<void> nap(Duration longest);
  asio::awaitable<void> work(PollItem item);
  /// True: try again soon.
  asio::awaitable<bool> perform(PollItem item);

  asio::awaitable<bool> poll_catalog();
  asio::awaitable<bool> poll_tags(std::string repository);
  void take_repositories(const std::vector<std::string>& listed);
  void take_tags(const std::string& repository, TagView view);
  void watch_tags(const std::string& repository, const TagView& view);
  void note_evidence_tags(const std::string& repository, TagView& view);
  bool listing_failed(const std::string& repository, const RegistryProblem& problem);
  void listing_succeeded(const std::string& repository);

  asio::awaitable<bool> check_tag(std::string repository, std::string tag);
  asio::awaitable<bool> ask_evidence(std::string repository, Digest subject);
  asio::awaitable<bool> check_presence(std::string repository, Digest digest);
  asio::awaitable<std::optional<RegistryProblem>> refresh_all(std::string repository,
                                                              Digest digest);
  /// Its tags carry evidence of other repositories' images and are no images themselves.
  bool holds_evidence_alone(const std::string& repository) const;
  asio::awaitable<void> list_before_asking(std::string repository);
  EvidencePlaces place_of(const std::string& repository, const Digest& subject) const;
  std::vector<EvidencePlaces> places_of(const std::string& repository, const Digest& subject) const;
  /// The digest that a tag really points at, where no manifest has the one that HEAD named.
  asio::awaitable<std::optional<RegistryProblem>> see_through_head(RepositoryKey key,
                                                                   std::string tag, Digest& found);
  void hurry_evidence(const Digest& subject);
  void end_cycle();
  void watch_subjects_under(const std::string& repository, const Digest& digest,
                            Schedule::First first, int depth);
  void sync_subjects(const std::string& repository);
  void sync_untagged(const std::string& repository);
  void collect_under(const Digest& digest, std::unordered_set<Digest>& into, int depth) const;

  void finish(const PollItem& item, bool retry);
  void note_health(bool healthy, const RegistryProblem* problem);
  Duration period_of(const PollItem& item) const;
  bool is_urgent(const PollItem& item) const;
  Instant instant() const;
  RepositoryKey key_of(const std::string& repository) const;

  RegistryOptions options_;
  Clock& clock_;
  RegistrySink& sink_;
  const RegistryKnowledge& knowledge_;
  DistributionClient client_;
  EvidenceDiscovery evidence_;
  ImageFetcher images_;
  Schedule schedule_;
  /// Hastened, and to be asked once more a little later: docker-registry announces a push before
  /// the tag points at it (distribution 2.8, PutManifest).
  std::set<PollItem> look_again_;
  WakeUp wake_;
  std::size_t under_way_ = 0;
  bool outage_ = false;
  bool uses_catalog_ = true;
  ViewGuard catalog_guard_;
  RequestCounts counts_before_cycle_;
  TimePoint cycle_started_at_;
  std::optional<RequestCycle> last_cycle_;
  std::map<std::string, Repository> repositories_;
  /// What this cycle has not listed yet; the empty name is the catalog.
  std::set<std::string> unlisted_;
};

}  // namespace scanclock
