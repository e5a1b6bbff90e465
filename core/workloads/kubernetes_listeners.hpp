#pragma once

#include "core/runtime/clock.hpp"
#include "core/workloads/kubernetes_reflector.hpp"
#include "core/workloads/kubernetes_view.hpp"
#include "core/workloads/workload_source.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// What the listeners of one cluster share: its view, and what of it was told to the sink. I/O
/// thread only.
class KubernetesTeller {
 public:
  /// Without `namespaces` the one scope is the whole cluster, else there is one for each of them.
  KubernetesTeller(std::string source, std::set<std::string> namespaces, Clock& clock,
                   std::map<std::string, Platform, std::less<>> runtime_classes);

  void attach(WorkloadSink& sink);
  KubernetesView& view() { return view_; }
  const std::string& source() const { return source_; }
  std::size_t scopes() const { return scopes_.size(); }

  WorkloadChanges no_changes() const;
  /// Tells them, unless there are none.
  void tell(WorkloadChanges changes);
  /// Adds `later` to `changes`, which are told first where both name a container: what changes say
  /// has no order, and a container may begin and end within one piece of a watch.
  void add(WorkloadChanges& changes, WorkloadChanges later);

  void pods_listing(std::size_t scope) { scopes_.at(scope).listed = false; }
  /// Tells a complete report, once the pods of every scope are listed and none is failing.
  void pods_listed(std::size_t scope);
  bool are_pods_listed(std::size_t scope) const { return scopes_.at(scope).listed; }
  /// The server said something about the pods of the scope.
  void pods_heard(std::size_t scope);
  void pods_failed(std::size_t scope, const SourceProblem& problem);

  /// What asks for a new list of the scope's pods.
  void set_look_again(std::size_t scope, std::function<void()> ask);
  /// The pods were told with what no longer holds.
  void look_again();

  /// `what` (`nodes`) cannot be seen; an empty reason when it can.
  void note_limit(const std::string& what, const std::string& reason);
  void asked();

 private:
  struct PodScope {
    bool listed = false;
    bool failing = false;
    std::function<void()> look_again;
  };

  bool is_whole() const;
  void tell_all();
  void tell_untold_again();
  void stand();

  std::string source_;
  std::set<std::string> namespaces_;
  Clock& clock_;
  WorkloadSink* sink_ = nullptr;
  KubernetesView view_;
  std::vector<PodScope> scopes_;
  std::map<std::string, std::string> limits_;
  /// Monotonic; when the sink heard last that all is well.
  std::optional<Duration> stood_at_;
  bool failed_meanwhile_ = false;
};

/// Waits for the first look at what pods are joined with. One waiter per scope of pods.
class KubernetesGate {
 public:
  explicit KubernetesGate(std::size_t parts) : missing_(parts) {}

  void attach(asio::any_io_executor executor);
  /// One of the parts was seen, or will not be.
  void open_one();
  /// Until all parts are there, and at most for `limit`.
  boost::asio::awaitable<void> wait(Clock& clock, Duration limit);

 private:
  boost::asio::awaitable<void> wait_for_signal();

  std::size_t missing_;
  std::optional<asio::steady_timer> signal_;
};

class KubernetesPodListener final : public KubernetesListener<KubernetesPod> {
 public:
  KubernetesPodListener(KubernetesTeller& teller, std::size_t scope)
      : teller_(teller), scope_(scope) {}

  void asked() override { teller_.asked(); }
  void list_begins() override;
  boost::asio::awaitable<void> listed(std::vector<KubernetesPod>& pods, bool went_back) override;
  void list_complete() override;
  boost::asio::awaitable<void> changed(
      std::vector<KubernetesEvent<KubernetesPod>>& events) override;
  void heard() override { teller_.pods_heard(scope_); }
  void refused(const KubernetesProblem& problem) override;
  void unreadable(const std::string& message) override;

 private:
  KubernetesTeller& teller_;
  std::size_t scope_;
};

/// Common to what pods are joined with: a refusal is a limit of the view, not its failure.
template <class Object>
class KubernetesSurroundingListener : public KubernetesListener<Object> {
 public:
  KubernetesSurroundingListener(KubernetesTeller& teller, KubernetesGate& gate, std::string what)
      : teller_(teller), gate_(gate), what_(std::move(what)) {}

  void asked() override { teller_.asked(); }
  void list_complete() final {
    end_list();
    see(true);
  }
  void heard() override { teller_.note_limit(what_, {}); }
  void refused(const KubernetesProblem& problem) override {
    if (problem.kind == KubernetesProblemKind::expired ||
        problem.kind == KubernetesProblemKind::too_large_resource_version) {
      return;
    }
    if (problem.kind == KubernetesProblemKind::forbidden ||
        problem.kind == KubernetesProblemKind::not_found) {
      see(false);
    }
    teller_.note_limit(what_, problem.message);
  }
  void unreadable(const std::string& message) override { teller_.note_limit(what_, message); }

 protected:
  virtual void end_list() = 0;
  /// True when it becomes visible, so that the pods are to be told again.
  virtual bool set_visible(bool visible) = 0;

  KubernetesTeller& teller() { return teller_; }

 private:
  void see(bool visible) {
    if (set_visible(visible)) {
      teller_.look_again();
    }
    if (!decided_) {
      decided_ = true;
      gate_.open_one();
    }
  }

  KubernetesTeller& teller_;
  KubernetesGate& gate_;
  std::string what_;
  bool decided_ = false;
};

class KubernetesNodeListener final : public KubernetesSurroundingListener<KubernetesNode> {
 public:
  KubernetesNodeListener(KubernetesTeller& teller, KubernetesGate& gate)
      : KubernetesSurroundingListener(teller, gate, "nodes") {}

  void list_begins() override { teller().view().begin_nodes(); }
  boost::asio::awaitable<void> listed(std::vector<KubernetesNode>& nodes, bool went_back) override;
  boost::asio::awaitable<void> changed(
      std::vector<KubernetesEvent<KubernetesNode>>& events) override;

 protected:
  void end_list() override { teller().view().end_nodes(); }
  bool set_visible(bool visible) override { return teller().view().set_nodes_visible(visible); }

 private:
  void take(KubernetesNode node, WorkloadChanges& changes);
};

class KubernetesOwnerListener final : public KubernetesSurroundingListener<KubernetesOwned> {
 public:
  /// `kind` is ReplicaSet or Job, `what` its plural and, in one namespace, that.
  KubernetesOwnerListener(KubernetesTeller& teller, KubernetesGate& gate, std::string kind,
                          std::string what, std::size_t scope)
      : KubernetesSurroundingListener(teller, gate, std::move(what)),
        kind_(std::move(kind)),
        scope_(scope) {}

  void list_begins() override { teller().view().begin_owners(kind_, scope_); }
  boost::asio::awaitable<void> listed(std::vector<KubernetesOwned>& objects,
                                      bool went_back) override;
  boost::asio::awaitable<void> changed(
      std::vector<KubernetesEvent<KubernetesOwned>>& events) override;

 protected:
  void end_list() override { teller().view().end_owners(kind_, scope_); }
  bool set_visible(bool visible) override {
    return teller().view().set_owners_visible(kind_, visible);
  }

 private:
  /// `moved`: so many objects have another controller than before.
  void look_again_for(std::size_t moved);

  std::string kind_;
  std::size_t scope_;
};

}  // namespace scanclock
