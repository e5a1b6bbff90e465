#pragma once

#include "core/domain/time.hpp"
#include "tests/support/webhook_receiver.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

/// What one message says of one alert.
struct AlertStatement {
  bool firing = true;
  /// Of the message.
  TimePoint at;
  int sequence = 0;
  std::string ended_at;
};

/// What one receiver heard: of each alert, by its id, in the order of first coming. A message that
/// came again counts once.
struct ReceiverStory {
  /// Reads messages about single alerts and about groups; expects that a group's are numbered
  /// without a gap, and leave no alert out.
  ReceiverStory(std::string receiver_name, const std::vector<WebhookReceiver::Message>& messages);

  std::string name;
  std::map<std::string, std::vector<AlertStatement>> alerts;
  std::set<std::string> message_ids;
};

struct TimeSpan {
  TimePoint from;
  TimePoint until;
};

struct RecordedAlert {
  std::string id;
  std::string rule;
  std::string subject;
  bool firing = false;
  std::string resolved_reason;
  TimePoint started_at;
  std::optional<TimePoint> ended_at;
};

struct RecordedSilence {
  std::string id;
  std::string digest;
  TimeSpan time;
};

/// What the database holds at the end of the crash test, which is judged against what receivers
/// heard. Its silences name one image's digest each.
class CrashRecord {
 public:
  using Sql = std::function<std::string(const std::string& statement)>;
  explicit CrashRecord(const Sql& sql);

  /// Nobody watched then.
  void add_outage(TimeSpan outage) { outages_.push_back(outage); }

  /// Every message of the outbox was brought, and nothing else was.
  void expect_all_messages_came(const ReceiverStory& story) const;
  /// Every alert is told from its beginning to its end, unless it was quiet all its life; a
  /// receiver with groups may wait `patience` for company.
  void expect_all_owed_was_told(const ReceiverStory& story, Duration patience) const;
  /// Nothing is news while a silence lasts, and no silence ends an alert.
  void expect_silences_were_kept(const ReceiverStory& story) const;
  void expect_no_alert_ended_by_silence() const;
  /// What goes on keeps its id: no two alerts say the same of one thing at once.
  void expect_one_id_for_each_episode() const;

  std::size_t alert_count() const { return alerts_.size(); }
  /// Alerts that began under a silence.
  std::size_t silenced_count() const;

 private:
  bool is_silenced(const std::string& subject, TimePoint time) const;
  /// The longest time in which the alert fired, no silence held it back, and a daemon watched.
  Duration longest_open_time(const RecordedAlert& alert) const;

  std::vector<RecordedAlert> alerts_;
  std::vector<RecordedSilence> silences_;
  std::vector<TimeSpan> outages_;
  /// By receiver.
  std::map<std::string, std::set<std::string>> message_ids_;
};

}  // namespace scanclock
