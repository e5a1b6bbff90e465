#pragma once

#include "alerts/receiver.hpp"
#include "core/domain/changes.hpp"
#include "core/domain/forecast.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/time_zone.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scanclock::alerts {

/// Images that one write() counts, so that it keeps the I/O thread for some milliseconds only.
inline constexpr std::size_t digest_images_at_once = 5000;

/// Which digests are due, and what was told last. The times survive restarts: they stand in the
/// record as groups whose id is digest_id(). Pure: no I/O, no clock.
class DigestBook {
 public:
  explicit DigestBook(std::size_t images_at_once = digest_images_at_once)
      : images_at_once_(images_at_once) {}

  /// Only receivers that have `digest_every` and take digests; none when nobody is to be told.
  /// They come by the clock on the wall of `zone`.
  void configure(const std::vector<Receiver>& receivers, bool notify, TimeZone zone = TimeZone());
  /// Once, before the first write().
  void restore(const std::vector<AlertGroup>& groups);

  /// Appends to `changes` the digests that are due and the rows that remember them. A receiver that
  /// is new is remembered, and told when its next moment comes. Moments that passed while nobody
  /// was there are made up for by one digest. Many images are counted in several calls:
  /// next_change_at() has come until the digests are written.
  void write(const Inventory& inventory, const std::string& external_url, TimePoint now,
             ChangeSet& changes);

  /// When write() has something to do next; nothing before it has seen the receivers.
  std::optional<TimePoint> next_change_at() const;

 private:
  bool is_due(const Receiver& receiver, TimePoint now) const;
  void remember(const Receiver& receiver, TimePoint now, ChangeSet& changes);
  /// True when all images were counted.
  bool count(const Inventory& inventory, TimePoint now);

  std::size_t images_at_once_;
  std::vector<Receiver> receivers_;
  TimeZone zone_;
  /// By the receiver's name.
  std::map<std::string, AlertGroup> told_;
  /// While images are being counted, and the last one that was.
  std::optional<ForecastCount> counting_;
  TimePoint counting_since_;
  Digest counted_to_;
};

}  // namespace scanclock::alerts
