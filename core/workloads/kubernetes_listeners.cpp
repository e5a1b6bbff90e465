#include "core/workloads/kubernetes_listeners.hpp"

#include "core/runtime/log.hpp"
#include "core/workloads/kubernetes_source.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace scanclock {
namespace {

/// So many take some milliseconds; then the I/O thread sees to others.
constexpr std::size_t kubernetes_pods_at_once = 100;

asio::awaitable<void> let_others_run() {
  auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
}

bool has_running(const WorkloadChanges& changes, const std::string& id) {
  return std::any_of(changes.running.begin(), changes.running.end(),
                     [&](const ContainerObservation& container) { return container.id == id; });
}

bool has_ended(const WorkloadChanges& changes, const std::string& id) {
  return std::find(changes.ended.begin(), changes.ended.end(), id) != changes.ended.end();
}

bool turns_around(const WorkloadChanges& before, const WorkloadChanges& later) {
  return std::any_of(later.ended.begin(), later.ended.end(),
                     [&](const std::string& id) { return has_running(before, id); }) ||
         std::any_of(later.running.begin(), later.running.end(),
                     [&](const ContainerObservation& container) {
                       return has_ended(before, container.id);
                     });
}

std::string joined_names(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace

KubernetesTeller::KubernetesTeller(std::string source, std::set<std::string> namespaces,
                                   Clock& clock,
                                   std::map<std::string, Platform, std::less<>> runtime_classes)
    : source_(std::move(source)),
      namespaces_(std::move(namespaces)),
      clock_(clock),
      view_(namespaces_.empty() ? 1 : namespaces_.size(), std::move(runtime_classes)),
      scopes_(namespaces_.empty() ? 1 : namespaces_.size()) {}

void KubernetesTeller::attach(WorkloadSink& sink) {
  sink_ = &sink;
  if (!namespaces_.empty()) {
    note_limit("partial view", "only the namespaces " + joined_names(namespaces_));
  }
}

WorkloadChanges KubernetesTeller::no_changes() const {
  WorkloadChanges changes;
  changes.source = source_;
  changes.observed_at = clock_.now();
  return changes;
}

void KubernetesTeller::tell(WorkloadChanges changes) {
  if (!changes.running.empty() || !changes.ended.empty()) {
    sink_->workloads_changed(std::move(changes));
  }
  note_limit("containers", view_.disputes());
}

void KubernetesTeller::add(WorkloadChanges& changes, WorkloadChanges later) {
  if (turns_around(changes, later)) {
    tell(std::exchange(changes, no_changes()));
  }
  std::move(later.running.begin(), later.running.end(), std::back_inserter(changes.running));
  std::move(later.ended.begin(), later.ended.end(), std::back_inserter(changes.ended));
}

void KubernetesTeller::set_look_again(std::size_t scope, std::function<void()> ask) {
  scopes_.at(scope).look_again = std::move(ask);
}

void KubernetesTeller::look_again() {
  for (const PodScope& scope : scopes_) {
    if (scope.look_again) {
      scope.look_again();
    }
  }
}

bool KubernetesTeller::is_whole() const {
  for (const PodScope& scope : scopes_) {
    if (!scope.listed || scope.failing) {
      return false;
    }
  }
  return true;
}

void KubernetesTeller::pods_listed(std::size_t scope) {
  scopes_.at(scope).listed = true;
  if (is_whole()) {
    tell_all();
  }
}

void KubernetesTeller::tell_all() {
  WorkloadReport report;
  report.source = source_;
  report.observed_at = clock_.now();
  report.complete = true;
  if (!namespaces_.empty()) {
    report.namespaces = namespaces_;
  }
  report.unchanged = view_.all_ids();
  stood_at_ = clock_.monotonic();
  failed_meanwhile_ = false;
  sink_->workloads_observed(std::move(report));
  note_limit("containers", view_.disputes());
  tell_untold_again();
}

/// Of a large report they are known only some time after it was told.
void KubernetesTeller::tell_untold_again() {
  if (const std::vector<std::string> untold = sink_->take_untold(source_); !untold.empty()) {
    view_.tell_again(untold);
    look_again();
  }
}

void KubernetesTeller::pods_heard(std::size_t scope) {
  scopes_.at(scope).failing = false;
  if (!is_whole()) {
    return;
  }
  const Duration now = clock_.monotonic();
  if (failed_meanwhile_ || !stood_at_ || now - *stood_at_ >= kubernetes_stand_every) {
    stand();
  }
}

void KubernetesTeller::stand() {
  stood_at_ = clock_.monotonic();
  failed_meanwhile_ = false;
  if (!sink_->workload_view_stands(source_, view_.containers())) {
    tell_all();
  } else {
    tell_untold_again();
  }
}

void KubernetesTeller::pods_failed(std::size_t scope, const SourceProblem& problem) {
  scopes_.at(scope).failing = true;
  failed_meanwhile_ = true;
  sink_->workload_source_failed(source_, problem);
}

void KubernetesTeller::note_limit(const std::string& what, const std::string& reason) {
  std::string& known = limits_[what];
  if (known == reason) {
    return;
  }
  known = reason;
  std::string text;
  for (const auto& [name, why] : limits_) {
    if (!why.empty()) {
      text += (text.empty() ? "" : "; ") + name + ": " + why;
    }
  }
  sink_->workload_source_limited(source_, text);
}

void KubernetesTeller::asked() { sink_->request_made(source_); }

void KubernetesGate::attach(asio::any_io_executor executor) {
  signal_.emplace(std::move(executor), asio::steady_timer::time_point::max());
}

void KubernetesGate::open_one() {
  if (missing_ > 0 && --missing_ == 0) {
    signal_->cancel();
  }
}

asio::awaitable<void> KubernetesGate::wait_for_signal() {
  boost::system::error_code ignored;
  co_await signal_->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> KubernetesGate::wait(Clock& clock, Duration limit) {
  using namespace asio::experimental::awaitable_operators;
  if (missing_ == 0) {
    co_return;
  }
  auto time_passes = clock.sleep(limit);
  auto signalled = wait_for_signal();
  co_await (std::move(time_passes) || std::move(signalled));
}

void KubernetesPodListener::list_begins() {
  teller_.pods_listing(scope_);
  teller_.view().begin_pods(scope_);
}

asio::awaitable<void> KubernetesPodListener::listed(std::vector<KubernetesPod>& pods,
                                                    bool went_back) {
  WorkloadChanges changes = teller_.no_changes();
  for (std::size_t number = 0; number < pods.size(); ++number) {
    teller_.view().list_pod(scope_, pods[number], !went_back, changes);
    if ((number + 1) % kubernetes_pods_at_once == 0) {
      teller_.tell(std::exchange(changes, teller_.no_changes()));
      co_await let_others_run();
    }
  }
  teller_.tell(std::move(changes));
}

void KubernetesPodListener::list_complete() {
  teller_.view().end_pods(scope_);
  teller_.pods_listed(scope_);
}

asio::awaitable<void> KubernetesPodListener::changed(
    std::vector<KubernetesEvent<KubernetesPod>>& events) {
  WorkloadChanges changes = teller_.no_changes();
  for (KubernetesEvent<KubernetesPod>& event : events) {
    WorkloadChanges later;
    if (event.type == KubernetesEventType::deleted) {
      teller_.view().delete_pod(event.object, later);
    } else {
      teller_.view().change_pod(scope_, event.object, later);
    }
    teller_.add(changes, std::move(later));
  }
  teller_.tell(std::move(changes));
  co_return;
}

void KubernetesPodListener::refused(const KubernetesProblem& problem) {
  // Said to a watch these only mean that a list is needed; a list that is told so does not end.
  const bool only_delays = problem.kind == KubernetesProblemKind::expired ||
                           problem.kind == KubernetesProblemKind::too_large_resource_version;
  if (!only_delays || !teller_.are_pods_listed(scope_)) {
    teller_.pods_failed(scope_, to_source_problem(problem));
  }
}

void KubernetesPodListener::unreadable(const std::string& message) {
  teller_.pods_failed(scope_, SourceProblem("malformed", message));
}

void KubernetesNodeListener::take(KubernetesNode node, WorkloadChanges& changes) {
  const std::string name = node.name;
  if (teller().view().change_node(std::move(node), changes)) {
    log::info("workloads",
              "{}: node {} has another platform or runtime now, so its pods are listed again",
              teller().source(), name);
    teller().look_again();
  }
}

asio::awaitable<void> KubernetesNodeListener::listed(std::vector<KubernetesNode>& nodes,
                                                     bool /*went_back*/) {
  WorkloadChanges changes = teller().no_changes();
  for (KubernetesNode& node : nodes) {
    take(std::move(node), changes);
  }
  teller().tell(std::move(changes));
  co_return;
}

asio::awaitable<void> KubernetesNodeListener::changed(
    std::vector<KubernetesEvent<KubernetesNode>>& events) {
  WorkloadChanges changes = teller().no_changes();
  for (KubernetesEvent<KubernetesNode>& event : events) {
    if (event.type == KubernetesEventType::deleted) {
      teller().view().delete_node(event.object);
    } else {
      take(std::move(event.object), changes);
    }
  }
  teller().tell(std::move(changes));
  co_return;
}

void KubernetesOwnerListener::look_again_for(std::size_t moved) {
  if (moved == 0) {
    return;
  }
  log::info("workloads", "{}: {} {} changed their controller, so their pods are listed again",
            teller().source(), moved, kind_);
  teller().look_again();
}

asio::awaitable<void> KubernetesOwnerListener::listed(std::vector<KubernetesOwned>& objects,
                                                      bool /*went_back*/) {
  WorkloadChanges changes = teller().no_changes();
  std::size_t moved = 0;
  for (const KubernetesOwned& object : objects) {
    moved += teller().view().change_owner(kind_, scope_, object, changes) ? 1 : 0;
  }
  teller().tell(std::move(changes));
  look_again_for(moved);
  co_return;
}

asio::awaitable<void> KubernetesOwnerListener::changed(
    std::vector<KubernetesEvent<KubernetesOwned>>& events) {
  WorkloadChanges changes = teller().no_changes();
  std::size_t moved = 0;
  for (const KubernetesEvent<KubernetesOwned>& event : events) {
    if (event.type == KubernetesEventType::deleted) {
      teller().view().delete_owner(kind_, event.object);
    } else {
      moved += teller().view().change_owner(kind_, scope_, event.object, changes) ? 1 : 0;
    }
  }
  teller().tell(std::move(changes));
  look_again_for(moved);
  co_return;
}

}  // namespace scanclock
