#include "daemon/workload_intake.hpp"

#include "core/runtime/log.hpp"

#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace scanclock {
namespace {

constexpr const char* suspicious_drop_reason = "suspicious_drop";

/// Whoever waits for the turn of what it brought.
template <class Value>
using TurnSignal = asio::experimental::channel<void(boost::system::error_code, Value)>;

}  // namespace

bool is_abandoned(const SourceStatus& status) {
  return status.kind == SourceKind::workload &&
         (status.unattended ||
          (status.type == pushed_source_type && status.failing_since && status.reason == "silent"));
}

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

bool WorkloadIntake::is_large(const WorkloadReport& report) const {
  const ContainerTable::OfSource* known = engine_.inventory().containers().of(report.source);
  return report.containers.size() + report.unchanged.size() +
             (known == nullptr ? 0 : known->size()) >
         look_containers_max;
}

void WorkloadIntake::in_turn(const std::string& source, std::function<void()> work) {
  const auto waiting = waiting_.find(source);
  if (waiting == waiting_.end()) {
    work();
  } else {
    waiting->second.push_back(std::move(work));
  }
}

void WorkloadIntake::begin(WorkloadReport report, Taken taken) {
  newest_views_[report.source] = report.observed_at;
  if (!is_large(report)) {
    WorkloadLook look(std::move(report));
    engine_.inventory().go_on(look, all_at_once, clock_.now());
    finish(std::move(look), taken);
    return;
  }
  waiting_[report.source];
  engine_.take(WorkloadLook(std::move(report)),
               [this, taken = std::move(taken)](WorkloadLook look) {
                 const std::string source = look.report().source;
                 finish(std::move(look), taken);
                 do_waiting(source);
               });
}

void WorkloadIntake::do_waiting(const std::string& source) {
  std::deque<std::function<void()>> waiting = std::move(waiting_.extract(source).mapped());
  while (!waiting.empty()) {
    const std::function<void()> work = std::move(waiting.front());
    waiting.pop_front();
    work();
    if (const auto again = waiting_.find(source); again != waiting_.end()) {
      // Another large look: the rest waits for that.
      again->second = std::move(waiting);
      return;
    }
  }
}

void WorkloadIntake::finish(WorkloadLook look, const Taken& taken) {
  const bool is_believed = settle(std::move(look));
  if (taken) {
    taken(is_believed);
  }
}

bool WorkloadIntake::settle(WorkloadLook look) {
  const TimePoint now = clock_.now();
  const bool is_believed = look.is_believed();
  note_untold(look.report().source, look.untold());
  WorkloadReport report = look.take_report();
  for (const WorkloadChanges& told : twins_.learn(report, is_believed)) {
    in_turn(told.source, [this, told] { engine_.inventory().apply(told, clock_.now()); });
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

asio::awaitable<WorkloadIntake::Outcome> WorkloadIntake::take(WorkloadReport report) {
  using Signal = TurnSignal<Outcome>;
  auto signal = std::make_shared<Signal>(co_await asio::this_coro::executor, 1);
  const std::string source = report.source;
  // Shared, for a function that waits must be one that can be copied.
  auto shared = std::make_shared<WorkloadReport>(std::move(report));
  in_turn(source, [this, source, shared, signal] {
    // A newer one may have been taken while this one waited, and must not be undone.
    const std::optional<TimePoint> newest = newest_view(source);
    if (newest && shared->observed_at < *newest) {
      signal->try_send(boost::system::error_code(), Outcome::outdated);
      return;
    }
    await_pushes(source);
    begin(std::move(*shared), [signal](bool is_believed) {
      signal->try_send(boost::system::error_code(),
                       is_believed ? Outcome::believed : Outcome::doubted);
    });
  });
  co_return co_await signal->async_receive(asio::use_awaitable);
}

void WorkloadIntake::await_pushes(const std::string& source) {
  SourceBook& sources = engine_.sources();
  const SourceStatus* known = sources.find(source);
  if (known == nullptr || known->unattended) {
    sources.configure(source, SourceKind::workload, pushed_workloads_blind_after, clock_.now());
    telemetry_.add_source(source);
  }
  sources.describe(source, pushed_source_type);
}

void WorkloadIntake::leave(const std::string& source, Duration blind_after) {
  in_turn(source, [this, source, blind_after] {
    const SourceStatus* status = engine_.sources().find(source);
    const std::vector<WorkloadScope>& polled = engine_.inventory().scope().workloads;
    const bool is_polled =
        std::any_of(polled.begin(), polled.end(),
                    [&](const WorkloadScope& workload) { return workload.name == source; });
    if (is_polled || (status != nullptr && status->kind != SourceKind::workload)) {
      return;
    }
    if (engine_.inventory().shows_running(source)) {
      // What it showed may run on, and nobody sees it any more.
      engine_.sources().leave_unattended(source, blind_after, clock_.now());
    } else {
      engine_.sources().forget(source);
    }
    engine_.wake();
  });
}

asio::awaitable<bool> WorkloadIntake::end_abandoned(std::string source) {
  using Signal = TurnSignal<bool>;
  auto signal = std::make_shared<Signal>(co_await asio::this_coro::executor, 1);
  in_turn(source, [this, source, signal] {
    signal->try_send(boost::system::error_code(), end_if_abandoned(source));
  });
  co_return co_await signal->async_receive(asio::use_awaitable);
}

bool WorkloadIntake::end_if_abandoned(const std::string& source) {
  const SourceStatus* status = engine_.sources().find(source);
  if (status == nullptr || !is_abandoned(*status)) {
    return false;
  }
  engine_.inventory().end_source(source, clock_.now());
  engine_.sources().forget(source);
  doubted_.erase(source);
  engine_.wake();
  return true;
}

/// What nobody knows to run would have no verdict, although the source says that it runs.
void WorkloadIntake::note_untold(const std::string& source,
                                 const std::vector<std::string>& untold) {
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

asio::awaitable<bool> WorkloadIntake::take_doubted(std::string source) {
  const auto doubted = doubted_.find(source);
  if (doubted == doubted_.end()) {
    co_return false;
  }
  WorkloadReport report = std::move(doubted->second);
  doubted_.erase(doubted);
  const Outcome outcome = co_await take(std::move(report));
  co_return outcome == Outcome::believed;
}

void WorkloadIntake::workloads_observed(WorkloadReport report) {
  twins_.complete(report);
  if (!is_looking(report.source)) {
    begin(std::move(report), {});
    return;
  }
  const std::string source = report.source;
  auto shared = std::make_shared<WorkloadReport>(std::move(report));
  in_turn(source, [this, shared] { begin(std::move(*shared), {}); });
}

void WorkloadIntake::doubt(const std::string& source) {
  fail(source, SourceProblem(suspicious_drop_reason,
                             "more than half of the containers, or all of them, vanished at once: "
                             "they are believed to run until the view stays so for " +
                                 describe_duration(suspicious_drop_hold) +
                                 " or somebody confirms it (scanclock source confirm)"));
}

void WorkloadIntake::workload_source_failed(const std::string& source,
                                            const SourceProblem& problem) {
  in_turn(source, [this, source, problem] { fail(source, problem); });
}

void WorkloadIntake::fail(const std::string& source, const SourceProblem& problem) {
  const SourceStatus* status = engine_.sources().find(source);
  if (status != nullptr && status->reason != problem.reason) {
    log::warning("workloads", "{} cannot be seen: {}", source, problem.message);
  }
  telemetry_.source_error(source, problem.reason);
  engine_.sources().failed(source, problem.reason, problem.message, clock_.now());
  engine_.wake();
}

void WorkloadIntake::workloads_changed(WorkloadChanges changes) {
  twins_.complete(changes);
  if (!is_looking(changes.source)) {
    apply(std::move(changes));
    return;
  }
  const std::string source = changes.source;
  in_turn(source, [this, changes = std::move(changes)] { apply(changes); });
}

void WorkloadIntake::apply(WorkloadChanges changes) {
  const TimePoint now = clock_.now();
  if (!engine_.inventory().apply(changes, now)) {
    doubt(changes.source);
  }
  for (const WorkloadChanges& told : twins_.learn(changes)) {
    in_turn(told.source, [this, told] { engine_.inventory().apply(told, clock_.now()); });
  }
  engine_.wake();
}

bool WorkloadIntake::workload_view_stands(const std::string& source, std::uint64_t seen) {
  if (is_looking(source)) {
    // Whether it is believed is not known yet, and will be said then.
    return true;
  }
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
