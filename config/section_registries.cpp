#include "config/sections.hpp"

#include <algorithm>

namespace scanclock {
namespace {

constexpr Duration cycle_min = std::chrono::milliseconds(100);
constexpr Duration blind_after_floor = std::chrono::minutes(10);

void read_credentials(MapReader& registry, RegistryCredentialSettings& credentials) {
  const std::optional<Cursor> cursor = registry.find("credentials");
  if (!cursor) {
    return;
  }
  MapReader map(*cursor);
  map.text("username", credentials.username);
  const bool has_password = read_secret_setting(map, "password", credentials.password);
  const bool has_token = read_secret_setting(map, "token", credentials.token);
  read_file_setting(map, "docker_config_file", credentials.docker_config_file);
  const bool has_user = map.has("username");
  const bool has_docker_config = map.has("docker_config_file");
  map.finish();
  if (!cursor->is_map()) {
    return;
  }
  if (has_user != has_password) {
    cursor->fail(has_user ? "\"password_file\" is missing" : "\"username\" is missing");
  }
  const int kinds = int{has_user || has_password} + int{has_token} + int{has_docker_config};
  if (kinds != 1) {
    cursor->fail(kinds == 0 ? "no credentials are given" : "more than one kind of credentials",
                 "give username and password_file, or token_file, or docker_config_file");
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
  read_credentials(map, registry.credentials);
  read_file_setting(map, "ca_file", registry.ca_file);
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

}  // namespace scanclock
