#include "daemon/workload_intake.hpp"

#include "core/runtime/log.hpp"

#include <utility>

namespace scanclock {
namespace {

constexpr const char* suspicious_drop_reason = "suspicious_drop";

}  // namespace

WorkloadIntake::WorkloadIntake(Engine& engine, Clock& clock, Telemetry& telemetry)
    : engine_(engine), clock_(clock), telemetry_(telemetry) {}

void WorkloadIntake::set_twins(std::set<std::string> runtimes,
                               std::map<std::string, AllocationTwins::Nomad> nomads) {
  twins_.configure(std::move(runtimes), std::move(nomads));
}

std::optional<TimePoint> WorkloadIntake::newest_view(const std::string& source) const {
  const auto newest = newest_views_.find(source);
  return newest == newest_views_.end() ? std::nullopt : std::optional(newest->second);
}

bool WorkloadIntake::take(WorkloadReport report) {
  const TimePoint now = clock_.now();
  newest_views_[report.source] = report.observed_at;
  twins_.complete(report);
  const bool is_believed = engine_.inventory().observe(report, now);
  note_untold(report.source);
  for (const WorkloadChanges& told : twins_.learn(report, is_believed)) {
    engine_.inventory().apply(told, now);
  }
  if (!is_believed) {
    doubt(report.source);
    const SourceStatus* doubted = engine_.sources().find(report.source);
    if (doubted != nullptr && doubted->type == pushed_source_type) {
      doubted_[report.source] = std::move(report);
    }
    return false;
  }
  doubted_.erase(report.source);
  const SourceStatus* status = engine_.sources().find(report.source);
  if (status != nullptr && status->failing_since && status->last_success_at) {
    log::info("workloads", "{} answers again", report.source);
  }
  if (report.complete) {
    engine_.sources().answered(report.source, report.containers.size() + report.unchanged.size(),
                               now);
    engine_.sources().limit_view(report.source, std::move(report.namespaces));
  }
  engine_.wake();
  return true;
}

/// What nobody knows to run would have no verdict, although the source says that it runs.
void WorkloadIntake::note_untold(const std::string& source) {
  const std::vector<std::string>& untold = engine_.inventory().untold();
  if (untold.empty()) {
    untold_.erase(source);
    return;
  }
  log::warning("workloads",
               "{} says that {} containers run as before that are not known to run, such as {}: "
               "they are asked for again",
               source, untold.size(), untold.front());
  telemetry_.source_error(source, "unknown_containers");
  untold_[source] = untold;
}

std::vector<std::string> WorkloadIntake::take_untold(const std::string& source) {
  const auto untold = untold_.find(source);
  return untold == untold_.end() ? std::vector<std::string>()
                                 : std::move(untold_.extract(untold).mapped());
}

bool WorkloadIntake::take_doubted(const std::string& source) {
  const auto doubted = doubted_.find(source);
  return doubted != doubted_.end() && take(std::move(doubted_.extract(doubted).mapped()));
}

void WorkloadIntake::workloads_observed(WorkloadReport report) { take(std::move(report)); }

void WorkloadIntake::doubt(const std::string& source) {
  workload_source_failed(
      source, SourceProblem(suspicious_drop_reason,
                            "more than half of the containers, or all of them, vanished at once: "
                            "they are believed to run until the view stays so for " +
                                describe_duration(suspicious_drop_hold) +
                                " or somebody confirms it (scanclock source confirm)"));
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
  if (!engine_.inventory().apply(changes, now)) {
    doubt(changes.source);
  }
  for (const WorkloadChanges& told : twins_.learn(changes)) {
    engine_.inventory().apply(told, now);
  }
  engine_.wake();
}

bool WorkloadIntake::workload_view_stands(const std::string& source, std::uint64_t seen) {
  const SourceStatus* status = engine_.sources().find(source);
  if (status == nullptr || status->reason == suspicious_drop_reason) {
    return false;
  }
  engine_.sources().answered(source, seen, clock_.now());
  engine_.wake();
  return true;
}

void WorkloadIntake::workload_source_limited(const std::string& source, const std::string& limits) {
  const SourceStatus* status = engine_.sources().find(source);
  if (status != nullptr && status->limits != limits && !limits.empty()) {
    log::warning("workloads", "{} answers, but may not see everything: {}", source, limits);
  }
  engine_.sources().note_limits(source, limits);
}

void WorkloadIntake::request_made(const std::string& source) {
  engine_.sources().requested(source);
}

void WorkloadIntake::next_poll_scheduled(const std::string& source, TimePoint at) {
  engine_.sources().next_poll(source, at);
}

}  // namespace scanclock
