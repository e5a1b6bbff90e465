#pragma once

#include "alerts/evaluator_options.hpp"
#include "alerts/group_book.hpp"
#include "alerts/lifecycle.hpp"
#include "alerts/notification.hpp"
#include "alerts/silence_book.hpp"
#include "core/domain/changes.hpp"
#include "core/domain/inventory.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock::alerts {

/// What one round of telling reads and writes.
struct TellingStep {
  const Inventory& inventory;
  TimePoint now;
  ChangeSet& changes;
};

/// Who is told of which alert when. Every receiver of the outbox that an alert goes to is owed the
/// alert's newest event until a message of it is written (Alert::told), and what is owed is worked
/// out anew whenever an alert is looked at: so neither a restart nor a reload, a silence or a
/// waiting time loses anything. Pure: no clock, no I/O.
class Telling {
 public:
  /// The references must outlive it.
  Telling(AlertBook& book, const SilenceBook& silences) : book_(book), silences_(silences) {}

  /// Look at every alert anew after this.
  void configure(const EvaluatorOptions& options);
  void restore(const std::vector<AlertGroup>& groups) { groups_.restore(groups); }

  /// Pays what is owed for an open alert, and repeats it: at once, by its group, or not while
  /// telling is muted. Returns when time alone may change that.
  std::optional<TimePoint> tell(TellingStep& step, const AlertKey& key);
  /// Whoever was told of the alert is told of its end, whatever is muted, and nobody else.
  void tell_end(TellingStep& step, const Alert& ended);
  /// Writes the messages of groups that are due.
  void flush_groups(TellingStep& step);

  std::optional<TimePoint> next_change_at() const { return groups_.next_due(); }
  /// The clock was set back: nothing waits until it has caught up.
  void clock_went_back(TimePoint now) { groups_.clock_went_back(now); }

  bool is_recipient(const Alert& alert, std::string_view receiver) const;
  /// Silenced ever since it began: those that are told without the outbox need not hear of it yet.
  bool is_held_back(const Alert& alert) const { return held_back_.contains(alert.id); }
  /// A receiver has not been told yet that the alert ended; maybe one that is not in the settings
  /// now and comes back.
  bool is_owed(const Alert& ended) const;
  /// Lets go of what is remembered of alerts that the book knows no more.
  void forget_unknown();

 private:
  struct Target;
  struct Round;

  std::vector<Target> targets_of(const Alert& alert, TimePoint now);
  Recipient recipient_of(const Alert& alert, const std::string& receiver) const;
  std::optional<TimePoint> waiting_until(const std::vector<WeeklyTimes>& times,
                                         TimePoint now) const;
  void note_held_back(const Alert& alert, TimePoint now);
  /// Of a receiver that knows of the alert, or does not: when telling it may begin again.
  std::optional<TimePoint> muted_until(const Alert& alert, bool is_known,
                                       const std::optional<TimePoint>& waiting_until,
                                       TimePoint now) const;
  void settle_in_group(const Alert& alert, const Target& target, TimePoint now);
  /// Returns the receivers that a message was written for.
  std::set<std::string> pay(TellingStep& step, const Alert& alert,
                            const std::vector<Target>& targets);
  void repeat(TellingStep& step, const AlertKey& key, const std::vector<Target>& targets,
              const std::set<std::string>& paid);
  void flush(TellingStep& step, const std::string& group);
  Round gather(const std::string& group, TimePoint now) const;
  void write_round(TellingStep& step, const std::string& group, const Round& round);
  Transition news_of(const Alert& alert, std::int64_t told) const;
  void write(TellingStep& step, Transition transition, const std::string& receiver) const;
  MessageInput message_input(const TellingStep& step) const;

  AlertBook& book_;
  const SilenceBook& silences_;
  std::unique_ptr<Router> router_;
  /// Those that are told through the outbox.
  std::map<std::string, Receiver, std::less<>> receivers_;
  std::string external_url_;
  TimeZone time_zone_;
  bool notify_ = true;
  GroupBook groups_;
  std::map<std::string, AlertKey> held_back_;
  /// What waiting_until() found for the moment of this evaluation.
  mutable TimePoint waiting_at_;
  mutable std::vector<std::pair<std::vector<WeeklyTimes>, std::optional<TimePoint>>> waiting_;
  /// Until all alerts were looked at once.
  bool is_first_round_ = true;
};

}  // namespace scanclock::alerts
