#include "config/sections.hpp"
#include "config/url_check.hpp"

#include <charconv>

namespace scanclock {
namespace {

constexpr std::uint64_t body_bytes_min = std::uint64_t{64} << 10;
constexpr std::uint64_t body_bytes_limit = std::uint64_t{1} << 30;

/// `host:port` or `[v6]:port`, port 0 included.
bool is_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return false;
  }
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') != host.ends_with(']')) {
    return false;
  }
  const bool is_v6 = host.starts_with('[');
  if (!is_v6 && host.find(':') != std::string_view::npos) {
    return false;
  }
  int port = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc() || parsed != end || port < 0 || port > 65535) {
    return false;
  }
  // Borrows the URL grammar for the host; port 0 is no URL's.
  return split_url("http://" + std::string(host) + ":1").has_value();
}

void read_token(const Cursor& item, UniqueNames& names, std::vector<TokenSettings>& tokens) {
  MapReader map(item);
  TokenSettings token;
  token.name = read_name(map);
  names.add(map, "token", token.name);
  if (!read_secret_setting(map, "token", token.token) && item.is_map()) {
    item.fail("\"token_file\" is missing", "name a file that holds the token");
  }
  for (const TokenSettings& other : tokens) {
    if (!token.token.empty() && other.token.reveal() == token.token.reveal()) {
      item.fail("has the same token as \"" + other.name + "\"");
    }
  }
  if (const auto role = map.require("role")) {
    if (const auto word = role->word({"read", "submit", "admin"})) {
      token.role = static_cast<Role>(*word);
    }
  }
  map.finish();
  tokens.push_back(std::move(token));
}

void read_events(MapReader& server, Secret& secret) {
  constexpr std::size_t secret_length_min = 16;
  const std::optional<Cursor> cursor = server.find("events");
  if (!cursor) {
    return;
  }
  MapReader map(*cursor);
  const bool has_secret = read_secret_setting(map, "secret", secret);
  map.finish();
  if (cursor->is_map() && !has_secret) {
    cursor->fail("\"secret_file\" is missing", "name a file that holds what registries send");
  } else if (!secret.empty() && secret.reveal().size() < secret_length_min) {
    cursor->fail("the secret is shorter than 16 characters",
                 "openssl rand -hex 24 makes a good one");
  }
}

}  // namespace

void read_server(MapReader& root, ServerSettings& server) {
  const std::optional<Cursor> section = root.find("server");
  if (!section) {
    return;
  }
  MapReader map(*section);
  if (const auto listen = map.find("listen")) {
    if (const auto value = listen->text()) {
      if (is_listen_address(*value)) {
        server.listen = *value;
      } else {
        listen->fail("\"" + *value + "\" is not an address and a port",
                     "write host:port, such as 127.0.0.1:9630 or [::1]:9630");
      }
    }
  }
  if (const auto url = map.find("external_url")) {
    UrlRule rule;
    rule.path_allowed = true;
    // It only makes links that people follow, so nothing of ours travels by it.
    rule.allow_plaintext = true;
    server.external_url = read_http_url(*url, rule).value_or("");
  }
  if (const auto tls = map.find("tls")) {
    tls->fail("not supported by this version yet",
              "listen on loopback and let a reverse proxy speak TLS");
  }
  if (const auto anonymous = map.find("anonymous")) {
    if (const auto word = anonymous->word({"read", "none"})) {
      server.anonymous_read = *word == 0;
    }
  }
  if (const auto size = map.find("max_body_size")) {
    server.body_bytes_max =
        size->size(body_bytes_min, body_bytes_limit).value_or(server.body_bytes_max);
  }
  if (const auto tokens = map.find("tokens")) {
    UniqueNames names;
    for (const Cursor& item : tokens->items()) {
      read_token(item, names, server.tokens);
    }
  }
  read_events(map, server.events_secret);
  map.finish();
}

}  // namespace scanclock
