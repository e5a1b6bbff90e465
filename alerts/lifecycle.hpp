#pragma once

#include "alerts/rules.hpp"
#include "core/domain/alert.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scanclock::alerts {

/// Ended alerts are shown by the API for this long, and remembered for Alertmanager receivers that
/// were not reachable.
inline constexpr Duration ended_alerts_kept = std::chrono::hours(24);

/// One step of an episode, to be stored and told in the transaction of its cause.
struct Transition {
  /// Nothing: only annotations moved; stored, but nobody is told.
  std::optional<AlertEventKind> kind;
  /// As it is after the step.
  Alert alert;
  /// Fields of the message that changed: `state`, `severity`, `stage`, `deadline_at`, `owner`,
  /// `environment`.
  std::vector<std::string> changed;
  /// For the history: why.
  std::string reason;
  /// Identity labels before, when they changed.
  std::optional<std::map<std::string, std::string>> labels_before;
  /// The severity rose, or the stage of the same severity.
  bool grew_worse = false;
};

/// The open alerts and their life cycle, as a pure state machine: no clock, no I/O, nothing about
/// receivers. An episode keeps its id from its first firing to its resolve; a key has at most one
/// open episode.
class AlertBook {
 public:
  using NewId = std::function<std::string()>;
  explicit AlertBook(NewId new_id) : new_id_(std::move(new_id)) {}

  /// Open alerts go on under their ids, ended ones are remembered. Holds start anew.
  void restore(const std::vector<Alert>& alerts);

  /// The condition holds: opens an episode, updates it, or does nothing.
  std::optional<Transition> holds(const Condition& condition, TimePoint now);

  /// The condition does not hold: resolves at once, after the ending's time, or, without an
  /// ending, not at all. Nothing when no such alert is open.
  std::optional<Transition> lapsed(const AlertKey& key, const std::optional<Ending>& ending,
                                   TimePoint now);

  /// Tells of an open alert again, with a new sequence number.
  std::optional<Transition> repeat(const AlertKey& key, TimePoint now);

  /// When a lapsed alert ends if nothing changes; nothing when no hold runs.
  std::optional<TimePoint> hold_ends_at(const AlertKey& key) const;

  /// The receiver was told of the alert as it is now; by a message of this group, unless the id is
  /// empty. Nothing when no such alert is known any more.
  void note_told(const Alert& alert, const std::string& receiver, const std::string& group);
  /// Whoever knew all of an open alert before its newest event needs not hear of that: it was a
  /// repeat for others.
  void note_repeat_known(const AlertKey& key);

  /// Nothing was told later than now, whatever the clock said then.
  void clock_went_back(TimePoint now);

  /// The open one.
  const Alert* find(const AlertKey& key) const;
  /// The episode with the id, open or ended.
  const Alert* find(const AlertKey& key, const std::string& id) const;
  /// The fields that events of an open alert after this sequence changed, as far as they happened
  /// since the start.
  std::vector<std::string> changed_since(const AlertKey& key, std::int64_t sequence) const;
  /// Someone's acknowledgement ended an alert about this very thing, which goes on being so.
  bool was_acknowledged(const Condition& condition) const;
  /// Open alerts of a rule about a subject, under every policy.
  std::vector<AlertKey> keys_of(std::string_view rule, const std::string& subject) const;
  std::vector<AlertKey> keys_of_rule(std::string_view rule) const;
  std::vector<AlertKey> keys() const;
  std::size_t open_count() const { return open_.size(); }
  /// How many are open, by rule and severity.
  std::map<std::pair<std::string, Severity>, std::size_t> open_counts() const;

  std::vector<Alert> open() const;
  /// The same in their places, until the book changes.
  std::vector<const Alert*> open_in_place() const;
  /// Those that ended within ended_alerts_kept or are still wanted, and label sets that were given
  /// up, as alerts with resolved_reason `relabelled`; oldest first.
  const std::vector<Alert>& ended() const { return ended_; }
  /// But for those that are still wanted.
  void forget_ended_before(TimePoint time, const std::function<bool(const Alert&)>& is_wanted);

 private:
  struct Entry {
    Alert alert;
    std::optional<TimePoint> lapsed_since;
    Duration hold{0};
    /// The newest updates since the start: which event changed what.
    std::vector<std::pair<std::int64_t, std::vector<std::string>>> changes;
  };

  Transition open_episode(const Condition& condition, TimePoint now);
  std::optional<Transition> update(Entry& entry, const Condition& condition, TimePoint now);
  Transition resolve(const AlertKey& key, const std::string& reason, TimePoint now);
  void note_ended(Alert alert);
  void index_ended();

  NewId new_id_;
  std::map<AlertKey, Entry> open_;
  std::vector<Alert> ended_;
  /// Where in ended_ an episode is, by its id.
  std::unordered_map<std::string, std::size_t> ended_places_;
  /// What was seen of alerts that an acknowledgement ended.
  std::map<AlertKey, std::string> acknowledged_;
};

/// Reason of label sets that were given up; only Alertmanagers are told.
inline constexpr std::string_view reason_relabelled = "relabelled";

/// Reason of alerts that someone took note of and that need nothing more.
inline constexpr std::string_view reason_acknowledged = "acknowledged";

}  // namespace scanclock::alerts
