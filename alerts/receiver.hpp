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

/// Texts of messages to people, with variables as in docs/ALERTING.md; empty: the built-in ones.
struct MessageTemplates {
  MessageTemplates() = default;
  /// One line: an incident's summary, a mail's subject, a chat message's first line.
  std::string title;
  std::string text;
};

/// PagerDuty Events API v2.
struct PagerDutyReceiver {
  PagerDutyReceiver() = default;
  /// A secret.
  std::string routing_key;
  /// Without the path; another one for the EU service region.
  std::string url = "https://events.pagerduty.com";
  MessageTemplates templates;
};

/// An incoming webhook of Slack. The URL is a secret.
struct SlackReceiver {
  SlackReceiver() = default;
  std::string url;
  MessageTemplates templates;
};

/// A workflow webhook of Microsoft Teams that takes adaptive cards. The URL is a secret.
struct TeamsReceiver {
  TeamsReceiver() = default;
  std::string url;
  MessageTemplates templates;
};

/// Opsgenie's alert API.
struct OpsgenieReceiver {
  OpsgenieReceiver() = default;
  /// A secret.
  std::string api_key;
  std::string url = "https://api.opsgenie.com";
  MessageTemplates templates;
};

/// Mail by SMTP.
struct EmailReceiver {
  EmailReceiver() = default;
  /// `host:port`.
  std::string smarthost;
  std::string from;
  std::vector<std::string> to;
  /// Empty: no AUTH.
  std::string username;
  std::string password;
  /// `smtps` from the first byte instead of STARTTLS.
  bool implicit_tls = false;
  /// Without TLS at all; the settings allow it on request only.
  bool allow_plaintext = false;
  std::string ca_file;
  MessageTemplates templates;
};

/// A set of Alertmanagers; every one is told everything.
struct AlertmanagerReceiver {
  AlertmanagerReceiver() = default;
  /// Base URLs without a trailing slash.
  std::vector<std::string> urls;
  /// What is not told of again for this long counts as resolved there.
  Duration resolve_after = std::chrono::hours(24);
};

/// Exactly one kind is set.
struct Receiver {
  Receiver() = default;
  std::string name;
  std::optional<WebhookReceiver> webhook;
  std::optional<AlertmanagerReceiver> alertmanager;
  std::optional<PagerDutyReceiver> pagerduty;
  std::optional<SlackReceiver> slack;
  std::optional<TeamsReceiver> teams;
  std::optional<OpsgenieReceiver> opsgenie;
  std::optional<EmailReceiver> email;
  std::optional<Duration> heartbeat_every;
  /// Sends the digest of the forecast this often; nothing: never.
  std::optional<Duration> digest_every;

  /// Told through the outbox: every kind but Alertmanager.
  bool uses_outbox() const { return !alertmanager; }
};

}  // namespace scanclock::alerts
