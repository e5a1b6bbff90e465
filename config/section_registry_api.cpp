#include "config/sections.hpp"
#include "config/url_check.hpp"
#include "core/domain/ecr_host.hpp"

namespace scanclock {
namespace {

constexpr Duration api_cycle_min = std::chrono::milliseconds(100);
constexpr Duration quay_every_default = std::chrono::hours(1);

void read_key_pair(MapReader& map, const Cursor& cursor, RegistryApiSettings& api) {
  map.text("access_key_id", api.access_key_id);
  const bool has_secret = read_secret_setting(map, "secret_access_key", api.secret_access_key);
  read_secret_setting(map, "session_token", api.session_token);
  if (cursor.is_map() && (api.access_key_id.empty() || !has_secret)) {
    cursor.fail("access_key_id and secret_access_key_file are both needed");
  }
}

void read_login(MapReader& map, const Cursor& cursor, RegistryApiSettings& api) {
  RegistryCredentialSettings& credentials = api.credentials;
  const bool has_token = read_secret_setting(map, "token", credentials.token);
  if (api.type == RegistryApiType::quay) {
    if (cursor.is_map() && !has_token) {
      cursor.fail("\"token_file\" is missing",
                  "quay's api takes an oauth token with the scope repo:read, and no robot's "
                  "password");
    }
    return;
  }
  map.text("username", credentials.username);
  const bool has_password = read_secret_setting(map, "password", credentials.password);
  const bool has_user = map.has("username");
  if (cursor.is_map() && (has_user != has_password || has_user == has_token)) {
    cursor.fail("no usable credentials",
                "give username and password_file, or token_file; left out: those of the registry");
  }
}

/// The registry's own login is used for the API where both stand on one server, and never sent to
/// another.
void read_api_credentials(MapReader& map, const RegistrySettings& registry,
                          RegistryApiSettings& api) {
  const std::optional<Cursor> cursor = map.find("credentials");
  if (cursor) {
    MapReader inner(*cursor);
    if (api.type == RegistryApiType::ecr) {
      read_key_pair(inner, *cursor, api);
    } else {
      read_login(inner, *cursor, api);
    }
    inner.finish();
    return;
  }
  if (api.type == RegistryApiType::ecr) {
    map.cursor().fail("\"credentials\" is missing",
                      "give access_key_id and secret_access_key_file of a key that may read "
                      "images and scan findings");
  } else if (api.type == RegistryApiType::harbor && api.url == registry.url) {
    api.credentials = registry.credentials;
  } else if (api.type == RegistryApiType::harbor) {
    map.cursor().fail("\"credentials\" is missing",
                      "the registry's own are not sent to another server");
  }
}

void read_ecr_place(MapReader& map, const RegistrySettings& registry, RegistryApiSettings& api) {
  bool fips = false;
  map.text("region", api.region);
  map.boolean("fips", fips);
  const auto parts = split_url(registry.url);
  if (const auto host = parse_ecr_host(parts ? parts->host : std::string())) {
    api.account = host->account;
    if (api.region.empty()) {
      api.region = host->region;
    }
  }
  if (api.region.empty()) {
    map.cursor().fail("\"region\" is missing", "such as us-east-1 or us-gov-west-1");
  }
  if (api.url.empty()) {
    api.url = ecr_endpoint(api.region, fips);
  } else if (fips) {
    map.cursor().fail("\"fips\" chooses the default url, and there is a \"url\"");
  }
}

}  // namespace

void read_registry_api(MapReader& registry_map, RegistrySettings& registry) {
  const std::optional<Cursor> cursor = registry_map.find("api");
  if (!cursor) {
    return;
  }
  MapReader map(*cursor);
  RegistryApiSettings api;
  if (const auto type = map.require("type")) {
    if (const auto word = type->word({"harbor", "quay", "ecr"})) {
      api.type = static_cast<RegistryApiType>(*word);
    }
  }
  if (const auto url = map.find("url")) {
    UrlRule rule;
    rule.allow_plaintext = registry.allow_plaintext;
    api.url = read_http_url(*url, rule).value_or("");
  } else if (api.type != RegistryApiType::ecr) {
    api.url = registry.url;
  }
  if (api.type == RegistryApiType::ecr) {
    read_ecr_place(map, registry, api);
  }
  read_api_credentials(map, registry, api);
  read_file_setting(map, "ca_file", api.ca_file);
  if (api.type == RegistryApiType::quay) {
    api.every = quay_every_default;
  }
  map.duration("every", api.every, api_cycle_min);
  map.finish();
  registry.api = std::move(api);
}

}  // namespace scanclock
