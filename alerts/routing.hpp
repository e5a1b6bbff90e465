#pragma once

#include "alerts/receiver.hpp"
#include "core/domain/alert.hpp"
#include "core/domain/label_matcher.hpp"
#include "core/domain/time.hpp"

#include <string>
#include <vector>

namespace scanclock::alerts {

inline constexpr Duration repeat_every_default = std::chrono::hours(4);

struct Route {
  /// All must match; none match everything.
  std::vector<LabelMatcher> match;
  std::vector<std::string> receivers;
  /// Go on to the next route after this one.
  bool continues = false;
  /// Kept for grouped messages; each alert is told of by itself so far.
  std::vector<std::string> group_by;
  Duration repeat_every = repeat_every_default;
};

/// A receiver that an alert goes to, and how often it hears of it again.
struct Recipient {
  std::string receiver;
  Duration repeat_every = repeat_every_default;

  bool operator==(const Recipient&) const = default;
};

/// Which receivers an alert goes to. Routes see the identity labels and `rule`.
class Router {
 public:
  /// What no route matches goes to every receiver when it is warning or critical: a gap in the
  /// routes must not lose an alert. Throws std::regex_error for a
  /// matcher that is no regular expression; the settings refuse those earlier.
  Router(std::vector<Route> routes, const std::vector<Receiver>& receivers);

  /// In the order of the routes, each receiver once, with the shortest of its repeat times.
  std::vector<Recipient> recipients(const Alert& alert) const;

 private:
  struct CompiledRoute {
    Route route;
    LabelSelector selector;
  };

  std::vector<CompiledRoute> routes_;
  std::vector<std::string> receivers_;
};

/// Repeats lie on the grid of `started_at` and `every`: true when a point of it lies after
/// `last_notified_at` and not after `now`. So a restart neither loses nor hurries a repeat.
bool repeat_is_due(TimePoint started_at, TimePoint last_notified_at, Duration every, TimePoint now);
TimePoint next_repeat_at(TimePoint started_at, TimePoint last_notified_at, Duration every);

}  // namespace scanclock::alerts
