#pragma once

#include "core/domain/container_id.hpp"
#include "core/workloads/claimed_ids.hpp"
#include "core/workloads/pod_ids.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// 128 bits that stand for an object's UID: the UID itself where it has the usual form, else a hash
/// of it.
struct KubernetesUid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  static KubernetesUid of(std::string_view text);
  auto operator<=>(const KubernetesUid&) const = default;
};

struct KubernetesUidHash {
  std::size_t operator()(const KubernetesUid& uid) const noexcept { return uid.high ^ uid.low; }
};

/// Of each pod of a cluster that runs containers no more than what tells whether it changed, and
/// which containers ended: for 150 000 pods some 23 MB. Pods belong to scopes, each of which is
/// listed by itself.
class KnownPods {
 public:
  /// A pod that must be told again whatever its version.
  static constexpr std::uint64_t no_version = 0;

  explicit KnownPods(std::size_t scopes) : rounds_(scopes, 0) {}

  /// A list of the scope begins.
  void begin(std::size_t scope) { ++rounds_.at(scope); }
  /// The list has this pod; true when it is known in this very version.
  bool is_unchanged(std::size_t scope, const KubernetesUid& uid, std::string_view version);
  /// Whether another pod runs a container with this ID, which a runtime never gives twice: one of
  /// the two statuses is wrong, and nobody can say which.
  bool is_of_another(const KubernetesUid& uid, const std::string& id) const;
  /// Remembers what the pod runs now; returns the IDs that it ran and runs no more. A pod that runs
  /// nothing is remembered, too, for as long as it is listed.
  std::vector<std::string> update(std::size_t scope, const KubernetesUid& uid,
                                  std::string_view version, const std::vector<std::string>& ids,
                                  bool tell_again);
  /// Returns what it ran.
  std::vector<std::string> erase(const KubernetesUid& uid);
  /// Forgets the pods that the scope's list did not have; how many.
  std::size_t sweep(std::size_t scope);
  /// Pods with one of these are told again by the next list, whatever their version.
  void tell_again(const std::vector<std::string>& ids);

  bool knows(const KubernetesUid& uid) const { return pods_.contains(uid); }
  std::vector<ContainerId> all_ids() const;
  std::size_t pods() const { return pods_.size(); }
  std::size_t containers() const { return claimed_.size(); }

 private:
  struct Pod {
    std::uint64_t version = no_version;
    PodIds::Run ids;
    std::uint32_t scope = 0;
    std::uint32_t round = 0;
  };

  static std::uint64_t version_of(std::string_view version);
  /// Nobody claims what the pod ran.
  void release(const Pod& pod);

  boost::unordered_flat_map<KubernetesUid, Pod, KubernetesUidHash> pods_;
  PodIds ids_;
  std::vector<std::uint32_t> rounds_;
  ClaimedIds claimed_;
};

}  // namespace scanclock
