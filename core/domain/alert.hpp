#pragma once

#include "core/domain/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

enum class Severity { none, warning, critical };

std::string_view to_string(Severity severity);
std::optional<Severity> parse_severity(std::string_view text);

/// What distinguishes one alert from another: one for each unique image and policy, image
/// reference, registry or source (contract.md, "Alert rules").
struct AlertKey {
  std::string rule;
  /// Image digest, image reference, registry host, source name or evidence digest.
  std::string subject;
  std::string policy;

  auto operator<=>(const AlertKey&) const = default;
};

/// One episode of an alert. The id is stable from its first firing to its resolve.
struct Alert {
  std::string id;
  AlertKey key;
  Severity severity = Severity::warning;
  bool firing = true;
  /// `scanned`, `not_running`, …; empty while firing.
  std::string resolved_reason;
  std::string environment;
  std::string owner;
  /// Identity labels; when one changes, receivers are told of the old set's end.
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  int stage = 0;
  /// Number of the newest event of the episode, from 1.
  std::int64_t sequence = 0;
  TimePoint started_at;
  std::optional<TimePoint> ended_at;
  /// When receivers were last told of anything, repeats included.
  TimePoint last_notified_at;
  /// The newest event of which a message was written for each receiver, by its name: what a
  /// receiver has not been told yet is owed to it, whatever happens meanwhile to routes, silences
  /// and the daemon. A repeat that was meant for others counts as known. A group in which a
  /// receiver was told stands here, too, by its id: the alert stays in it to its end. Receivers
  /// that are told without the outbox (Alertmanager) do not stand here.
  std::map<std::string, std::int64_t> told;
};

enum class AlertEventKind { firing, updated, repeated, resolved };

std::string_view to_string(AlertEventKind kind);

/// Append-only history of an episode.
struct AlertEvent {
  std::string alert_id;
  std::int64_t sequence = 0;
  AlertEventKind kind = AlertEventKind::firing;
  TimePoint at;
  /// For people and assessors: what changed and why.
  std::string reason;
};

/// What one receiver is told together: alerts with equal values of a route's `group_by` labels.
struct AlertGroup {
  std::string receiver;
  /// `{environment="production",owner="payments"}`: the labels in the order of their names.
  std::string key;
  /// `grp_` and 16 hex digits, the same for a receiver and key for ever.
  std::string id;
  std::map<std::string, std::string> labels;
  /// Number of the newest message of the group, from 1.
  std::int64_t sequence = 0;
  /// When that was written.
  TimePoint flushed_at;
};

/// A message in the outbox: rendered when its cause was committed, never changed after.
struct OutboxMessage {
  /// Names this message in every attempt (webhook-id).
  std::string id;
  /// An alert's id, or a group's: messages of one id are delivered in order.
  std::string alert_id;
  /// The alerts that a group's message tells of; empty when it is alert_id alone.
  std::vector<std::string> alert_ids;
  std::int64_t sequence = 0;
  std::string receiver;
  /// `scanclock.alert.firing` and its like.
  std::string type;
  std::string body;
  TimePoint created_at;
  /// When it was last made due on request: the time for its attempts counts from then.
  std::optional<TimePoint> due_since;
  int attempts = 0;
  TimePoint next_attempt_at;
  std::string last_error;
};

}  // namespace scanclock
