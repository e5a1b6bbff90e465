#pragma once

#include "core/domain/workload.hpp"
#include "core/workloads/kubernetes_surroundings.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scanclock {

/// Pods that are remembered as a whole until their node or owner is known; those beyond are told
/// again with the next list.
inline constexpr std::size_t kubernetes_pods_waiting_max = 5'000;

/// What is known of one cluster, and what a change of it means for what runs. Scopes are the
/// namespaces that are listed one by one, or the one that is the whole cluster. Functions that take
/// `changes` add to it. No I/O, no clock.
class KubernetesView {
 public:
  KubernetesView(std::size_t scopes, std::map<std::string, Platform, std::less<>> runtime_classes);

  void begin_pods(std::size_t scope);
  /// With `trusts_versions` a pod that is known in the same version is passed over.
  void list_pod(std::size_t scope, KubernetesPod& pod, bool trusts_versions,
                WorkloadChanges& changes);
  void change_pod(std::size_t scope, KubernetesPod& pod, WorkloadChanges& changes);
  void delete_pod(const KubernetesPod& pod, WorkloadChanges& changes);
  /// The list is complete: forgets what it did not have, without telling anybody.
  void end_pods(std::size_t scope);

  void begin_nodes() { nodes_.begin(); }
  /// Pods that waited for the node are told again. True when its platform or runtime is another one
  /// than its pods were told with: the next list of each scope tells them again whatever their
  /// version, and should be asked for.
  bool change_node(KubernetesNode node, WorkloadChanges& changes);
  void delete_node(const KubernetesNode& node) { nodes_.erase(node.name); }
  void end_nodes() { nodes_.sweep(); }
  /// Nobody waits for nodes that cannot be seen. True when they were not and are now: a list is to
  /// be asked for, as for change_node().
  bool set_nodes_visible(bool visible);

  /// `kind` is ReplicaSet or Job.
  void begin_owners(std::string_view kind, std::size_t scope);
  /// True when it has another controller than its pods were told with; as change_node().
  bool change_owner(std::string_view kind, std::size_t scope, const KubernetesOwned& object,
                    WorkloadChanges& changes);
  void delete_owner(std::string_view kind, const KubernetesOwned& object);
  void end_owners(std::string_view kind, std::size_t scope);
  /// As set_nodes_visible().
  bool set_owners_visible(std::string_view kind, bool visible);

  /// IDs of all containers that run.
  std::vector<ContainerId> all_ids() const { return pods_.all_ids(); }
  std::size_t containers() const { return pods_.containers(); }
  std::size_t pods() const { return pods_.pods(); }
  /// Pods whose node or owner is not known yet.
  std::size_t waiting() const { return waiting_.size(); }

  /// The next lists tell the pods with these containers again.
  void tell_again(const std::vector<std::string>& ids) { pods_.tell_again(ids); }
  /// For people: which pods claim containers of other pods. Such a container is told under an ID of
  /// its own, `UID/claimed/NAME`, so that none hides behind another. Empty when none does.
  std::string disputes() const;

 private:
  struct Owners {
    explicit Owners(std::size_t scopes) : known(scopes) {}
    KnownOwners known;
    bool visible = true;
  };
  struct Waiting {
    std::size_t scope = 0;
    KubernetesPod pod;
  };
  /// Whose pods were told with what no longer holds.
  struct Outdated {
    std::set<std::string, std::less<>> nodes;
    std::set<KubernetesUid> owners;
    /// All pods, for what they are joined with could not be seen.
    bool all = false;

    bool has(const KubernetesPod& pod) const;
    void add(Outdated& other);
  };
  struct Retelling {
    /// Since the scope's newest list began.
    Outdated since_list;
    /// To be told again by the list under way.
    Outdated in_list;
  };

  void keep_apart(const KubernetesPod& pod, std::vector<ContainerObservation>& containers);
  const KubernetesOwned* owner_of(std::string_view uid) const;
  bool waits_for_node(const KubernetesPod& pod) const;
  bool waits_for_owner(const KubernetesPod& pod) const;
  void tell(std::size_t scope, KubernetesPod& pod, WorkloadChanges& changes);
  bool set_visible(bool& visible, bool is_now);
  template <class Predicate>
  void tell_waiting(Predicate waited, WorkloadChanges& changes);

  KnownPods pods_;
  KnownNodes nodes_;
  std::map<std::string, Owners, std::less<>> owners_;
  bool nodes_visible_ = true;
  PodSurroundings surroundings_;
  std::unordered_map<std::string, Waiting> waiting_;
  /// By scope.
  std::vector<Retelling> retellings_;
  /// By the pod's UID: `web/b claims containerd://…`.
  std::map<std::string, std::string> disputes_;
};

}  // namespace scanclock
