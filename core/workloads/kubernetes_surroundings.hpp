#pragma once

#include "core/domain/intern_pool.hpp"
#include "core/workloads/known_pods.hpp"
#include "core/workloads/pod_containers.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr std::size_t kubernetes_nodes_gone_max = 1'000;

/// What an object that pods are joined with is to those that were told before.
enum class SurroundingChange {
  /// Nothing that is told of containers; another version of a node's runtime is nothing.
  none,
  /// It was not known before, or not what is told of it.
  appeared,
  /// Another platform, runtime or controller than pods were told with.
  replaced,
};

/// The nodes of a cluster, by name.
class KnownNodes {
 public:
  void begin() { ++round_; }
  SurroundingChange update(KubernetesNode node);
  /// The pods of a node are told to end after it is gone, and need its platform until then: the
  /// last kubernetes_nodes_gone_max that went are remembered.
  void erase(std::string_view name);
  /// Those that the list did not have are gone.
  void sweep();
  /// Valid until the next change.
  const KubernetesNode* find(std::string_view name) const;
  /// Whether its platform is known. A node may be registered before its kubelet has said anything.
  bool knows(std::string_view name) const;

 private:
  struct Entry {
    KubernetesNode node;
    std::uint32_t round = 0;
    bool gone = false;
  };
  std::map<std::string, Entry, std::less<>> nodes_;
  std::deque<std::string> gone_;
  std::uint32_t round_ = 0;
};

/// The controllers of ReplicaSets and Jobs, of which there are many more than of what owns them: no
/// more than kind and name are kept. Scopes as those of KnownPods.
class KnownOwners {
 public:
  explicit KnownOwners(std::size_t scopes) : rounds_(scopes, 0) {}

  void begin(std::size_t scope) { ++rounds_.at(scope); }
  SurroundingChange update(std::size_t scope, const KubernetesOwned& object);
  void erase(const KubernetesOwned& object);
  void sweep(std::size_t scope);
  bool knows(std::string_view uid) const;
  /// Valid until the next call.
  const KubernetesOwned* find(std::string_view uid) const;

 private:
  struct Entry {
    /// `Deployment/front`; empty where nobody owns it. A Deployment has ten old ReplicaSets and
    /// more.
    Interned<std::string> controller;
    std::uint32_t scope = 0;
    std::uint32_t round = 0;
  };
  boost::unordered_flat_map<KubernetesUid, Entry, KubernetesUidHash> objects_;
  InternPool<std::string, std::hash<std::string>> controllers_;
  std::vector<std::uint32_t> rounds_;
  mutable KubernetesOwned found_;
};

}  // namespace scanclock
