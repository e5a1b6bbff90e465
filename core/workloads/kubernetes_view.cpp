#include "core/workloads/kubernetes_view.hpp"

#include <utility>

namespace scanclock {

KubernetesView::KubernetesView(std::size_t scopes,
                               std::map<std::string, Platform, std::less<>> runtime_classes)
    : pods_(scopes), replaced_(scopes) {
  owners_.emplace("ReplicaSet", Owners(scopes));
  owners_.emplace("Job", Owners(scopes));
  surroundings_.node = [this](std::string_view name) { return nodes_.find(name); };
  surroundings_.owned = [this](std::string_view uid) { return owner_of(uid); };
  surroundings_.runtime_classes = std::move(runtime_classes);
}

const KubernetesOwned* KubernetesView::owner_of(std::string_view uid) const {
  for (const auto& [kind, owners] : owners_) {
    if (const KubernetesOwned* found = owners.known.find(uid)) {
      return found;
    }
  }
  return nullptr;
}

bool KubernetesView::waits_for_node(const KubernetesPod& pod) const {
  return nodes_visible_ && !pod.node_name.empty() && !nodes_.knows(pod.node_name);
}

bool KubernetesView::waits_for_owner(const KubernetesPod& pod) const {
  if (!pod.controller) {
    return false;
  }
  const auto owners = owners_.find(pod.controller->kind);
  return owners != owners_.end() && owners->second.visible &&
         !owners->second.known.knows(pod.controller->uid);
}

void KubernetesView::begin_pods(std::size_t scope) {
  pods_.begin(scope);
  Replaced& replaced = replaced_.at(scope);
  replaced.in_list.merge(replaced.since_list);
  replaced.since_list.clear();
}

void KubernetesView::keep_apart(const KubernetesPod& pod,
                                std::vector<ContainerObservation>& containers) {
  const KubernetesUid uid = KubernetesUid::of(pod.uid);
  std::string claimed;
  for (ContainerObservation& container : containers) {
    if (pods_.is_of_another(uid, container.id)) {
      claimed = std::exchange(container.id, pod.uid + "/claimed/" + container.name);
    }
  }
  if (claimed.empty()) {
    disputes_.erase(pod.uid);
  } else {
    disputes_[pod.uid] = pod.namespace_name + "/" + pod.name + " claims " + claimed;
  }
}

std::string KubernetesView::disputes() const {
  if (disputes_.empty()) {
    return {};
  }
  return "pods claim containers that others run; each is counted by itself, such as: " +
         disputes_.begin()->second;
}

void KubernetesView::tell(std::size_t scope, KubernetesPod& pod, WorkloadChanges& changes) {
  std::vector<ContainerObservation> containers = pod_containers(pod, surroundings_);
  keep_apart(pod, containers);
  std::vector<std::string> ids;
  for (const ContainerObservation& container : containers) {
    ids.push_back(container.id);
  }
  const bool waits = !ids.empty() && (waits_for_node(pod) || waits_for_owner(pod));
  for (std::string& ended :
       pods_.update(scope, KubernetesUid::of(pod.uid), pod.resource_version, ids, waits)) {
    changes.ended.push_back(std::move(ended));
  }
  for (ContainerObservation& container : containers) {
    changes.running.push_back(std::move(container));
  }
  if (!waits) {
    waiting_.erase(pod.uid);
  } else if (waiting_.size() < kubernetes_pods_waiting_max || waiting_.contains(pod.uid)) {
    Waiting waiting;
    waiting.scope = scope;
    waiting.pod = std::move(pod);
    std::string uid = waiting.pod.uid;
    waiting_.insert_or_assign(std::move(uid), std::move(waiting));
  }
}

void KubernetesView::list_pod(std::size_t scope, KubernetesPod& pod, bool trusts_versions,
                              WorkloadChanges& changes) {
  const bool same = pods_.is_unchanged(scope, KubernetesUid::of(pod.uid), pod.resource_version);
  const Replaced& replaced = replaced_.at(scope);
  const bool on_replaced_node =
      replaced.in_list.contains(pod.node_name) || replaced.since_list.contains(pod.node_name);
  if (!same || on_replaced_node || !trusts_versions) {
    tell(scope, pod, changes);
  }
}

void KubernetesView::change_pod(std::size_t scope, KubernetesPod& pod, WorkloadChanges& changes) {
  tell(scope, pod, changes);
}

void KubernetesView::delete_pod(const KubernetesPod& pod, WorkloadChanges& changes) {
  waiting_.erase(pod.uid);
  disputes_.erase(pod.uid);
  for (std::string& ended : pods_.erase(KubernetesUid::of(pod.uid))) {
    changes.ended.push_back(std::move(ended));
  }
}

void KubernetesView::end_pods(std::size_t scope) {
  pods_.sweep(scope);
  replaced_.at(scope).in_list.clear();
  std::erase_if(waiting_, [&](const auto& entry) {
    return entry.second.scope == scope && !pods_.knows(KubernetesUid::of(entry.first));
  });
  std::erase_if(disputes_,
                [&](const auto& entry) { return !pods_.knows(KubernetesUid::of(entry.first)); });
}

template <class Predicate>
void KubernetesView::tell_waiting(Predicate waited, WorkloadChanges& changes) {
  std::vector<Waiting> again;
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    if (waited(entry->second.pod)) {
      again.push_back(std::move(entry->second));
      entry = waiting_.erase(entry);
    } else {
      ++entry;
    }
  }
  for (Waiting& waiting : again) {
    tell(waiting.scope, waiting.pod, changes);
  }
}

bool KubernetesView::change_node(KubernetesNode node, WorkloadChanges& changes) {
  const std::string name = node.name;
  const KnownNodes::Change change = nodes_.update(std::move(node));
  if (change == KnownNodes::Change::none) {
    return false;
  }
  tell_waiting([&](const KubernetesPod& pod) { return pod.node_name == name; }, changes);
  if (change == KnownNodes::Change::appeared) {
    return false;
  }
  for (Replaced& replaced : replaced_) {
    replaced.since_list.insert(name);
  }
  return true;
}

void KubernetesView::begin_owners(std::string_view kind, std::size_t scope) {
  owners_.find(kind)->second.known.begin(scope);
}

void KubernetesView::change_owner(std::string_view kind, std::size_t scope,
                                  const KubernetesOwned& object, WorkloadChanges& changes) {
  if (owners_.find(kind)->second.known.update(scope, object)) {
    tell_waiting(
        [&](const KubernetesPod& pod) {
          return pod.controller && pod.controller->uid == object.uid;
        },
        changes);
  }
}

void KubernetesView::delete_owner(std::string_view kind, const KubernetesOwned& object) {
  owners_.find(kind)->second.known.erase(object);
}

void KubernetesView::end_owners(std::string_view kind, std::size_t scope) {
  owners_.find(kind)->second.known.sweep(scope);
}

void KubernetesView::set_owners_visible(std::string_view kind, bool visible) {
  owners_.find(kind)->second.visible = visible;
}

}  // namespace scanclock
