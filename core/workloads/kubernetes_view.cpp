#include "core/workloads/kubernetes_view.hpp"

#include <utility>

namespace scanclock {

KubernetesView::KubernetesView(std::size_t scopes,
                               std::map<std::string, Platform, std::less<>> runtime_classes)
    : pods_(scopes), retellings_(scopes) {
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

bool KubernetesView::Outdated::has(const KubernetesPod& pod) const {
  return all || nodes.contains(pod.node_name) ||
         (!owners.empty() && pod.controller &&
          owners.contains(KubernetesUid::of(pod.controller->uid)));
}

void KubernetesView::Outdated::add(Outdated& other) {
  nodes.merge(other.nodes);
  owners.merge(other.owners);
  all = all || other.all;
}

void KubernetesView::begin_pods(std::size_t scope) {
  pods_.begin(scope);
  Retelling& retelling = retellings_.at(scope);
  retelling.in_list.add(retelling.since_list);
  retelling.since_list = Outdated();
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
  const Retelling& retelling = retellings_.at(scope);
  if (!same || !trusts_versions || retelling.in_list.has(pod) || retelling.since_list.has(pod)) {
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
  retellings_.at(scope).in_list = Outdated();
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
  const SurroundingChange change = nodes_.update(std::move(node));
  if (change == SurroundingChange::none) {
    return false;
  }
  tell_waiting([&](const KubernetesPod& pod) { return pod.node_name == name; }, changes);
  if (change == SurroundingChange::appeared) {
    return false;
  }
  for (Retelling& retelling : retellings_) {
    retelling.since_list.nodes.insert(name);
  }
  return true;
}

bool KubernetesView::set_visible(bool& visible, bool is_now) {
  const bool appears = is_now && !visible;
  visible = is_now;
  for (Retelling& retelling : retellings_) {
    retelling.since_list.all = retelling.since_list.all || appears;
  }
  return appears;
}

bool KubernetesView::set_nodes_visible(bool visible) {
  return set_visible(nodes_visible_, visible);
}

void KubernetesView::begin_owners(std::string_view kind, std::size_t scope) {
  owners_.find(kind)->second.known.begin(scope);
}

bool KubernetesView::change_owner(std::string_view kind, std::size_t scope,
                                  const KubernetesOwned& object, WorkloadChanges& changes) {
  const SurroundingChange change = owners_.find(kind)->second.known.update(scope, object);
  if (change == SurroundingChange::none) {
    return false;
  }
  tell_waiting(
      [&](const KubernetesPod& pod) { return pod.controller && pod.controller->uid == object.uid; },
      changes);
  if (change == SurroundingChange::appeared) {
    return false;
  }
  retellings_.at(scope).since_list.owners.insert(KubernetesUid::of(object.uid));
  return true;
}

void KubernetesView::delete_owner(std::string_view kind, const KubernetesOwned& object) {
  owners_.find(kind)->second.known.erase(object);
}

void KubernetesView::end_owners(std::string_view kind, std::size_t scope) {
  owners_.find(kind)->second.known.sweep(scope);
}

bool KubernetesView::set_owners_visible(std::string_view kind, bool visible) {
  return set_visible(owners_.find(kind)->second.visible, visible);
}

}  // namespace scanclock
