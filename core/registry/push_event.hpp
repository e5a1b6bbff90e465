#pragma once

#include "core/domain/digest.hpp"
#include "core/domain/result.hpp"
#include "core/domain/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr std::size_t push_events_max = 1000;
inline constexpr std::size_t push_event_bytes_max = std::size_t{1} << 20;

enum class PushEventKind { distribution, harbor, zot, quay };

std::optional<PushEventKind> parse_push_event_kind(std::string_view text);

/// The attributes of a CloudEvent in binary mode, which its HTTP request carries as `ce-type` and
/// `ce-time`; empty where the event says them itself.
struct CloudEventHead {
  CloudEventHead() = default;
  std::string type;
  std::string time;
};

/// What a registry tells of one manifest: a reason to look there, and at most a push time.
struct PushEvent {
  PushEvent() = default;
  /// `registry.example:5000` as the sender calls itself; empty where it does not say.
  std::string host;
  std::string repository;
  /// Empty where the event has none.
  Digest digest;
  std::string tag;
  /// Only of a push, and only where the event says when it was.
  std::optional<TimePoint> pushed_at;

  bool operator==(const PushEvent&) const = default;
};

/// Reads a notification; what is neither a push of a manifest nor a finished scan is left out.
/// - distribution: events version 2 (distribution docs/content/about/notifications.md), also one
///   bare event, as Azure sends it;
/// - harbor: its own payload and CloudEvents (goharbor/harbor src/pkg/notifier);
/// - zot: CloudEvents `zotregistry.image.updated` in structured or binary mode;
/// - quay: `repo_push` and vulnerability notifications, which have neither digest nor time.
/// The failure says what is wrong with the text. Pure.
Result<std::vector<PushEvent>, std::string> parse_push_events(PushEventKind kind,
                                                              std::string_view body,
                                                              const CloudEventHead& head);

}  // namespace scanclock
