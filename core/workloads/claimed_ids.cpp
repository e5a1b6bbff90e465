#include "core/workloads/claimed_ids.hpp"

#include <functional>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t claimed_slots_min = 16;

}  // namespace

std::uint64_t ClaimedIds::hash_of(std::string_view id) {
  const std::uint64_t hash = std::hash<std::string_view>()(id);
  return hash == no_id ? 1 : hash;
}

void ClaimedIds::put(std::uint64_t hash) {
  std::size_t slot = home_of(hash);
  while (slots_[slot] != no_id) {
    slot = after(slot);
  }
  slots_[slot] = hash;
}

void ClaimedIds::grow() {
  const std::size_t slots = slots_.empty() ? claimed_slots_min : slots_.size() * 2;
  const std::vector<std::uint64_t> before =
      std::exchange(slots_, std::vector<std::uint64_t>(slots, no_id));
  for (const std::uint64_t hash : before) {
    if (hash != no_id) {
      put(hash);
    }
  }
}

void ClaimedIds::insert(std::string_view id) {
  // At most three quarters full.
  if ((size_ + 1) * 4 > slots_.size() * 3) {
    grow();
  }
  put(hash_of(id));
  ++size_;
}

bool ClaimedIds::contains(std::string_view id) const {
  if (slots_.empty()) {
    return false;
  }
  const std::uint64_t hash = hash_of(id);
  for (std::size_t slot = home_of(hash); slots_[slot] != no_id; slot = after(slot)) {
    if (slots_[slot] == hash) {
      return true;
    }
  }
  return false;
}

void ClaimedIds::erase(std::string_view id) {
  if (!contains(id)) {
    return;
  }
  const std::uint64_t hash = hash_of(id);
  std::size_t gap = home_of(hash);
  while (slots_[gap] != hash) {
    gap = after(gap);
  }
  // Whoever stands behind the gap and could stand in it moves up (Knuth 6.4, algorithm R), so that
  // a search still ends at the first empty slot.
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = after(gap); slots_[slot] != no_id; slot = after(slot)) {
    const std::size_t distance_from_home = (slot - home_of(slots_[slot])) & mask;
    if (distance_from_home >= ((slot - gap) & mask)) {
      slots_[gap] = slots_[slot];
      gap = slot;
    }
  }
  slots_[gap] = no_id;
  --size_;
}

}  // namespace scanclock
