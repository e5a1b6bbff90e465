#pragma once

#include "core/domain/workload.hpp"
#include "core/workloads/source_problem.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace scanclock {

/// Takes what workload sources learn. Implemented by the daemon; called on the I/O thread.
class WorkloadSink {
 public:
  virtual ~WorkloadSink() = default;

  /// One look at the source. A report with `complete` set holds everything that ran at
  /// `observed_at`: containers that are missing in it have ended (once the daemon's ViewGuard
  /// believes it). Without `complete` it says only what it says, and ends nothing.
  virtual void workloads_observed(WorkloadReport report) = 0;

  /// IDs that the newest report called unchanged and that the daemon does not know to run: the
  /// source is to tell these containers again. Each is given once. Those of a large report come
  /// some time after it: ask again when the view stands.
  virtual std::vector<std::string> take_untold(const std::string& /*source*/) { return {}; }

  /// A look failed or could not be trusted. It changes nothing of what is believed to run
  /// (design.md, rule 7): the source is blind until it answers again.
  virtual void workload_source_failed(const std::string& source, const SourceProblem& problem) = 0;

  /// Events between two looks. The next report holds what runs, too, unless it has ended by then.
  /// May repeat.
  virtual void workloads_changed(WorkloadChanges changes) = 0;

  /// What the source told last still holds: it is being watched and nothing else happened. `seen`
  /// containers run. False when the daemon doubts what it was told: the source is then to tell all
  /// of it again as a complete report, or the doubt never ends. At most about once a minute.
  virtual bool workload_view_stands(const std::string& /*source*/, std::uint64_t /*seen*/) {
    return true;
  }

  /// What the source may not see although it answers, for people; empty when it sees everything.
  virtual void workload_source_limited(const std::string& /*source*/,
                                       const std::string& /*limits*/) {}

  /// A request was sent, or a file was read, on behalf of the source; for its statistics.
  virtual void request_made(const std::string& source) = 0;

  /// When the source will be looked at next, for the API's `next_poll_at`.
  virtual void next_poll_scheduled(const std::string& /*source*/, TimePoint /*at*/) {}
};

/// Something that knows what runs. I/O thread only.
class WorkloadSource {
 public:
  virtual ~WorkloadSource() = default;
  WorkloadSource() = default;
  WorkloadSource(const WorkloadSource&) = delete;
  WorkloadSource& operator=(const WorkloadSource&) = delete;

  /// The name in the settings.
  virtual const std::string& name() const = 0;
  /// The type in the settings: `docker`, `file`, `kubernetes`, ...
  virtual std::string kind() const = 0;

  /// Watches until the coroutine is cancelled; then throws
  /// boost::system::system_error(operation_aborted). Failures of the orchestrator go to the sink
  /// and are tried again for ever. `sink` and the source must outlive the coroutine. At most one
  /// run at a time.
  virtual boost::asio::awaitable<void> run(WorkloadSink& sink) = 0;
};

}  // namespace scanclock
