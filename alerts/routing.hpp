#pragma once

#include "alerts/receiver.hpp"
#include "core/domain/alert.hpp"
#include "core/domain/label_matcher.hpp"
#include "core/domain/time.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace scanclock::alerts {

inline constexpr Duration repeat_every_default = std::chrono::hours(4);

/// As Alertmanager's: how long the first message of a group waits for company, and how long news of
/// a group that was told of waits at least.
inline constexpr Duration group_wait_default = std::chrono::seconds(30);
inline constexpr Duration group_interval_default = std::chrono::minutes(5);

/// Times of the week, in a time zone, in which warnings wait.
struct WeeklyTimes {
  /// 0 for Sunday, as in ISO C; empty: every day.
  std::vector<int> days;
  /// From midnight; an end that is not after the start lies on the next day.
  std::chrono::minutes from{0};
  std::chrono::minutes to{24 * 60};

  bool operator==(const WeeklyTimes&) const = default;
};

struct Route {
  /// All must match; none match everything.
  std::vector<LabelMatcher> match;
  std::vector<std::string> receivers;
  /// Go on to the next route after this one.
  bool continues = false;
  /// Labels whose values make the groups; empty: each alert is told of by itself.
  std::vector<std::string> group_by;
  Duration group_wait = group_wait_default;
  Duration group_interval = group_interval_default;
  /// Warnings are told of when none of these holds; critical alerts and resolves never wait.
  std::vector<WeeklyTimes> warnings_wait;
  Duration repeat_every = repeat_every_default;
};

/// A receiver that an alert goes to, and how often it hears of it again.
struct Recipient {
  std::string receiver;
  Duration repeat_every = repeat_every_default;
  std::vector<std::string> group_by;
  Duration group_wait = group_wait_default;
  Duration group_interval = group_interval_default;
  std::vector<WeeklyTimes> warnings_wait;

  bool operator==(const Recipient&) const = default;
};

/// Which receivers an alert goes to. Routes see the identity labels and `rule`.
class Router {
 public:
  /// What no route matches goes to every receiver when it is warning or critical: a gap in the
  /// routes must not lose an alert. Throws std::regex_error for a
  /// matcher that is no regular expression; the settings refuse those earlier.
  Router(std::vector<Route> routes, const std::vector<Receiver>& receivers);

  /// In the order of the routes, each receiver once: as its first route says, but with the shortest
  /// of its repeat times, and without waiting where one of its routes does not wait. That a
  /// receiver fails is told to others: to all of them where its route names no other.
  std::vector<Recipient> recipients(const Alert& alert) const;

  /// For an alert that the receiver was told of and that no route sends there any more: as the
  /// first route says that names the receiver.
  Recipient former_recipient(const std::string& receiver) const;

 private:
  struct CompiledRoute {
    Route route;
    LabelSelector selector;
  };

  std::vector<Recipient> routed(const Alert& alert) const;

  std::vector<CompiledRoute> routes_;
  std::vector<std::string> receivers_;
};

/// Repeats lie on the grid of `started_at` and `every`: true when a point of it lies after
/// `last_notified_at` and not after `now`. So a restart neither loses nor hurries a repeat.
bool repeat_is_due(TimePoint started_at, TimePoint last_notified_at, Duration every, TimePoint now);
TimePoint next_repeat_at(TimePoint started_at, TimePoint last_notified_at, Duration every);

}  // namespace scanclock::alerts
