#pragma once

#include "core/domain/time.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace scanclock {

enum class PollKind { catalog, tag_list, tag_check, evidence, presence, appeared };

/// One thing that is asked again and again. `name` is a tag or a digest's text.
struct PollItem {
  PollItem() = default;
  PollItem(PollKind item_kind, std::string item_repository, std::string item_name)
      : kind(item_kind), repository(std::move(item_repository)), name(std::move(item_name)) {}
  PollKind kind = PollKind::catalog;
  std::string repository;
  std::string name;

  auto operator<=>(const PollItem&) const = default;
};

struct PollItemHash {
  std::size_t operator()(const PollItem& item) const noexcept;
};

/// Both clocks at one moment: turns are phased on the wall clock, so that a restart shifts
/// nobody's, but waited for on the monotonic one, so that a step of the wall clock delays nobody.
struct Instant {
  TimePoint wall;
  Duration monotonic{0};
};

/// Says what is to be asked next. Each item has a turn in its period that its own hash gives
/// (phase_of), and turns are let through at an even rate a little above the mean, so that the
/// busiest second has at most 1.5 times the mean from four requests a second on. New and urgent
/// things come at once. Pure.
class Schedule {
 public:
  enum class First { at_once, in_turn };

  /// Adds the item, or sets its period. `at_once` is for what was not known before; `in_turn`
  /// keeps the phase from before a restart. Returns false when it was there.
  bool add(const PollItem& item, Duration period, First first, Instant now);
  void remove(const PollItem& item);
  bool contains(const PollItem& item) const { return entries_.contains(item); }

  /// Brings the item forward: it is the next to be asked. False when there is no such item. Asked
  /// for while the item is being asked, it is asked once more.
  bool ask_now(const PollItem& item, Instant now);

  /// The next item that is due; it is under way until finished() is called for it.
  std::optional<PollItem> pop(Instant now);

  /// Schedules the item's next turn with `period`. After a failure that may pass soon, `retry`
  /// brings it back earlier: 15 s, doubled each time, at most the period.
  void finished(const PollItem& item, Duration period, bool urgent, bool retry, Instant now);

  /// When pop() may have something, on the monotonic clock.
  std::optional<Duration> next_due() const;

  std::size_t size() const { return entries_.size(); }
  /// Items a second when nothing is new, urgent or late.
  double mean_per_second() const { return mean_per_second_; }

 private:
  enum Lane : std::size_t { immediate, urgent, regular, lanes };
  struct Entry {
    Duration period{0};
    Duration due{0};
    Lane lane = regular;
    bool under_way = false;
    bool again = false;
    unsigned failures = 0;
  };
  using Entries = std::unordered_map<PollItem, Entry, PollItemHash>;
  using Queue = std::set<std::pair<Duration, const PollItem*>>;

  Duration turn_after(const PollItem& item, Duration period, Instant now, Duration gap) const;
  void enqueue(const PollItem& key, Entry& entry, Lane lane, Duration due);
  void dequeue(const PollItem& key, const Entry& entry);
  void set_period(Entry& entry, Duration period);
  std::optional<PollItem> take_from(Lane lane);

  Entries entries_;
  std::array<Queue, lanes> queues_;
  double mean_per_second_ = 0;
  Duration next_slot_{0};
};

}  // namespace scanclock
