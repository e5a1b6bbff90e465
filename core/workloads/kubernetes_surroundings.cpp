#include "core/workloads/kubernetes_surroundings.hpp"

#include "core/workloads/image_id.hpp"

#include <utility>

namespace scanclock {

SurroundingChange KnownNodes::update(KubernetesNode node) {
  Entry& entry = nodes_[node.name];
  const KubernetesNode before = std::exchange(entry.node, std::move(node));
  entry.round = round_;
  entry.gone = false;
  if (before.platform.os.empty()) {
    return entry.node.platform.os.empty() ? SurroundingChange::none : SurroundingChange::appeared;
  }
  const bool same = before.platform == entry.node.platform &&
                    container_runtime_of(before.container_runtime) ==
                        container_runtime_of(entry.node.container_runtime);
  return same ? SurroundingChange::none : SurroundingChange::replaced;
}

void KnownNodes::erase(std::string_view name) {
  const auto found = nodes_.find(name);
  if (found == nodes_.end() || found->second.gone) {
    return;
  }
  found->second.gone = true;
  gone_.push_back(found->first);
  if (gone_.size() > kubernetes_nodes_gone_max) {
    const auto oldest = nodes_.find(gone_.front());
    if (oldest != nodes_.end() && oldest->second.gone) {
      nodes_.erase(oldest);
    }
    gone_.pop_front();
  }
}

void KnownNodes::sweep() {
  std::vector<std::string> missing;
  for (const auto& [name, entry] : nodes_) {
    if (entry.round != round_ && !entry.gone) {
      missing.push_back(name);
    }
  }
  for (const std::string& name : missing) {
    erase(name);
  }
}

const KubernetesNode* KnownNodes::find(std::string_view name) const {
  const auto found = nodes_.find(name);
  return found == nodes_.end() ? nullptr : &found->second.node;
}

bool KnownNodes::knows(std::string_view name) const {
  const KubernetesNode* node = find(name);
  return node != nullptr && !node->platform.os.empty();
}

SurroundingChange KnownOwners::update(std::size_t scope, const KubernetesOwned& object) {
  const auto [position, is_new] = objects_.try_emplace(KubernetesUid::of(object.uid));
  Entry& entry = position->second;
  entry.scope = static_cast<std::uint32_t>(scope);
  entry.round = rounds_.at(scope);
  Interned<std::string> controller;
  if (object.controller) {
    controller = controllers_.intern(object.controller->kind + "/" + object.controller->name);
  }
  const Interned<std::string> before = std::exchange(entry.controller, std::move(controller));
  if (is_new) {
    return SurroundingChange::appeared;
  }
  return before == entry.controller ? SurroundingChange::none : SurroundingChange::replaced;
}

void KnownOwners::erase(const KubernetesOwned& object) {
  objects_.erase(KubernetesUid::of(object.uid));
}

void KnownOwners::sweep(std::size_t scope) {
  boost::unordered::erase_if(objects_, [&](const auto& entry) {
    return entry.second.scope == scope && entry.second.round != rounds_.at(scope);
  });
}

bool KnownOwners::knows(std::string_view uid) const {
  return objects_.contains(KubernetesUid::of(uid));
}

const KubernetesOwned* KnownOwners::find(std::string_view uid) const {
  // The controllers that this returns have none.
  const auto entry = uid.empty() ? objects_.end() : objects_.find(KubernetesUid::of(uid));
  if (entry == objects_.end()) {
    return nullptr;
  }
  found_ = KubernetesOwned();
  found_.uid = uid;
  const std::string& controller = *entry->second.controller;
  if (const auto slash = controller.find('/'); slash != std::string::npos) {
    found_.controller.emplace();
    found_.controller->kind = controller.substr(0, slash);
    found_.controller->name = controller.substr(slash + 1);
  }
  return &found_;
}

}  // namespace scanclock
