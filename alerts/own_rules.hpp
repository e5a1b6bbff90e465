#pragma once

#include "alerts/rules.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scanclock::alerts {

/// Rules about the daemon itself, and the facts that they look at. Pure: no clock, no I/O.

/// What delivery knows about a receiver since the daemon started or read its settings again.
struct ReceiverHealth {
  std::string name;
  /// Answered 410: it is not asked again until the settings are read again.
  bool stopped = false;
  /// Since when nothing was delivered although it was tried; nothing after a success.
  std::optional<TimePoint> failing_since;
  std::optional<TimePoint> last_delivered_at;
  /// Of the newest attempt that failed, without secrets.
  std::string last_error;
};

/// A receiver that takes nothing for so long is reported through the others.
inline constexpr Duration receiver_failing_hold = std::chrono::minutes(15);
/// That the wall clock was set is reported for this long.
inline constexpr Duration clock_step_shown = std::chrono::hours(24);

/// The receivers as delivery knows them.
class ReceiverBook {
 public:
  /// All of them. A failure that seems to have begun in the future began now: the wall clock was
  /// set back.
  void note(std::vector<ReceiverHealth> receivers, TimePoint now);

  const ReceiverHealth* find(const std::string& name) const;
  const std::map<std::string, ReceiverHealth>& all() const { return receivers_; }

 private:
  std::map<std::string, ReceiverHealth> receivers_;
  /// When each failure began as delivery says it, which tells one failure from the next.
  std::map<std::string, std::optional<TimePoint>> noted_since_;
};

/// ReceiverFailing of one receiver.
Assessment assess_receiver(const ReceiverBook& receivers, const RuleSettings& settings,
                           const std::string& name, TimePoint now);
/// `delivered` with the first success, `removed` when there is no such receiver any more. What is
/// not known since a restart ends nothing.
std::optional<Ending> receiver_ending(const ReceiverBook& receivers, const Alert& alert);

/// The wall clock was set.
struct ClockStep {
  /// By the clock as it is since then.
  TimePoint at;
  Duration by{0};
  /// How often, since the daemon started.
  int count = 1;
};

/// ClockStep, of which there is one.
inline constexpr std::string_view wall_clock = "wall_clock";
Assessment assess_clock(const std::optional<ClockStep>& step, const RuleSettings& settings,
                        TimePoint now);
std::optional<Ending> clock_ending(const Alert& alert, TimePoint now);

}  // namespace scanclock::alerts
