#include "config/url_check.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <vector>

namespace scanclock {
namespace {

/// What matters of a connection string; `hosts` is empty for the default, a Unix socket.
struct ConnectionParts {
  std::vector<std::string> hosts;
  std::vector<std::string> ports;
  bool has_password = false;
  std::map<std::string, std::string> parameters;
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

std::optional<std::string> decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    unsigned value = 0;
    if (i + 2 >= text.size()) {
      return std::nullopt;
    }
    const char* const digits = text.data() + i + 1;
    const auto [end, error] = std::from_chars(digits, digits + 2, value, 16);
    if (error != std::errc() || end != digits + 2 || value == 0) {
      return std::nullopt;
    }
    result += static_cast<char>(value);
    i += 2;
  }
  return result;
}

/// `host`, `host:port`, `[v6]:port`; an empty host is the default one.
bool add_host(std::string_view text, ConnectionParts& parts) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return false;
    }
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  if (!port.empty() && port[0] != ':') {
    return false;
  }
  const std::optional<std::string> decoded = decode(host);
  if (!decoded) {
    return false;
  }
  parts.hosts.push_back(*decoded);
  parts.ports.emplace_back(port.empty() ? port : port.substr(1));
  return true;
}

std::optional<ConnectionParts> split_database_url(std::string_view text) {
  text.remove_prefix(text.find("://") + 3);
  ConnectionParts parts;
  const std::size_t query = text.find('?');
  const std::string_view before = text.substr(0, query);
  std::string_view authority = before.substr(0, before.find('/'));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    parts.has_password = authority.substr(0, at).find(':') != std::string_view::npos;
    authority.remove_prefix(at + 1);
  }
  if (!authority.empty()) {
    for (const std::string& host : split(authority, ',')) {
      if (!add_host(host, parts)) {
        return std::nullopt;
      }
    }
  }
  if (query == std::string_view::npos) {
    return parts;
  }
  for (const std::string& pair : split(text.substr(query + 1), '&')) {
    const std::size_t equals = pair.find('=');
    const auto key = decode(std::string_view(pair).substr(0, equals));
    if (equals == std::string::npos || !key || key->empty()) {
      return std::nullopt;
    }
    const auto value = decode(std::string_view(pair).substr(equals + 1));
    if (!value) {
      return std::nullopt;
    }
    parts.parameters[*key] = *value;
  }
  return parts;
}

/// `key = 'value with \' quotes' key=value …`
std::optional<ConnectionParts> split_keywords(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  ConnectionParts parts;
  std::size_t i = 0;
  while ((i = text.find_first_not_of(blanks, i)) != std::string_view::npos) {
    const std::size_t key_end = text.find_first_of(" \t\r\n=", i);
    const std::size_t equals = text.find_first_not_of(blanks, key_end);
    if (key_end == std::string_view::npos || key_end == i || equals == std::string_view::npos ||
        text[equals] != '=') {
      return std::nullopt;
    }
    std::string& value = parts.parameters[std::string(text.substr(i, key_end - i))];
    value.clear();
    i = std::min(text.find_first_not_of(blanks, equals + 1), text.size());
    const bool is_quoted = i < text.size() && text[i] == '\'';
    i += is_quoted ? 1 : 0;
    while (i < text.size() &&
           (is_quoted ? text[i] != '\'' : blanks.find(text[i]) == std::string_view::npos)) {
      i += text[i] == '\\' && i + 1 < text.size() ? 1 : 0;
      value += text[i++];
    }
    if (is_quoted && i++ >= text.size()) {
      return std::nullopt;
    }
  }
  return parts.parameters.empty() ? std::nullopt : std::optional(parts);
}

bool is_port(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 1 && value <= 65535;
}

bool is_local(const std::string& host) {
  return host.empty() || host[0] == '/' || host[0] == '@' || is_loopback_host(host);
}

bool is_verified(const std::map<std::string, std::string>& parameters) {
  const auto mode = parameters.find("sslmode");
  if (mode == parameters.end()) {
    return false;
  }
  return mode->second == "verify-full" ||
         (mode->second == "verify-ca" && parameters.count("sslrootcert") > 0);
}

/// Lets the parameters override what stands before the question mark, as libpq does.
void apply_parameters(ConnectionParts& parts) {
  const auto& parameters = parts.parameters;
  if (const auto host = parameters.find("host"); host != parameters.end()) {
    parts.hosts = split(host->second, ',');
  }
  if (const auto address = parameters.find("hostaddr"); address != parameters.end()) {
    // The address is what is connected to, so it must be local by itself.
    const std::vector<std::string> addresses = split(address->second, ',');
    parts.hosts.insert(parts.hosts.end(), addresses.begin(), addresses.end());
  }
  if (const auto port = parameters.find("port"); port != parameters.end()) {
    parts.ports = split(port->second, ',');
  }
}

}  // namespace

DatabaseUrlProblem check_database_url(std::string_view text, bool allow_plaintext) {
  const bool is_url = text.starts_with("postgresql://") || text.starts_with("postgres://");
  std::optional<ConnectionParts> parts = is_url ? split_database_url(text) : split_keywords(text);
  if (!parts || (!is_url && text.find("://") != std::string_view::npos)) {
    return {"not a PostgreSQL connection string",
            "write postgresql://user@host/database?sslmode=verify-full"};
  }
  apply_parameters(*parts);
  if (parts->has_password || parts->parameters.count("password") > 0) {
    return {"holds a password, which would show in logs", "put it into password_file"};
  }
  for (const std::string& port : parts->ports) {
    if (!port.empty() && !is_port(port)) {
      return {"\"" + port + "\" is not a port", "write a number from 1 to 65535"};
    }
  }
  if (allow_plaintext || is_verified(parts->parameters)) {
    return {};
  }
  for (const std::string& host : parts->hosts) {
    if (!is_local(host)) {
      return {"the connection to \"" + host + "\" would not be verified TLS",
              "add sslmode=verify-full, or set allow_plaintext: true"};
    }
  }
  if (parts->parameters.count("service") > 0) {
    return {"a service may name any host, so the connection might not be verified TLS",
            "add sslmode=verify-full, or set allow_plaintext: true"};
  }
  return {};
}

}  // namespace scanclock
