#pragma once

#include "config/secret.hpp"
#include "config/workload_settings.hpp"
#include "core/domain/label_matcher.hpp"
#include "core/domain/pattern.hpp"
#include "core/domain/policy.hpp"
#include "core/domain/scope.hpp"
#include "core/domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The settings file as plain values, every default in place (contract.md, "Configuration").
/// File names are resolved: absolute, or relative to the working directory when the settings file
/// itself was named so. Everything was validated by the loader.
namespace scanclock {

/// observe records everything and notifies nobody.
enum class Mode { alert, observe };

struct RetentionSettings {
  Duration history = std::chrono::hours(24 * 400);
  Duration raw_evidence = std::chrono::hours(24 * 400);
};

struct DatabaseSettings {
  /// A libpq URL or keyword string without a password; empty: the embedded PostgreSQL.
  std::string url;
  Secret password;
  bool allow_plaintext = false;
  std::string embedded_data_dir = "/var/lib/scanclock/postgresql";
  RetentionSettings retention;
};

/// What a bearer of a token may do; each role includes those before it.
enum class Role { read, submit, admin };

struct TokenSettings {
  std::string name;
  Secret token;
  Role role = Role::read;
};

struct ServerSettings {
  /// `host:port`; port 0 picks a free one.
  std::string listen = "127.0.0.1:9630";
  /// Without a trailing slash; empty: links are made from the bound address.
  std::string external_url;
  /// False with `anonymous: none`: every request but the health checks needs a token.
  bool anonymous_read = true;
  /// Of a request, as received.
  std::uint64_t body_bytes_max = std::uint64_t{64} << 20;
  std::vector<TokenSettings> tokens;
  /// What registries send with their push events; empty: only a token of role submit will do.
  Secret events_secret;
};

/// At most one kind is set: username with password, token, docker_config_file or
/// credential_helper.
struct RegistryCredentialSettings {
  std::string username;
  Secret password;
  /// Sent as `Authorization: Bearer` to the registry itself.
  Secret token;
  /// A Docker config.json or containers-auth.json; the registry room reads it.
  std::string docker_config_file;
  /// Absolute path of a docker-credential-* program.
  std::string credential_helper;
  /// Absolute folder of the docker-credential-* programs that the Docker config may name; empty:
  /// none of them is run.
  std::string credential_helpers_folder;
  /// Names of variables that helpers get from the daemon's environment, besides HOME.
  std::vector<std::string> helper_environment;
  /// Origin of a token server that does not belong to the registry by its name; empty for none.
  std::string token_server;
};

struct PollSettings {
  Duration tags_every = std::chrono::minutes(15);
  Duration evidence_every = std::chrono::hours(1);
  int max_concurrency = 8;
  double max_requests_per_second = 50;
};

enum class RegistryApiType { harbor, quay, ecr };

/// The product API of a registry, a second source of evidence.
struct RegistryApiSettings {
  RegistryApiType type = RegistryApiType::harbor;
  /// `scheme://host[:port]`; never empty after loading.
  std::string url;
  /// harbor, quay: a user with a password, or a token; all empty: anonymous.
  RegistryCredentialSettings credentials;
  /// ecr.
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;
  std::string region;
  /// From the registry's host; empty: the account of the key.
  std::string account;
  /// Empty: the registry's.
  std::string ca_file;
  Duration every = std::chrono::minutes(15);
};

struct RegistrySettings {
  std::string name;
  /// `scheme://host[:port]`, without a trailing slash.
  std::string url;
  std::string environment = "production";
  /// An empty include list: what the catalog lists.
  PatternFilter repositories;
  EnvironmentRules environments;
  PatternFilter tags;
  RegistryCredentialSettings credentials;
  /// A repository of this registry where evidence of all its images may lie, too.
  std::string attestation_repository;
  std::string ca_file;
  std::optional<RegistryApiSettings> api;
  PollSettings poll;
  /// Never empty after loading; the default is the longer of two tag cycles and 10 minutes.
  Duration blind_after = std::chrono::minutes(30);
  bool allow_plaintext = false;
};

struct KeySettings {
  SigningKey key;
  /// Read at each load.
  std::string public_key_file;
};

/// A folder that reports are dropped into.
struct SpoolSettings {
  std::string name;
  /// Need not exist yet.
  std::string path;
  Duration poll_every = std::chrono::seconds(10);
  /// The default is the longer of two looks and 10 minutes.
  Duration blind_after = std::chrono::minutes(10);
};

enum class WebhookFormat { standard, alertmanager };

struct WebhookSettings {
  /// The path may be secret: print url_for_people() (config/url_check.hpp) only.
  std::string url;
  /// Empty: messages are not signed. Several while a secret is rotated: each signs.
  std::vector<Secret> signing_secrets;
  WebhookFormat format = WebhookFormat::standard;
  bool allow_plaintext = false;
};

struct AlertmanagerSettings {
  /// Base URLs without a trailing slash; every one is told everything.
  std::vector<std::string> urls;
  Duration resolve_after = std::chrono::hours(24);
  bool allow_plaintext = false;
};

/// Texts with variables (docs/ALERTING.md); empty: the built-in ones.
struct TemplateSettings {
  std::string title;
  std::string text;
};

struct PagerDutySettings {
  Secret routing_key;
  std::string url = "https://events.pagerduty.com";
  bool allow_plaintext = false;
  TemplateSettings templates;
};

/// Slack, and Microsoft Teams by a workflow: the URL is the credential.
struct ChatSettings {
  Secret url;
  bool allow_plaintext = false;
  TemplateSettings templates;
};

struct OpsgenieSettings {
  Secret api_key;
  std::string url = "https://api.opsgenie.com";
  bool allow_plaintext = false;
  TemplateSettings templates;
};

struct EmailSettings {
  /// `host:port`.
  std::string smarthost;
  std::string from;
  std::vector<std::string> to;
  std::string username;
  Secret password;
  bool implicit_tls = false;
  bool allow_plaintext = false;
  std::string ca_file;
  TemplateSettings templates;
};

/// Exactly one kind is set.
struct ReceiverSettings {
  std::string name;
  std::optional<WebhookSettings> webhook;
  std::optional<AlertmanagerSettings> alertmanager;
  std::optional<PagerDutySettings> pagerduty;
  std::optional<ChatSettings> slack;
  std::optional<ChatSettings> teams;
  std::optional<OpsgenieSettings> opsgenie;
  std::optional<EmailSettings> email;
  std::optional<Duration> heartbeat_every;
  /// How often the digest of the forecast is sent; nothing: never.
  std::optional<Duration> digest_every;
};

/// Times of the week, in display.time_zone.
struct WeeklyTimesSettings {
  /// 0 for Sunday; empty: every day.
  std::vector<int> days;
  std::chrono::minutes from{0};
  std::chrono::minutes to{24 * 60};

  bool operator==(const WeeklyTimesSettings&) const = default;
};

struct RouteSettings {
  /// All must match; an empty list matches everything.
  std::vector<LabelMatcher> match;
  std::vector<std::string> receivers;
  /// Go on to the next route after this one matched.
  bool continue_ = false;
  std::vector<std::string> group_by;
  Duration group_wait = std::chrono::seconds(30);
  Duration group_interval = std::chrono::minutes(5);
  /// Warnings wait while one of these holds; critical alerts never do.
  std::vector<WeeklyTimesSettings> warnings_wait;
  Duration repeat_every = std::chrono::hours(4);
};

struct DisplaySettings {
  /// An IANA name; for messages only.
  std::string time_zone = "UTC";
};

/// What may be asked of registries that run images and stand in no entry.
struct UnmonitoredRegistrySettings {
  bool fetch_manifests = false;
};

struct Settings {
  Mode mode = Mode::alert;
  DatabaseSettings database;
  ServerSettings server;
  /// Never empty.
  std::vector<Policy> policies{Policy{}};
  std::vector<RegistrySettings> registries;
  UnmonitoredRegistrySettings unmonitored_registries;
  std::vector<WorkloadSettings> workloads;
  std::vector<SpoolSettings> spool;
  std::vector<KeySettings> keys;
  std::vector<OwnerRule> owners;
  std::vector<ReceiverSettings> receivers;
  std::vector<RouteSettings> routes;
  DisplaySettings display;
};

}  // namespace scanclock
