#include "daemon/workload_intake.hpp"

#include "core/runtime/log.hpp"

#include <utility>

namespace scanclock {
WorkloadIntake::WorkloadIntake(Engine& engine, Clock& clock, Telemetry& telemetry)
    : engine_(engine), clock_(clock), telemetry_(telemetry) {}

void WorkloadIntake::set_twins(std::set<std::string> runtimes,
                               std::map<std::string, AllocationTwins::Nomad> nomads) {
  twins_.configure(std::move(runtimes), std::move(nomads));
}

void WorkloadIntake::workloads_observed(WorkloadReport report) {
  const TimePoint now = clock_.now();
  twins_.complete(report);
  const bool is_believed = engine_.inventory().observe(report, now);
  for (const WorkloadChanges& told : twins_.learn(report, is_believed)) {
    engine_.inventory().apply(told, now);
  }
  if (!is_believed) {
    workload_source_failed(
        report.source,
        SourceProblem("suspicious_drop",
                      "more than half of the containers, or all of them, vanished at once: the "
                      "list is believed when it stays so for " +
                          describe_duration(suspicious_drop_hold)));
    return;
  }
  const SourceStatus* status = engine_.sources().find(report.source);
  if (status != nullptr && status->failing_since && status->last_success_at) {
    log::info("workloads", "{} answers again", report.source);
  }
  if (report.complete) {
    engine_.sources().answered(report.source, report.containers.size(), now);
  }
  engine_.wake();
}

void WorkloadIntake::workload_source_failed(const std::string& source,
                                            const SourceProblem& problem) {
  const SourceStatus* status = engine_.sources().find(source);
  if (status != nullptr && status->reason != problem.reason) {
    log::warning("workloads", "{} cannot be seen: {}", source, problem.message);
  }
  telemetry_.source_error(source, problem.reason);
  engine_.sources().failed(source, problem.reason, problem.message, clock_.now());
  engine_.wake();
}

void WorkloadIntake::workloads_changed(WorkloadChanges changes) {
  const TimePoint now = clock_.now();
  twins_.complete(changes);
  engine_.inventory().apply(changes, now);
  for (const WorkloadChanges& told : twins_.learn(changes)) {
    engine_.inventory().apply(told, now);
  }
  engine_.wake();
}

void WorkloadIntake::request_made(const std::string& source) {
  engine_.sources().requested(source);
}

void WorkloadIntake::next_poll_scheduled(const std::string& source, TimePoint at) {
  engine_.sources().next_poll(source, at);
}

}  // namespace scanclock
