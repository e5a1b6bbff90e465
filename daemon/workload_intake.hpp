#pragma once

#include "core/domain/allocation_twins.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/workload_source.hpp"
#include "daemon/engine.hpp"
#include "daemon/telemetry.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

/// Whoever pushes once is expected to push again: its silence becomes an alert.
inline constexpr Duration pushed_workloads_blind_after = std::chrono::minutes(10);

/// A source that nobody attends to: no entry of the settings names it, or its pushes stopped.
bool is_abandoned(const SourceStatus& status);

/// Takes what orchestrators and workload documents say into the inventory. A large look is taken in
/// pieces (Engine::take); what its source says meanwhile waits its turn.
class WorkloadIntake final : public WorkloadSink {
 public:
  WorkloadIntake(Engine& engine, Clock& clock, Telemetry& telemetry);

  /// See AllocationTwins::configure.
  void set_twins(std::set<std::string> runtimes,
                 std::map<std::string, AllocationTwins::Nomad> nomads);

  enum class Outcome {
    believed,
    /// Rule 8 of design.md: what it shows counts, what it lacks is believed to run until the view
    /// is repeated long enough or confirmed.
    doubted,
    /// A newer view of the source was taken before; nothing of this one counts.
    outdated,
  };
  /// Takes a view that was pushed, when its turn has come. Its source is awaited from then on.
  asio::awaitable<Outcome> take(WorkloadReport report);
  /// After a confirmation: the last view of a pushed source, which was doubted, is taken again, for
  /// its sender may never come back. False where none is kept.
  asio::awaitable<bool> take_doubted(std::string source);

  /// No entry of the settings names the source any more. What is being learned of it is learned
  /// first; then it is unattended, or forgotten where nothing of it runs. Does nothing if an entry
  /// names it again by then.
  void leave(const std::string& source, Duration blind_after);
  /// An operator says that an abandoned source is gone for good: all that it showed has ended, and
  /// it is forgotten. False when it turned out not to be abandoned: a view of it was being taken.
  asio::awaitable<bool> end_abandoned(std::string source);

  /// Whether a large look at the source is being taken.
  bool is_looking(const std::string& source) const { return waiting_.contains(source); }

  /// The moment of the newest view of a source that was taken, by its own clock; nothing before the
  /// first. An older one that comes late must not undo it.
  std::optional<TimePoint> newest_view(const std::string& source) const;

  void workloads_observed(WorkloadReport report) override;
  std::vector<std::string> take_untold(const std::string& source) override;
  void workload_source_failed(const std::string& source, const SourceProblem& problem) override;
  void workloads_changed(WorkloadChanges changes) override;
  bool workload_view_stands(const std::string& source, std::uint64_t seen) override;
  void workload_source_limited(const std::string& source, const std::string& limits) override;
  void request_made(const std::string& source) override;
  void next_poll_scheduled(const std::string& source, TimePoint at) override;

 private:
  using Taken = std::function<void(bool is_believed)>;

  void await_pushes(const std::string& source);
  bool end_if_abandoned(const std::string& source);
  void begin(WorkloadReport report, Taken taken);
  void finish(WorkloadLook look, const Taken& taken);
  bool settle(WorkloadLook look);
  void apply(WorkloadChanges changes);
  void fail(const std::string& source, const SourceProblem& problem);
  /// Does it at once, or when the source's look has been taken.
  void in_turn(const std::string& source, std::function<void()> work);
  void do_waiting(const std::string& source);
  bool is_large(const WorkloadReport& report) const;
  void doubt(const std::string& source);
  void note_untold(const std::string& source, const std::vector<std::string>& untold);

  Engine& engine_;
  Clock& clock_;
  Telemetry& telemetry_;
  /// Hears of everything as it arrives, what waits its turn included: what it tells of tasks waits
  /// behind that, and must not be older.
  AllocationTwins twins_;
  std::map<std::string, TimePoint> newest_views_;
  /// Of pushed sources; others tell all of it again by themselves.
  std::map<std::string, WorkloadReport> doubted_;
  std::map<std::string, std::vector<std::string>> untold_;
  /// By source whose look is being taken: what it said meanwhile.
  std::map<std::string, std::deque<std::function<void()>>> waiting_;
};

}  // namespace scanclock
