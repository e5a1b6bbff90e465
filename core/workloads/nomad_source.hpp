#pragma once

#include "core/net/http_client.hpp"
#include "core/runtime/backoff.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/list_timer.hpp"
#include "core/workloads/nomad_connection.hpp"
#include "core/workloads/workload_source.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace scanclock {

struct NomadSourceSettings {
  NomadSourceSettings() = default;
  std::string name;
  NomadAccess access;
  /// Left out: all that the token may read. Named: these alone, and the view is a partial one.
  std::set<std::string> namespaces;
  Duration poll_every = std::chrono::seconds(30);
};

/// Nomad sends a heartbeat every 30 s; a stream that is silent for longer is opened anew.
inline constexpr Duration nomad_stream_idle_max = std::chrono::seconds(90);
/// A stream that lived this long was a good one: the next failure waits from the start again.
inline constexpr Duration nomad_stream_settled_after = std::chrono::minutes(1);

/// Watches a Nomad cluster through its HTTP API. The full list every `poll_every` is the truth;
/// the event stream only makes starts and ends known sooner. Nomad forgets old events without
/// saying so, so each opening of the stream is followed by a list. What an allocation runs is read
/// from its own version of the job, never from the current one. A look is complete, or there is
/// none.
class NomadSource final : public WorkloadSource {
 public:
  /// All must outlive the source. Throws std::invalid_argument for a URL that is none.
  NomadSource(NomadSourceSettings settings, HttpClient& http, Clock& clock, BlockingPool& pool);
  ~NomadSource() override;

  const std::string& name() const override { return settings_.name; }
  std::string kind() const override { return "nomad"; }
  boost::asio::awaitable<void> run(WorkloadSink& sink) override;

 private:
  /// Namespace, job, version.
  using JobKey = std::tuple<std::string, std::string, std::uint64_t>;
  using JobPointer = std::shared_ptr<const NomadJob>;
  /// An allocation of which something runs.
  struct Known {
    NomadAllocation allocation;
    JobPointer job;
  };
  using KnownAllocations = std::map<std::string, Known>;

  boost::asio::awaitable<void> keep_listing();
  /// Returns how long to wait until the next list.
  boost::asio::awaitable<Duration> list_once();
  boost::asio::awaitable<std::optional<NomadFailure>> look();
  boost::asio::awaitable<Result<NomadView, NomadFailure>> list_all();
  /// A token that lost its rights gets a shorter list and no error: namespaces that show nothing
  /// any more are asked for by name.
  boost::asio::awaitable<std::optional<NomadFailure>> check_vanished(const NomadView& view);
  boost::asio::awaitable<Result<JobPointer, NomadFailure>> job_of(NomadAllocation allocation);
  boost::asio::awaitable<std::optional<NomadFailure>> learn_platforms(const NomadView& view);
  boost::asio::awaitable<std::optional<NomadFailure>> learn_platform(std::string node_id);
  void forget_jobs(const NomadView& view);
  void take(const NomadView& view, KnownAllocations listed);
  void report(TimePoint observed_at);
  std::vector<ContainerObservation> observations_of(const Known& known) const;

  boost::asio::awaitable<void> follow_events();
  boost::asio::awaitable<std::unique_ptr<HttpStream>> subscribe();
  /// Returns why the stream ended.
  boost::asio::awaitable<std::string> read_events(HttpStream& stream);
  /// Returns why the stream must be opened anew; empty when it goes on.
  boost::asio::awaitable<std::string> take_events(NomadEvents events);
  boost::asio::awaitable<void> apply(NomadAllocation allocation);
  boost::asio::awaitable<std::optional<Known>> ask_for(NomadAllocation allocation);
  void tell(const std::string& id, const Known& now);

  NomadSourceSettings settings_;
  Clock& clock_;
  WorkloadSink* sink_ = nullptr;
  NomadConnection connection_;
  Backoff list_backoff_;
  Backoff stream_backoff_;
  std::unique_ptr<ListTimer> list_time_;
  /// Comes with the first list: before it nobody knows where the stream should begin.
  std::unique_ptr<ListTimer> stream_time_;
  /// Why there is no event stream, as it was logged last; empty while there is one.
  std::string stream_problem_;
  /// The newest index that a list or an event named.
  std::uint64_t list_index_ = 0;
  std::uint64_t event_index_ = 0;
  /// The server began to count anew, as after a restored backup.
  bool stream_is_stale_ = false;

  KnownAllocations known_;
  /// Changes heard of while a list was under way, by allocation: the list may be older.
  std::map<std::string, std::uint64_t> changed_meanwhile_;
  std::map<JobKey, JobPointer> jobs_;
  std::map<std::string, Platform> platforms_;
  /// Where something ran in the newest complete view.
  std::set<std::string> populated_;
  bool nodes_are_hidden_ = false;
};

}  // namespace scanclock
