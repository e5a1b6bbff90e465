#pragma once

#include "core/domain/allocation_twins.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/workload_source.hpp"
#include "daemon/engine.hpp"
#include "daemon/telemetry.hpp"

#include <map>
#include <set>
#include <string>

namespace scanclock {

/// Takes what orchestrators and workload documents say into the inventory.
class WorkloadIntake final : public WorkloadSink {
 public:
  WorkloadIntake(Engine& engine, Clock& clock, Telemetry& telemetry);

  /// See AllocationTwins::configure.
  void set_twins(std::set<std::string> runtimes,
                 std::map<std::string, AllocationTwins::Nomad> nomads);

  void workloads_observed(WorkloadReport report) override;
  void workload_source_failed(const std::string& source, const SourceProblem& problem) override;
  void workloads_changed(WorkloadChanges changes) override;
  void request_made(const std::string& source) override;
  void next_poll_scheduled(const std::string& source, TimePoint at) override;

 private:
  Engine& engine_;
  Clock& clock_;
  Telemetry& telemetry_;
  AllocationTwins twins_;
};

}  // namespace scanclock
