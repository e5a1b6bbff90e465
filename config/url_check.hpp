#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// The parts of a URL as far as the settings' rules ask (RFC 3986).
struct UrlParts {
  std::string scheme;
  /// Lower case, IPv6 without brackets; empty for unix URLs.
  std::string host;
  std::uint16_t port = 0;
  bool has_user = false;
  bool has_query = false;
  bool has_fragment = false;
  /// Decoded for unix URLs, as written otherwise.
  std::string path;
};

/// `http`, `https` and `unix` URLs with a valid host and port; nothing for all else.
std::optional<UrlParts> split_url(std::string_view text);

/// `localhost`, 127.0.0.0/8, `::1`.
bool is_loopback_host(std::string_view host);

/// `https://hooks.example/…`: scheme, host and port only, for paths and queries may hold a secret.
std::string url_for_people(std::string_view text);

/// Why a libpq URL or keyword string cannot be used; empty when it can.
struct DatabaseUrlProblem {
  std::string message;
  std::string hint;
};

/// Checks a connection string (PostgreSQL documentation, "Connection Strings") without libpq:
/// its form, that it holds no password, and, unless `allow_plaintext`, that every host is reached
/// by a Unix socket or loopback or with verified TLS. `sslmode=verify-ca` counts as verified only
/// with an `sslrootcert`, because any public authority could vouch for the server otherwise.
DatabaseUrlProblem check_database_url(std::string_view text, bool allow_plaintext);

}  // namespace scanclock
