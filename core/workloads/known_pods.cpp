#include "core/workloads/known_pods.hpp"

#include "core/runtime/hashing.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace scanclock {
namespace {

int hex_value(char character) {
  if (character >= '0' && character <= '9') {
    return character - '0';
  }
  return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char character) { return hex_value(character) >= 0; });
}

std::uint64_t hex_number(std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

}  // namespace

KubernetesUid KubernetesUid::of(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '-');
  if (digits.size() != 32 || !is_lower_hex(digits)) {
    const std::string hash = sha256(text).str();
    digits = hash.substr(hash.find(':') + 1, 32);
  }
  KubernetesUid uid;
  uid.high = hex_number(std::string_view(digits).substr(0, 16));
  uid.low = hex_number(std::string_view(digits).substr(16));
  return uid;
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
  const std::vector<ContainerId>& ids = own->second.ids;
  return std::find(ids.begin(), ids.end(), ContainerId(id)) == ids.end();
}

std::vector<std::string> KnownPods::update(std::size_t scope, const KubernetesUid& uid,
                                           std::string_view version,
                                           const std::vector<std::string>& ids, bool tell_again) {
  Pod& pod = pods_[uid];
  pod.scope = static_cast<std::uint32_t>(scope);
  pod.round = rounds_.at(scope);
  pod.version = tell_again ? no_version : version_of(version);
  std::vector<std::string> ended;
  if (std::equal(ids.begin(), ids.end(), pod.ids.begin(), pod.ids.end())) {
    return ended;
  }
  for (const ContainerId& known : pod.ids) {
    std::string id = known.str();
    claimed_.erase(id);
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
      ended.push_back(std::move(id));
    }
  }
  pod.ids = std::vector<ContainerId>(ids.begin(), ids.end());
  for (const std::string& id : ids) {
    claimed_.insert(id);
  }
  return ended;
}

std::vector<std::string> KnownPods::erase(const KubernetesUid& uid) {
  const auto found = pods_.find(uid);
  if (found == pods_.end()) {
    return {};
  }
  std::vector<std::string> ended(found->second.ids.begin(), found->second.ids.end());
  for (const std::string& id : ended) {
    claimed_.erase(id);
  }
  pods_.erase(found);
  return ended;
}

std::size_t KnownPods::sweep(std::size_t scope) {
  return std::erase_if(pods_, [&](const auto& entry) {
    const Pod& pod = entry.second;
    const bool vanished = pod.scope == scope && pod.round != rounds_.at(scope);
    if (vanished) {
      for (const ContainerId& id : pod.ids) {
        claimed_.erase(id.str());
      }
    }
    return vanished;
  });
}

void KnownPods::tell_again(const std::vector<std::string>& ids) {
  const std::set<ContainerId> wanted(ids.begin(), ids.end());
  for (auto& [uid, pod] : pods_) {
    if (std::any_of(pod.ids.begin(), pod.ids.end(),
                    [&](const ContainerId& id) { return wanted.contains(id); })) {
      pod.version = no_version;
    }
  }
}

std::vector<ContainerId> KnownPods::all_ids() const {
  std::vector<ContainerId> ids;
  ids.reserve(containers());
  for (const auto& [uid, pod] : pods_) {
    ids.insert(ids.end(), pod.ids.begin(), pod.ids.end());
  }
  return ids;
}

}  // namespace scanclock
