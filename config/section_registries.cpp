#include "config/sections.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace scanclock {
namespace {

constexpr Duration cycle_min = std::chrono::milliseconds(100);
constexpr Duration blind_after_floor = std::chrono::minutes(10);

/// A program or folder that must be there now; `$PATH` is not searched.
void read_absolute_path(MapReader& map, const std::string& key, int access, std::string& target) {
  const std::optional<Cursor> cursor = map.find(key);
  const auto text = cursor ? cursor->text() : std::nullopt;
  if (!text) {
    return;
  }
  if (!text->starts_with('/')) {
    cursor->fail("not an absolute path");
  } else if (::access(text->c_str(), access) != 0) {
    cursor->fail("cannot use " + *text + ": " + std::strerror(errno));
  } else {
    target = *text;
  }
}

void read_variable_names(MapReader& map, std::vector<std::string>& names) {
  const std::optional<Cursor> cursor = map.find("helper_environment");
  if (!cursor) {
    return;
  }
  for (const Cursor& item : cursor->text_items()) {
    const std::string name = item.text().value_or(std::string());
    if (name.empty() || name.find_first_of("= ") != std::string::npos) {
      item.fail("not the name of an environment variable");
    } else {
      names.push_back(name);
    }
  }
}

void read_token_server(MapReader& map, bool allow_plaintext, std::string& target) {
  if (const auto cursor = map.find("token_server")) {
    UrlRule rule;
    rule.allow_plaintext = allow_plaintext;
    target = read_http_url(*cursor, rule).value_or("");
  }
}

/// The path of a repository as distribution-spec has it: no registry, tag or digest.
void read_attestation_repository(MapReader& map, std::string& target) {
  const std::optional<Cursor> cursor = map.find("attestation_repository");
  const auto text = cursor ? cursor->text() : std::nullopt;
  if (!text) {
    return;
  }
  const bool is_path =
      text->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-/") == std::string::npos &&
      !text->starts_with('/') && !text->ends_with('/') && text->find("//") == std::string::npos &&
      text->find("..") == std::string::npos;
  if (!is_path) {
    cursor->fail("\"" + *text + "\" is no repository of this registry",
                 "give its path alone, such as security/attestations");
    return;
  }
  target = *text;
}

void read_credentials(MapReader& registry, bool allow_plaintext,
                      RegistryCredentialSettings& credentials) {
  const std::optional<Cursor> cursor = registry.find("credentials");
  if (!cursor) {
    return;
  }
  MapReader map(*cursor);
  map.text("username", credentials.username);
  const bool has_password = read_secret_setting(map, "password", credentials.password);
  const bool has_token = read_secret_setting(map, "token", credentials.token);
  read_file_setting(map, "docker_config_file", credentials.docker_config_file);
  read_absolute_path(map, "credential_helper", X_OK, credentials.credential_helper);
  read_absolute_path(map, "credential_helpers_folder", R_OK | X_OK,
                     credentials.credential_helpers_folder);
  read_variable_names(map, credentials.helper_environment);
  read_token_server(map, allow_plaintext, credentials.token_server);
  const bool has_user = map.has("username");
  const bool has_docker_config = map.has("docker_config_file");
  const bool has_helper = map.has("credential_helper");
  map.finish();
  if (!cursor->is_map()) {
    return;
  }
  if (map.has("credential_helpers_folder") && !has_docker_config) {
    cursor->fail(
        "\"credential_helpers_folder\" is for the programs that a docker_config_file names");
  }
  if (map.has("helper_environment") && !has_helper && !map.has("credential_helpers_folder")) {
    cursor->fail("\"helper_environment\" is for credential helpers, and none is allowed");
  }
  if (has_user != has_password) {
    cursor->fail(has_user ? "\"password_file\" is missing" : "\"username\" is missing");
  }
  const int kinds =
      int{has_user || has_password} + int{has_token} + int{has_docker_config} + int{has_helper};
  if (kinds != 1) {
    cursor->fail(kinds == 0 ? "no credentials are given" : "more than one kind of credentials",
                 "give username and password_file, or token_file, or docker_config_file, or "
                 "credential_helper");
  }
}

void read_poll(MapReader& registry, PollSettings& poll) {
  constexpr int concurrency_max = 256;
  constexpr double rate_min = 0.01;
  constexpr double rate_max = 100'000;
  const std::optional<Cursor> cursor = registry.find("poll");
  if (!cursor) {
    return;
  }
  MapReader map(*cursor);
  map.duration("tags_every", poll.tags_every, cycle_min);
  map.duration("evidence_every", poll.evidence_every, cycle_min);
  if (const auto concurrency = map.find("max_concurrency")) {
    poll.max_concurrency =
        static_cast<int>(concurrency->integer(1, concurrency_max).value_or(poll.max_concurrency));
  }
  if (const auto rate = map.find("max_requests_per_second")) {
    poll.max_requests_per_second =
        rate->number(rate_min, rate_max).value_or(poll.max_requests_per_second);
  }
  map.finish();
}

RegistrySettings read_registry(const Cursor& item, UniqueNames& names) {
  MapReader map(item);
  RegistrySettings registry;
  registry.name = read_name(map);
  names.add(map, "registry", registry.name);
  map.boolean("allow_plaintext", registry.allow_plaintext);
  if (const auto url = map.require("url")) {
    UrlRule rule;
    rule.allow_plaintext = registry.allow_plaintext;
    registry.url = read_http_url(*url, rule).value_or("");
  }
  read_environment(map, registry.environment);
  read_filter(map, "repositories", registry.repositories);
  read_environment_rules(map, registry.environments);
  read_filter(map, "tags", registry.tags);
  read_credentials(map, registry.allow_plaintext, registry.credentials);
  read_attestation_repository(map, registry.attestation_repository);
  read_file_setting(map, "ca_file", registry.ca_file);
  read_registry_api(map, registry);
  read_poll(map, registry.poll);
  registry.blind_after = std::max(2 * registry.poll.tags_every, Duration(blind_after_floor));
  map.duration("blind_after", registry.blind_after, std::chrono::seconds(1));
  map.finish();
  return registry;
}

}  // namespace

void read_registries(MapReader& root, UniqueNames& sources,
                     std::vector<RegistrySettings>& registries) {
  if (const auto section = root.find("registries")) {
    for (const Cursor& item : section->items()) {
      registries.push_back(read_registry(item, sources));
    }
  }
}

void read_unmonitored_registries(MapReader& root, UnmonitoredRegistrySettings& unmonitored) {
  const std::optional<Cursor> section = root.find("unmonitored_registries");
  if (!section) {
    return;
  }
  MapReader map(*section);
  map.boolean("fetch_manifests", unmonitored.fetch_manifests);
  map.finish();
}

}  // namespace scanclock
