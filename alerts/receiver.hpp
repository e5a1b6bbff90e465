#pragma once

#include "core/domain/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace scanclock::alerts {

/// Answers of receivers are not used; a huge one must not cost memory.
inline constexpr std::size_t response_bytes_max = std::size_t{64} << 10;

enum class WebhookFormat { standard, alertmanager };

/// A receiver that is told by POST, through the outbox.
struct WebhookReceiver {
  WebhookReceiver() = default;
  std::string url;
  /// `whsec_…` secrets as in Standard Webhooks; every message is signed with each, so that they
  /// can be rotated. Empty: messages are not signed.
  std::vector<std::string> signing_secrets;
  WebhookFormat format = WebhookFormat::standard;
};

/// A set of Alertmanagers; every one is told everything.
struct AlertmanagerReceiver {
  AlertmanagerReceiver() = default;
  /// Base URLs without a trailing slash.
  std::vector<std::string> urls;
  /// What is not told of again for this long counts as resolved there.
  Duration resolve_after = std::chrono::hours(24);
};

/// Exactly one of webhook and alertmanager is set.
struct Receiver {
  Receiver() = default;
  std::string name;
  std::optional<WebhookReceiver> webhook;
  std::optional<AlertmanagerReceiver> alertmanager;
  std::optional<Duration> heartbeat_every;
};

}  // namespace scanclock::alerts
