#include "config/url_check.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace scanclock {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

bool is_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == ':';
  });
}

/// Boost 1.81 keeps only the low bits of a port that is too large.
std::optional<std::uint16_t> to_port(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole && port != 0 ? std::optional(port) : std::nullopt;
}

}  // namespace

std::optional<UrlParts> split_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
  if (!parsed) {
    return std::nullopt;
  }
  const boost::urls::url_view& url = *parsed;
  UrlParts parts;
  parts.scheme = lower(std::string(url.scheme()));
  parts.has_user = url.has_userinfo();
  parts.has_query = url.has_query();
  parts.has_fragment = url.has_fragment();
  if (parts.scheme == "unix") {
    parts.path = url.path();
    const bool usable = url.encoded_host().empty() && !parts.has_user && !parts.has_query &&
                        !parts.has_fragment && parts.path.size() > 1 && parts.path[0] == '/';
    return usable ? std::optional(parts) : std::nullopt;
  }
  if (parts.scheme != "http" && parts.scheme != "https") {
    return std::nullopt;
  }
  parts.path = std::string(url.encoded_path());
  parts.host = lower(url.host_address());
  // Boost 1.81 splits `127.0.0.1.example` into an address and a path without a slash.
  const bool path_is_odd = !parts.path.empty() && parts.path[0] != '/';
  const std::optional<std::uint16_t> port =
      url.has_port() ? to_port(std::string(url.port()))
                     : std::optional<std::uint16_t>(parts.scheme == "https" ? 443 : 80);
  if (path_is_odd || !port || !is_host(parts.host)) {
    return std::nullopt;
  }
  parts.port = *port;
  return parts;
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host == "::1") {
    return true;
  }
  // `127.evil.example` is a name, not an address.
  return host.starts_with("127.") &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string url_for_people(std::string_view text) {
  const std::optional<UrlParts> parts = split_url(text);
  if (!parts) {
    return "<unreadable>";
  }
  if (parts->scheme == "unix") {
    return std::string(text);
  }
  const bool is_default_port = parts->port == (parts->scheme == "https" ? 443 : 80);
  const bool is_v6 = parts->host.find(':') != std::string::npos;
  const bool has_more = (parts->path.size() > 1) || parts->has_query;
  return parts->scheme + "://" + (is_v6 ? "[" + parts->host + "]" : parts->host) +
         (is_default_port ? "" : ":" + std::to_string(parts->port)) + (has_more ? "/…" : "");
}

}  // namespace scanclock
