// Entries that a registry itself dates.
#include "core/domain/inventory.hpp"

#include <utility>

namespace scanclock {
namespace {

/// Containers did not exist before; such a time is a clock that was never set.
constexpr TimePoint earliest_push =
    std::chrono::sys_days(std::chrono::January / 1 / 2000) + std::chrono::hours(0);

}  // namespace

void Inventory::note_pushed(const RepositoryKey& key, const Digest& digest, TimePoint at,
                            EntryBasis basis, TimePoint now) {
  const bool is_recorded = basis == EntryBasis::push_event || basis == EntryBasis::platform_api;
  if (!is_recorded || at > now || at < earliest_push) {
    return;
  }
  if (const auto image = images_.find(digest); image != images_.end()) {
    const auto location = image->second.locations.find(key);
    if (location != image->second.locations.end()) {
      improve_entry(location->second, digest, at, basis);
      return;
    }
  }
  const Manifest* manifest = graph_.find(digest);
  if (manifest != nullptr && manifest->kind != ManifestKind::image) {
    // When an index came in says nothing of its images, which may have stood there for years.
    return;
  }
  const auto [hint, is_new] = early_pushes_.try_emplace({key, digest}, EarlyPush{at, basis});
  if (!is_new) {
    if (at < hint->second.at) {
      hint->second = EarlyPush{at, basis};
    }
    return;
  }
  early_push_order_.emplace_back(key, digest);
  while (early_push_order_.size() > early_pushes_max) {
    early_pushes_.erase(early_push_order_.front());
    early_push_order_.pop_front();
  }
}

/// Once its manifest is known, a hint is used or of no use.
void Inventory::take_early_push(const RepositoryKey& key, const Digest& digest) {
  const auto hint = early_pushes_.find({key, digest});
  if (hint == early_pushes_.end()) {
    return;
  }
  const EarlyPush push = hint->second;
  early_pushes_.erase(hint);
  const auto image = images_.find(digest);
  if (image == images_.end()) {
    return;
  }
  const auto location = image->second.locations.find(key);
  if (location != image->second.locations.end()) {
    improve_entry(location->second, digest, push.at, push.basis);
  }
}

void Inventory::improve_entry(Location& location, const Digest& image, TimePoint at,
                              EntryBasis basis) {
  const bool is_recorded = location.entry_basis == EntryBasis::push_event ||
                           location.entry_basis == EntryBasis::platform_api;
  const bool says_more = at == location.entry_at && !is_recorded;
  if (at >= location.entry_at && !says_more) {
    return;
  }
  location.entry_at = at;
  location.entry_basis = basis;
  dirty_images_.insert(image);
  changed_locations_.emplace(image, location.key);
}

}  // namespace scanclock
