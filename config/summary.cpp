#include "config/summary.hpp"

#include "config/summary_lines.hpp"
#include "config/summary_receivers.hpp"
#include "config/summary_workloads.hpp"
#include "config/url_check.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace scanclock {
namespace {

using summary::filter;
using summary::Lines;
using summary::list;
using summary::pairs;
using summary::print_workloads;
using summary::scalar;
using summary::texts;

void print_database(const DatabaseSettings& database, Lines& out) {
  out.section("database", false);
  if (database.url.empty()) {
    out.put("  ", "embedded", "{data_dir: " + scalar(database.embedded_data_dir) + "}");
  } else {
    out.put("  ", "url", scalar(database.url));
    const std::string& file = database.password.file();
    if (!file.empty()) {
      out.put("  ", "password_file", scalar(file));
    } else if (!database.password.empty()) {
      out.put("  ", "password", to_string(database.password));
    }
  }
  if (database.allow_plaintext) {
    out.put("  ", "allow_plaintext", "true");
  }
  out.put("  ", "retention",
          "{history: " + format_duration(database.retention.history) +
              ", raw_evidence: " + format_duration(database.retention.raw_evidence) + "}");
}

void print_server(const ServerSettings& server, Lines& out) {
  static constexpr std::string_view roles[] = {"read", "submit", "admin"};
  out.section("server", false);
  out.put("  ", "listen", scalar(server.listen));
  if (!server.external_url.empty()) {
    out.put("  ", "external_url", scalar(server.external_url));
  }
  out.put("  ", "anonymous", server.anonymous_read ? "read" : "none");
  out.put("  ", "max_body_size", std::to_string(server.body_bytes_max));
  out.put("  ", "tokens", list(server.tokens, [](const TokenSettings& token) {
            const std::string& file = token.token.file();
            return "{name: " + scalar(token.name) +
                   (file.empty() ? ", token: " + to_string(token.token)
                                 : ", token_file: " + scalar(file)) +
                   ", role: " + std::string(roles[static_cast<std::size_t>(token.role)]) + "}";
          }));
  if (!server.events_secret.empty()) {
    const std::string& file = server.events_secret.file();
    out.put("  ", "events",
            file.empty() ? "{secret: " + to_string(server.events_secret) + "}"
                         : "{secret_file: " + scalar(file) + "}");
  }
}

std::string trust_list(const std::vector<Trust>& classes) {
  return list(classes, [](Trust trust) { return std::string(to_string(trust)); });
}

void print_policies(const std::vector<Policy>& policies, Lines& out) {
  out.section("policies", policies.empty());
  for (const Policy& policy : policies) {
    out.item("name", scalar(policy.name));
    out.line("match", "{environments: " + texts(policy.match.environments) +
                          ", repositories: " + texts(policy.match.repositories) +
                          ", namespaces: " + texts(policy.match.namespaces) + "}");
    out.line("window", format_duration(policy.window));
    out.line("warn_before", list(policy.warn_before, format_duration));
    out.line("anchor", policy.anchor == Anchor::last_scan ? "last_scan" : "registry_entry");
    out.line("never_scanned_grace", format_duration(policy.never_scanned_grace));
    out.line("trust", trust_list(policy.trust));
    if (!policy.trust_rules.empty()) {
      out.line("trust_rules", list(policy.trust_rules, [](const TrustRule& rule) {
                 return "{repositories: " + texts(rule.repositories) +
                        ", trust: " + trust_list(rule.trust) + "}";
               }));
    }
    out.line("database_age_max",
             policy.database_age_max ? format_duration(*policy.database_age_max) : "none");
    out.line("platforms", list(policy.platforms, [](const Platform& platform) {
               return scalar(to_string(platform));
             }));
    out.line("alert_on", policy.alert_on == AlertOn::running ? "running" : "registry");
    out.line("future_tolerance", format_duration(policy.future_tolerance));
  }
}

std::string secret_entry(const std::string& key, const Secret& secret) {
  return secret.file().empty() ? key + ": " + to_string(secret)
                               : key + "_file: " + scalar(secret.file());
}

std::string registry_api(const RegistryApiSettings& api) {
  static constexpr std::string_view types[] = {"harbor", "quay", "ecr"};
  std::string text = "{type: " + std::string(types[static_cast<std::size_t>(api.type)]) +
                     ", url: " + scalar(api.url);
  if (!api.region.empty()) {
    text += ", region: " + scalar(api.region);
  }
  std::string login;
  if (!api.access_key_id.empty()) {
    login = "access_key_id: " + scalar(api.access_key_id) + ", " +
            secret_entry("secret_access_key", api.secret_access_key);
    if (!api.session_token.empty()) {
      login += ", " + secret_entry("session_token", api.session_token);
    }
  } else if (!api.credentials.token.empty()) {
    login = secret_entry("token", api.credentials.token);
  } else if (!api.credentials.username.empty()) {
    login = "username: " + scalar(api.credentials.username) + ", " +
            secret_entry("password", api.credentials.password);
  }
  if (!login.empty()) {
    text += ", credentials: {" + login + "}";
  }
  if (!api.ca_file.empty()) {
    text += ", ca_file: " + scalar(api.ca_file);
  }
  return text + ", every: " + format_duration(api.every) + "}";
}

void print_registries(const std::vector<RegistrySettings>& registries, Lines& out) {
  out.section("registries", registries.empty());
  for (const RegistrySettings& registry : registries) {
    out.item("name", scalar(registry.name));
    out.line("url", scalar(registry.url));
    out.flag("allow_plaintext", registry.allow_plaintext);
    out.line("environment", scalar(registry.environment));
    out.line("repositories", filter(registry.repositories));
    out.line("environments", pairs(registry.environments));
    out.line("tags", filter(registry.tags));
    const RegistryCredentialSettings& credentials = registry.credentials;
    if (!credentials.username.empty()) {
      out.line("credentials",
               "{username: " + scalar(credentials.username) +
                   (credentials.password.file().empty()
                        ? ", password: <secret>}"
                        : ", password_file: " + scalar(credentials.password.file()) + "}"));
    } else if (!credentials.token.empty()) {
      out.line("credentials", credentials.token.file().empty()
                                  ? "{token: <secret>}"
                                  : "{token_file: " + scalar(credentials.token.file()) + "}");
    } else if (!credentials.docker_config_file.empty()) {
      out.line("credentials", "{docker_config_file: " + scalar(credentials.docker_config_file) +
                                  (credentials.credential_helpers_folder.empty()
                                       ? "}"
                                       : ", credential_helpers_folder: " +
                                             scalar(credentials.credential_helpers_folder) + "}"));
    } else if (!credentials.credential_helper.empty()) {
      out.line("credentials", "{credential_helper: " + scalar(credentials.credential_helper) + "}");
    }
    out.line_if("attestation_repository", registry.attestation_repository.empty()
                                              ? ""
                                              : scalar(registry.attestation_repository));
    out.line_if("ca_file", registry.ca_file.empty() ? "" : scalar(registry.ca_file));
    if (registry.api) {
      out.line("api", registry_api(*registry.api));
    }
    std::string rate = std::to_string(registry.poll.max_requests_per_second);
    rate.erase(rate.find_last_not_of('0') + 1);
    rate.erase(rate.find_last_not_of('.') + 1);
    out.line("poll", "{tags_every: " + format_duration(registry.poll.tags_every) +
                         ", evidence_every: " + format_duration(registry.poll.evidence_every) +
                         ", max_concurrency: " + std::to_string(registry.poll.max_concurrency) +
                         ", max_requests_per_second: " + rate + "}");
    out.line("blind_after", format_duration(registry.blind_after));
  }
}

void print_spool(const std::vector<SpoolSettings>& spool, Lines& out) {
  out.section("spool", spool.empty());
  for (const SpoolSettings& folder : spool) {
    out.item("name", scalar(folder.name));
    out.line("path", scalar(folder.path));
    out.line("poll_every", format_duration(folder.poll_every));
    out.line("blind_after", format_duration(folder.blind_after));
  }
}

void print_keys(const std::vector<KeySettings>& keys, Lines& out) {
  out.section("keys", keys.empty());
  for (const KeySettings& settings : keys) {
    const SigningKey& key = settings.key;
    out.item("name", scalar(key.name));
    out.line("public_key_file", scalar(settings.public_key_file) + "  # " +
                                    std::string(to_string(key.algorithm)) + " " + key.fingerprint);
    out.line("repositories", texts(key.repositories));
    if (!key.registries.empty()) {
      out.line("registries", texts(key.registries));
    }
    out.line("predicate_types", texts(key.predicate_types));
    if (key.valid_from) {
      out.line("valid_from", format_rfc3339(*key.valid_from));
    }
    if (key.valid_until) {
      out.line("valid_until", format_rfc3339(*key.valid_until));
    }
  }
}

void print_owners(const std::vector<OwnerRule>& owners, Lines& out) {
  out.section("owners", owners.empty());
  for (const OwnerRule& rule : owners) {
    out.item("owner", scalar(rule.owner));
    out.line_if("contact", rule.contact.empty() ? "" : scalar(rule.contact));
    out.line("match", "{repositories: " + texts(rule.repositories) + ", namespaces: " +
                          texts(rule.namespaces) + ", labels: " + pairs(rule.labels) + "}");
  }
}

std::string time_of_day(std::chrono::minutes time) {
  const auto hours = std::chrono::floor<std::chrono::hours>(time);
  const auto two_digits = [](auto number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  return two_digits(hours.count()) + ":" + two_digits((time - hours).count());
}

std::string weekly_times(const WeeklyTimesSettings& times) {
  static constexpr std::string_view names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  const std::string days = times.days.empty()
                               ? std::string()
                               : "days: " + list(times.days, [](int day) {
                                   return std::string(names[static_cast<std::size_t>(day)]);
                                 }) + ", ";
  return "{" + days + "from: \"" + time_of_day(times.from) + "\", to: \"" + time_of_day(times.to) +
         "\"}";
}

void print_routes(const std::vector<RouteSettings>& routes, Lines& out) {
  out.section("routes", routes.empty());
  for (const RouteSettings& route : routes) {
    out.item("match", list(route.match,
                           [](const LabelMatcher& matcher) { return scalar(to_string(matcher)); }));
    out.line("receivers", texts(route.receivers));
    out.line("continue", route.continue_ ? "true" : "false");
    out.line("group_by", texts(route.group_by));
    if (!route.group_by.empty()) {
      out.line("group_wait", format_duration(route.group_wait));
      out.line("group_interval", format_duration(route.group_interval));
    }
    if (!route.warnings_wait.empty()) {
      out.line("warnings_wait", list(route.warnings_wait, weekly_times));
    }
    out.line("repeat_every", format_duration(route.repeat_every));
  }
}

}  // namespace

std::string redacted_summary(const Settings& settings) {
  Lines out;
  out.put("", "mode", settings.mode == Mode::alert ? "alert" : "observe");
  print_database(settings.database, out);
  print_server(settings.server, out);
  print_policies(settings.policies, out);
  print_registries(settings.registries, out);
  out.put("", "unmonitored_registries",
          std::string("{fetch_manifests: ") +
              (settings.unmonitored_registries.fetch_manifests ? "true" : "false") + "}");
  print_workloads(settings.workloads, out);
  print_spool(settings.spool, out);
  print_keys(settings.keys, out);
  print_owners(settings.owners, out);
  print_receivers(settings.receivers, out);
  print_routes(settings.routes, out);
  out.put("", "display", "{time_zone: " + scalar(settings.display.time_zone) + "}");
  return out.take();
}

}  // namespace scanclock
