#include "core/workloads/known_pods.hpp"

#include "core/runtime/hashing.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

namespace scanclock {
namespace {

int hex_value(char character) {
  if (character >= '0' && character <= '9') {
    return character - '0';
  }
  return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

/// The value of 32 lower-case hexadecimal digits with any dashes between them.
std::optional<KubernetesUid> usual_uid(std::string_view text) {
  KubernetesUid uid;
  int digits = 0;
  for (const char character : text) {
    if (character == '-') {
      continue;
    }
    const int value = hex_value(character);
    if (value < 0 || digits == 32) {
      return std::nullopt;
    }
    std::uint64_t& half = digits < 16 ? uid.high : uid.low;
    half = half << 4 | static_cast<std::uint64_t>(value);
    ++digits;
  }
  return digits == 32 ? std::optional(uid) : std::nullopt;
}

}  // namespace

KubernetesUid KubernetesUid::of(std::string_view text) {
  if (const auto uid = usual_uid(text)) {
    return *uid;
  }
  const std::string hash = sha256(text).str();
  return usual_uid(std::string_view(hash).substr(hash.find(':') + 1, 32)).value();
}

std::uint64_t KnownPods::version_of(std::string_view version) {
  const std::uint64_t hash = std::hash<std::string_view>()(version);
  return hash == no_version ? 1 : hash;
}

bool KnownPods::is_unchanged(std::size_t scope, const KubernetesUid& uid,
                             std::string_view version) {
  const auto found = pods_.find(uid);
  if (found == pods_.end()) {
    return false;
  }
  found->second.round = rounds_.at(scope);
  return found->second.version == version_of(version);
}

bool KnownPods::is_of_another(const KubernetesUid& uid, const std::string& id) const {
  if (!claimed_.contains(id)) {
    return false;
  }
  const auto own = pods_.find(uid);
  if (own == pods_.end()) {
    return true;
  }
  return !ids_.contains(own->second.ids, ContainerId(id));
}

std::vector<std::string> KnownPods::update(std::size_t scope, const KubernetesUid& uid,
                                           std::string_view version,
                                           const std::vector<std::string>& ids, bool tell_again) {
  Pod& pod = pods_[uid];
  pod.scope = static_cast<std::uint32_t>(scope);
  pod.round = rounds_.at(scope);
  pod.version = tell_again ? no_version : version_of(version);
  std::vector<std::string> ended;
  if (ids_.equals(pod.ids, ids)) {
    return ended;
  }
  for (std::size_t index = 0; index < pod.ids.size; ++index) {
    std::string id = ids_.at(pod.ids, index).str();
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
      ended.push_back(std::move(id));
    }
  }
  release(pod);
  pod.ids = ids_.add(ids);
  for (const std::string& id : ids) {
    claimed_.insert(id);
  }
  return ended;
}

void KnownPods::release(const Pod& pod) {
  for (std::size_t index = 0; index < pod.ids.size; ++index) {
    claimed_.erase(ids_.at(pod.ids, index).str());
  }
  ids_.release(pod.ids);
}

std::vector<std::string> KnownPods::erase(const KubernetesUid& uid) {
  std::vector<std::string> ended;
  const auto found = pods_.find(uid);
  if (found != pods_.end()) {
    ids_.append_to(ended, found->second.ids);
    release(found->second);
    pods_.erase(found);
  }
  return ended;
}

std::size_t KnownPods::sweep(std::size_t scope) {
  return boost::unordered::erase_if(pods_, [&](const auto& entry) {
    const Pod& pod = entry.second;
    const bool vanished = pod.scope == scope && pod.round != rounds_.at(scope);
    if (vanished) {
      release(pod);
    }
    return vanished;
  });
}

void KnownPods::tell_again(const std::vector<std::string>& ids) {
  const std::set<ContainerId> wanted(ids.begin(), ids.end());
  for (auto& [uid, pod] : pods_) {
    for (std::size_t index = 0; index < pod.ids.size; ++index) {
      if (wanted.contains(ids_.at(pod.ids, index))) {
        pod.version = no_version;
      }
    }
  }
}

std::vector<ContainerId> KnownPods::all_ids() const {
  std::vector<ContainerId> ids;
  ids.reserve(containers());
  for (const auto& [uid, pod] : pods_) {
    ids_.append_to(ids, pod.ids);
  }
  return ids;
}

}  // namespace scanclock
