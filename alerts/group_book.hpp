#pragma once

#include "alerts/routing.hpp"
#include "core/domain/alert.hpp"
#include "core/domain/deadline_queue.hpp"
#include "core/domain/time.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::alerts {

/// A route groups by this many labels at most.
inline constexpr std::size_t group_by_labels_max = 16;

/// The values of `group_by` labels that an alert has; a label that it lacks is left out, and `rule`
/// is a label.
std::map<std::string, std::string> group_labels_of(const Alert& alert,
                                                   const std::vector<std::string>& group_by);
/// `{environment="production",owner="payments"}`, in the order of the names.
std::string group_key_of(const std::map<std::string, std::string>& labels);
/// `grp_` and 16 hex digits.
std::string group_id_of(const std::string& receiver, const std::string& key);
/// Among the names in Alert::told. The migration 0005_alerting knows the prefix, too.
bool is_group_id(std::string_view name);

/// The groups in which receivers are told of alerts, who is in them, and when a message about one
/// is due, as a pure state: no clock, no I/O, nothing about what messages say.
///
/// A group is open while its receiver knows of something in it that fires. The first message of a
/// group that is not open waits group_wait for company, news of an open one until group_interval
/// after its last message, and without news all of it is repeated repeat_every after that.
class GroupBook {
 public:
  struct Member {
    AlertKey key;
    /// Its receiver was told that it fires, and not yet that it ended.
    bool told = false;
  };

  /// Rows of groups; members come by join().
  void restore(const std::vector<AlertGroup>& groups);

  /// The group for an alert that its receiver was not told of.
  std::string group_for(const Recipient& recipient, const Alert& alert);
  /// The group in which the receiver was told of the alert: the alert stays in it to its end,
  /// whatever becomes of labels and routes. Empty when it was told of by itself, or not at all.
  std::string told_in(const Alert& alert, const std::string& receiver) const;

  /// Puts the alert into the group, with the times that the route says now; out of another one of
  /// the same receiver. `told`: see Member.
  void join(const std::string& group, const Alert& alert, bool told, const Recipient& recipient);
  /// A member's firing is told of now.
  void note_told(const std::string& group, const std::string& alert_id);
  /// Out of the groups of this receiver, or of all.
  void leave(const std::string& alert_id, const std::string& receiver);
  void leave(const std::string& alert_id);
  /// Something that the group's receiver is to hear of happened then.
  void note_news(const std::string& group, TimePoint at);
  /// A repeat is due, but nothing in the group may be repeated before then.
  void rest_until(const std::string& group, TimePoint at);
  /// Nothing in the group is owed to its receiver now.
  void drop_news(const std::string& group);
  /// A message of the group is written now; returns the row to store.
  AlertGroup flushed(const std::string& group, TimePoint now);

  /// Groups with a message due, each once until something changes.
  std::vector<std::string> take_due(TimePoint now) { return timers_.take_due(now); }
  std::optional<TimePoint> next_due() const { return timers_.next(); }
  /// Nothing was told later than now, whatever the clock said then.
  void clock_went_back(TimePoint now);
  /// All groups are without members until they join anew.
  void forget_members();

  const AlertGroup& row(const std::string& group) const { return groups_.at(group).row; }
  const std::map<std::string, Member>& members(const std::string& group) const {
    return groups_.at(group).members;
  }
  bool is_open(const std::string& group) const { return groups_.at(group).told_members > 0; }
  bool repeat_is_due(const std::string& group, TimePoint now) const;
  const std::vector<WeeklyTimes>& warnings_wait(const std::string& group) const {
    return groups_.at(group).warnings_wait;
  }
  std::size_t size() const { return groups_.size(); }

 private:
  struct Group {
    AlertGroup row;
    Duration wait{0};
    Duration interval{0};
    Duration repeat_every{0};
    std::vector<WeeklyTimes> warnings_wait;
    std::map<std::string, Member> members;
    std::size_t told_members = 0;
    std::optional<TimePoint> news_since;
    std::optional<TimePoint> resting_until;
  };

  std::optional<TimePoint> due_at(const Group& group) const;
  void set_timer(const std::string& id, const Group& group);
  void remove_member(const std::string& id, const std::string& alert_id);

  std::map<std::string, Group> groups_;
  /// Receiver to group, by alert id.
  std::map<std::string, std::map<std::string, std::string>> places_;
  DeadlineQueue timers_;
};

}  // namespace scanclock::alerts
