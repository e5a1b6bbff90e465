#pragma once

#include "core/workloads/workload_source.hpp"

#include <string>
#include <utility>
#include <vector>

namespace scanclock {

/// Keeps what a source tells it.
class RecordingSink final : public WorkloadSink {
 public:
  void workloads_observed(WorkloadReport report) override { reports.push_back(std::move(report)); }
  void workload_source_failed(const std::string& source, const SourceProblem& problem) override {
    failed_sources.push_back(source);
    problems.push_back(problem);
  }
  void workloads_changed(WorkloadChanges changes) override {
    for (ContainerObservation& container : changes.running) {
      started_sources.push_back(changes.source);
      started.push_back(std::move(container));
    }
    ended.insert(ended.end(), changes.ended.begin(), changes.ended.end());
  }
  void request_made(const std::string& /*source*/) override { ++requests; }
  void next_poll_scheduled(const std::string& /*source*/, TimePoint at) override {
    next_poll_at = at;
  }

  /// The container IDs of the newest report.
  std::vector<std::string> ids() const {
    std::vector<std::string> found;
    if (!reports.empty()) {
      for (const ContainerObservation& container : reports.back().containers) {
        found.push_back(container.id);
      }
    }
    return found;
  }

  std::vector<WorkloadReport> reports;
  std::vector<std::string> failed_sources;
  std::vector<SourceProblem> problems;
  std::vector<std::string> started_sources;
  std::vector<ContainerObservation> started;
  std::vector<std::string> ended;
  std::size_t requests = 0;
  TimePoint next_poll_at;
};

}  // namespace scanclock
