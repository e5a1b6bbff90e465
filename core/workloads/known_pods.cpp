#include "core/workloads/known_pods.hpp"

#include "core/runtime/hashing.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace scanclock {
namespace {

constexpr std::size_t packed_hex_digits = 64;
constexpr std::array<std::string_view, 4> packed_prefixes{"", "containerd://", "cri-o://",
                                                          "docker://"};
/// Before texts of any other form; two bytes of length follow, the lower one first.
constexpr char packed_text = '\xff';
constexpr std::size_t packed_text_bytes_max = std::numeric_limits<std::uint16_t>::max();

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

std::optional<std::size_t> packed_prefix_of(std::string_view id) {
  for (std::size_t number = 0; number < packed_prefixes.size(); ++number) {
    const std::string_view prefix = packed_prefixes[number];
    if (id.size() == prefix.size() + packed_hex_digits && id.starts_with(prefix) &&
        is_lower_hex(id.substr(prefix.size()))) {
      return number;
    }
  }
  return std::nullopt;
}

void append_packed(std::string& bytes, std::string_view id) {
  if (const auto prefix = packed_prefix_of(id)) {
    bytes.push_back(static_cast<char>(*prefix));
    id.remove_prefix(packed_prefixes[*prefix].size());
    for (std::size_t at = 0; at < id.size(); at += 2) {
      bytes.push_back(static_cast<char>(hex_value(id[at]) * 16 + hex_value(id[at + 1])));
    }
    return;
  }
  id = id.substr(0, packed_text_bytes_max);
  bytes.push_back(packed_text);
  bytes.push_back(static_cast<char>(id.size() & 0xffU));
  bytes.push_back(static_cast<char>(id.size() >> 8U));
  bytes.append(id);
}

/// How many bytes the ID at the front of `bytes` takes.
std::size_t packed_size(std::string_view bytes) {
  if (bytes.front() != packed_text) {
    return 1 + packed_hex_digits / 2;
  }
  return 3 + static_cast<unsigned char>(bytes[1]) +
         (std::size_t{static_cast<unsigned char>(bytes[2])} << 8U);
}

std::string unpacked(std::string_view packed) {
  if (packed.front() == packed_text) {
    return std::string(packed.substr(3));
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id(packed_prefixes.at(static_cast<std::size_t>(packed.front())));
  for (const char byte : packed.substr(1)) {
    const auto value = static_cast<unsigned char>(byte);
    id.push_back(digits[value >> 4U]);
    id.push_back(digits[value & 0xfU]);
  }
  return id;
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

void PackedIds::pack(const std::vector<std::string>& ids) {
  std::string bytes;
  bytes.reserve(ids.size() * (1 + packed_hex_digits / 2));
  for (const std::string& id : ids) {
    append_packed(bytes, id);
  }
  bytes.shrink_to_fit();
  bytes_ = std::move(bytes);
}

std::vector<std::string> PackedIds::unpack() const {
  std::vector<std::string> ids;
  for (std::string_view rest = bytes_; !rest.empty();) {
    const std::size_t size = packed_size(rest);
    ids.push_back(unpacked(rest.substr(0, size)));
    rest.remove_prefix(size);
  }
  return ids;
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
  const std::vector<std::string> ids = own->second.ids.unpack();
  return std::find(ids.begin(), ids.end(), id) == ids.end();
}

std::vector<std::string> KnownPods::update(std::size_t scope, const KubernetesUid& uid,
                                           std::string_view version,
                                           const std::vector<std::string>& ids, bool tell_again) {
  Pod& pod = pods_[uid];
  pod.scope = static_cast<std::uint32_t>(scope);
  pod.round = rounds_.at(scope);
  pod.version = tell_again ? no_version : version_of(version);
  PackedIds packed;
  packed.pack(ids);
  std::vector<std::string> ended;
  if (packed != pod.ids) {
    for (std::string& id : pod.ids.unpack()) {
      claimed_.erase(id);
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
        ended.push_back(std::move(id));
      }
    }
    pod.ids = std::move(packed);
    for (const std::string& id : ids) {
      // As it comes back from its packed form.
      claimed_.insert(std::string_view(id).substr(0, packed_text_bytes_max));
    }
  }
  return ended;
}

std::vector<std::string> KnownPods::erase(const KubernetesUid& uid) {
  const auto found = pods_.find(uid);
  if (found == pods_.end()) {
    return {};
  }
  std::vector<std::string> ended = found->second.ids.unpack();
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
      for (const std::string& id : pod.ids.unpack()) {
        claimed_.erase(id);
      }
    }
    return vanished;
  });
}

void KnownPods::tell_again(const std::vector<std::string>& ids) {
  const std::unordered_set<std::string> wanted(ids.begin(), ids.end());
  for (auto& [uid, pod] : pods_) {
    const std::vector<std::string> known = pod.ids.unpack();
    if (std::any_of(known.begin(), known.end(),
                    [&](const std::string& id) { return wanted.contains(id); })) {
      pod.version = no_version;
    }
  }
}

std::vector<std::string> KnownPods::all_ids() const {
  std::vector<std::string> ids;
  ids.reserve(containers());
  for (const auto& [uid, pod] : pods_) {
    for (std::string& id : pod.ids.unpack()) {
      ids.push_back(std::move(id));
    }
  }
  return ids;
}

}  // namespace scanclock
