#include "core/registry/schedule.hpp"

#include "core/runtime/backoff.hpp"

#include <algorithm>

namespace scanclock {
namespace {

/// The even rate is this much above the mean, so that turns which fall together are worked off.
constexpr double headroom = 1.25;
/// Unused time of the even rate that may be made up for, because timers wake late.
constexpr Duration slack_max = std::chrono::milliseconds(20);
/// Items this late, as after an outage, are not held back any more.
constexpr Duration lateness_max = std::chrono::minutes(1);
constexpr Duration retry_first = std::chrono::seconds(15);
constexpr unsigned retry_doublings_max = 16;

double rate_of(Duration period) {
  return period > Duration::zero() ? 1e6 / static_cast<double>(period.count()) : 0;
}

std::string key_of(const PollItem& item) {
  return std::to_string(static_cast<int>(item.kind)) + "/" + item.repository + "/" + item.name;
}

}  // namespace

std::size_t PollItemHash::operator()(const PollItem& item) const noexcept {
  const std::hash<std::string> hash;
  std::size_t seed = static_cast<std::size_t>(item.kind);
  for (const std::size_t part : {hash(item.repository), hash(item.name)}) {
    seed ^= part + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2);
  }
  return seed;
}

/// The first turn that lies at least `gap` ahead.
Duration Schedule::turn_after(const PollItem& item, Duration period, Instant now,
                              Duration gap) const {
  const Duration phase = phase_of(key_of(item), period);
  const Duration earliest = now.wall.time_since_epoch() + gap;
  Duration into = (earliest - phase) % period;
  if (into < Duration::zero()) {
    into += period;
  }
  const Duration wait = gap + (into == Duration::zero() ? Duration::zero() : period - into);
  return now.monotonic + wait;
}

void Schedule::set_period(Entry& entry, Duration period) {
  mean_per_second_ += rate_of(period) - rate_of(entry.period);
  entry.period = period;
}

void Schedule::enqueue(const PollItem& key, Entry& entry, Lane lane, Duration due) {
  entry.lane = lane;
  entry.due = due;
  queues_[lane].emplace(due, &key);
}

void Schedule::dequeue(const PollItem& key, const Entry& entry) {
  queues_[entry.lane].erase({entry.due, &key});
}

bool Schedule::add(const PollItem& item, Duration period, First first, Instant now) {
  auto [position, is_new] = entries_.try_emplace(item);
  set_period(position->second, period);
  if (is_new) {
    const bool at_once = first == First::at_once;
    enqueue(position->first, position->second, at_once ? immediate : regular,
            at_once ? now.monotonic : turn_after(item, period, now, Duration::zero()));
  }
  return is_new;
}

void Schedule::remove(const PollItem& item) {
  const auto position = entries_.find(item);
  if (position == entries_.end()) {
    return;
  }
  set_period(position->second, Duration::zero());
  if (!position->second.under_way) {
    dequeue(position->first, position->second);
  }
  entries_.erase(position);
}

bool Schedule::ask_now(const PollItem& item, Instant now) {
  const auto position = entries_.find(item);
  if (position == entries_.end()) {
    return false;
  }
  Entry& entry = position->second;
  if (entry.under_way) {
    entry.again = true;
  } else if (entry.lane != immediate) {
    dequeue(position->first, entry);
    enqueue(position->first, entry, immediate, now.monotonic);
  }
  return true;
}

std::optional<PollItem> Schedule::take_from(Lane lane) {
  const PollItem* key = queues_[lane].begin()->second;
  queues_[lane].erase(queues_[lane].begin());
  entries_.at(*key).under_way = true;
  return *key;
}

std::optional<PollItem> Schedule::pop(Instant now) {
  if (!queues_[immediate].empty()) {
    return take_from(immediate);
  }
  for (const Lane lane : {urgent, regular}) {
    if (queues_[lane].empty() || queues_[lane].begin()->first > now.monotonic) {
      continue;
    }
    const bool is_late = now.monotonic - queues_[lane].begin()->first > lateness_max;
    if (!is_late && now.monotonic < next_slot_) {
      return std::nullopt;
    }
    const auto gap =
        static_cast<Duration::rep>(1e6 / (headroom * std::max(mean_per_second_, 1e-6)));
    next_slot_ = std::max(next_slot_, now.monotonic - slack_max) + Duration(gap);
    // One slow rate must not hold back what comes after a change of the rate.
    next_slot_ = std::min(next_slot_, now.monotonic + std::chrono::seconds(1));
    return take_from(lane);
  }
  return std::nullopt;
}

void Schedule::finished(const PollItem& item, Duration period, bool is_urgent, bool retry,
                        Instant now) {
  const auto position = entries_.find(item);
  if (position == entries_.end() || !position->second.under_way) {
    return;
  }
  Entry& entry = position->second;
  set_period(entry, period);
  entry.under_way = false;
  entry.failures = retry ? std::min(entry.failures + 1, retry_doublings_max) : 0;
  const Lane lane = is_urgent ? urgent : regular;
  // A turn that ran late by less than most of the period does not lose the next one.
  const Duration turn = turn_after(item, period, now, period / 8);
  if (entry.again) {
    entry.again = false;
    enqueue(position->first, entry, immediate, now.monotonic);
  } else if (retry) {
    const Duration pause = retry_first * (1LL << (entry.failures - 1));
    enqueue(position->first, entry, lane, std::min(now.monotonic + pause, turn));
  } else {
    enqueue(position->first, entry, lane, turn);
  }
}

std::optional<Duration> Schedule::next_due() const {
  if (!queues_[immediate].empty()) {
    return queues_[immediate].begin()->first;
  }
  std::optional<Duration> earliest;
  for (const Lane lane : {urgent, regular}) {
    if (!queues_[lane].empty()) {
      const Duration due = queues_[lane].begin()->first;
      earliest = earliest ? std::min(*earliest, due) : due;
    }
  }
  return earliest ? std::max(*earliest, next_slot_) : earliest;
}

}  // namespace scanclock
