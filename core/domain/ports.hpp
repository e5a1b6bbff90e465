#pragma once

#include "core/domain/changes.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

/// Thrown by every write when another daemon holds the lease: stop evaluating and delivering.
class LeaseLostError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A part of what a piece of evidence found.
struct FindingPage {
  FindingPage() = default;
  /// False: collected by an older release, or of bytes that could not be read as a scan. That is
  /// something else than no findings.
  bool recorded = false;
  /// How many more there were than are recorded.
  std::int64_t omitted = 0;
  /// Sorted by id.
  std::vector<Finding> findings;
};

/// The record of everything. Methods throw when the database cannot be reached, and may then be
/// called again with the same arguments. I/O thread only.
class Ledger {
 public:
  virtual ~Ledger() = default;

  virtual boost::asio::awaitable<Snapshot> load() = 0;

  /// All of it or nothing, fenced by the lease. Idempotent.
  virtual boost::asio::awaitable<void> commit(const ChangeSet& changes) = 0;

  /// The number of the policy content, a new one when the content is new for this name.
  virtual boost::asio::awaitable<int> policy_version(std::string name, std::string canonical_text,
                                                     TimePoint now) = 0;

  /// The evidence bytes as collected, nothing when unknown or past their retention.
  virtual boost::asio::awaitable<std::optional<std::string>> evidence_bytes(Digest digest) = 0;

  /// What the evidence found, by id in byte order behind `after`; `limit` at most 5001. Nothing
  /// when the evidence is unknown.
  virtual boost::asio::awaitable<std::optional<FindingPage>> evidence_findings(Digest digest,
                                                                               std::string after,
                                                                               int limit) = 0;

  /// An episode of any age; nothing when it is unknown or past its retention.
  virtual boost::asio::awaitable<std::optional<Alert>> alert(std::string id) = 0;
  /// Episodes of any age about an image, an image reference, a registry or a source, the newest
  /// first; `limit` at most 1000.
  virtual boost::asio::awaitable<std::vector<Alert>> alerts_about(std::string subject,
                                                                  int limit) = 0;

  /// Newest first; `limit` at most 1000.
  virtual boost::asio::awaitable<std::vector<AlertEvent>> alert_events(std::string alert_id,
                                                                       int limit) = 0;

  /// All intervals of a source that touch the time from `since` on, oldest first.
  virtual boost::asio::awaitable<std::vector<CoverageInterval>> coverage(std::string source,
                                                                         TimePoint since) = 0;

  /// All that were in force at or after `since`, newest first; `limit` at most 1001.
  virtual boost::asio::awaitable<std::vector<Silence>> silences(TimePoint since, int limit) = 0;
  /// Of one alert, newest first.
  virtual boost::asio::awaitable<std::vector<Acknowledgement>> acknowledgements(
      std::string alert_id) = 0;

  /// What ran at a moment and what had been concluded about it by then, behind the key `after` (an
  /// empty one for the start); `limit` at most 5001.
  virtual boost::asio::awaitable<PastPage> containers_at(TimePoint at, PastFilters filters,
                                                         ContainerKey after, int limit) = 0;

  /// Deletes what is older than the retention; returns the number of rows.
  virtual boost::asio::awaitable<std::int64_t> purge(TimePoint history_before,
                                                     TimePoint raw_evidence_before) = 0;
};

struct OutboxStatistics {
  std::string receiver;
  std::int64_t waiting = 0;
  std::int64_t set_aside = 0;
  std::optional<TimePoint> oldest_waiting_at;
};

/// Delivery record of a message, for the API's `notified`.
struct DeliveryRecord {
  std::string alert_id;
  std::string receiver;
  TimePoint at;
  int attempts = 0;
};

enum class NotificationState { waiting, delivered, set_aside };

std::string_view to_string(NotificationState state);
std::optional<NotificationState> parse_notification_state(std::string_view text);

/// Of the ledger of notifications; empty values match everything.
struct NotificationFilters {
  NotificationFilters() = default;
  std::string receiver;
  std::optional<NotificationState> state;
  /// Also finds messages of groups that told of the alert.
  std::string alert_id;
  std::optional<TimePoint> since;
};

/// One try to deliver a message: `delivered`, `failed` or `set_aside`.
struct NotificationAttempt {
  NotificationAttempt() = default;
  int number = 1;
  TimePoint at;
  std::string outcome;
  /// Of the answer; 0 when there was none.
  int status = 0;
  std::string error;
};

/// What an assessor reads: what was told, to whom, when, how often and with which answer.
struct NotificationRecord {
  NotificationRecord() = default;
  std::string id;
  /// Order of writing, from 1.
  std::int64_t position = 0;
  std::string receiver;
  std::string alert_id;
  /// Of a group; of a list the first `listed_alerts_max` of each.
  std::vector<std::string> alert_ids;
  /// Of a group, how many alerts it tells of; 0 for a message about one.
  std::int64_t grouped_alerts = 0;
  std::int64_t sequence = 0;
  std::string type;
  NotificationState state = NotificationState::waiting;
  TimePoint created_at;
  /// While it waits.
  std::optional<TimePoint> next_attempt_at;
  std::optional<TimePoint> finished_at;
  std::string last_error;
  /// Claims included that a crash ended.
  int attempts_made = 0;
  /// Oldest first, of a list the newest `listed_attempts_max` of each.
  std::vector<NotificationAttempt> attempts;
};

/// A group may tell of every image there is.
inline constexpr int listed_alerts_max = 50;
inline constexpr int listed_attempts_max = 10;
inline constexpr int detailed_attempts_max = 1000;

/// One message with what was sent.
struct NotificationDetail {
  NotificationDetail() = default;
  /// With the newest `detailed_attempts_max` attempts.
  NotificationRecord record;
  std::string body;
};

/// A message that its receiver took, and with which status.
struct DeliveredMessage {
  DeliveredMessage() = default;
  std::string id;
  TimePoint at;
  int status = 0;
};

/// Messages on their way to receivers; every claim is a lease, so that a crash repeats a message
/// under the same id and loses none. I/O thread only; throws when the database cannot be reached.
class Outbox {
 public:
  virtual ~Outbox() = default;

  /// Claims due messages of a receiver until `lease_until`: for each alert only its oldest
  /// undelivered one, so that order is kept per alert.
  virtual boost::asio::awaitable<std::vector<OutboxMessage>> claim(std::string receiver,
                                                                   TimePoint now,
                                                                   TimePoint lease_until,
                                                                   int limit) = 0;
  virtual boost::asio::awaitable<void> delivered(std::string message_id, TimePoint at,
                                                 int status) = 0;
  /// The same for many at once. Writing one twice is as good as once.
  virtual boost::asio::awaitable<void> delivered_all(std::vector<DeliveredMessage> messages);
  /// Gives claimed messages back that were not sent: they are due as before, and the claim was no
  /// attempt. What is not given back is due again when its lease ends.
  virtual boost::asio::awaitable<void> release(std::vector<std::string> message_ids);
  /// `status` is the answer's, 0 when there was none.
  virtual boost::asio::awaitable<void> retry_at(std::string message_id, TimePoint when,
                                                std::string error, int status) = 0;
  /// Poison: kept and shown, never sent again by itself.
  virtual boost::asio::awaitable<void> set_aside(std::string message_id, TimePoint at,
                                                 std::string error, int status) = 0;
  /// When the next message of a receiver becomes due, claimed ones included; nothing when none
  /// waits.
  virtual boost::asio::awaitable<std::optional<TimePoint>> next_due(std::string receiver) = 0;
  virtual boost::asio::awaitable<std::vector<OutboxStatistics>> statistics() = 0;
  virtual boost::asio::awaitable<std::vector<DeliveryRecord>> deliveries(
      std::vector<std::string> alert_ids) = 0;

  /// Newest first, those with a position below `before`; `limit` at most 1001.
  virtual boost::asio::awaitable<std::vector<NotificationRecord>> notifications(
      NotificationFilters filters, std::int64_t before, int limit) = 0;
  /// Nothing when there is no such message, or when it is past its retention.
  virtual boost::asio::awaitable<std::optional<NotificationDetail>> notification(
      std::string message_id) = 0;
  /// A message that waits or was set aside becomes due at `now`, with the full time for attempts;
  /// false when there is none such.
  virtual boost::asio::awaitable<bool> retry(std::string message_id, TimePoint now) = 0;
  /// Messages to the receiver that were made since then and have been delivered or set aside become
  /// due again, under their ids; returns how many.
  virtual boost::asio::awaitable<std::int64_t> replay(std::string receiver, TimePoint since,
                                                      TimePoint now) = 0;
  /// The wall clock was set to `now`: what waits for the receiver, of all or of what would wait
  /// beyond `later_than`, becomes due, with the full time for attempts. Otherwise a clock that was
  /// set back would delay messages, and one that was set forward would make them too old.
  virtual boost::asio::awaitable<void> clock_was_set(std::string receiver, TimePoint now,
                                                     std::optional<TimePoint> later_than) = 0;
};

/// The row lease that makes evaluation and delivery single. Uses the database's time.
class Lease {
 public:
  virtual ~Lease() = default;
  /// True when this daemon now holds the lease, under a new term.
  virtual boost::asio::awaitable<bool> acquire() = 0;
  /// Extends the term; throws LeaseLostError when it is another's.
  virtual boost::asio::awaitable<void> renew() = 0;
  /// Lets another take over at once. Does nothing when it is not held.
  virtual boost::asio::awaitable<void> release() = 0;
};

}  // namespace scanclock
