#include "core/net/url.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/decode_view.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url.hpp>

#include <algorithm>
#include <charconv>

namespace scanclock {
namespace {

namespace urls = boost::urls;

std::uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
  });
  return lower;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 &&
         std::all_of(host.begin(), host.end(), [](char character) {
           return (character >= 'a' && character <= 'z') ||
                  (character >= '0' && character <= '9') || character == '-' || character == '.' ||
                  character == '_';
         });
}

// Boost.URL 1.81 ends an authority too early (`10.0.0.1.example` has the host 10.0.0.1), so it is
// taken apart here, and the library sees paths, queries and references behind this one alone.
constexpr std::string_view neutral_authority = "http://host";

bool read_port(std::string_view text, std::uint16_t& port) {
  if (text.empty()) {
    return true;
  }
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, port);
  return result.ec == std::errc() && result.ptr == end && port != 0;
}

bool read_authority(std::string_view authority, Url& url) {
  url.port = default_port(url.scheme);
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) {
      return false;
    }
    url.host = to_lower(authority.substr(1, end - 1));
    boost::system::error_code error;
    boost::asio::ip::make_address_v6(url.host, error);
    authority.remove_prefix(end + 1);
    return !error && url.host.find('%') == std::string::npos &&
           (authority.empty() ||
            (authority.front() == ':' && read_port(authority.substr(1), url.port)));
  }
  const std::size_t colon = authority.find(':');
  url.host = to_lower(authority.substr(0, colon));
  return is_host_name(url.host) &&
         (colon == std::string_view::npos || read_port(authority.substr(colon + 1), url.port));
}

std::optional<std::string> target_of(const urls::url_view_base& parsed) {
  const auto path = parsed.encoded_path();
  std::string target(path.data(), path.size());
  if (target.empty()) {
    target = "/";
  }
  if (target.front() != '/' || parsed.has_fragment()) {
    return std::nullopt;
  }
  // Steps above the root lead to the root (RFC 3986 section 5.2.4); Boost.URL 1.81 keeps them.
  while (target.starts_with("/../")) {
    target.erase(0, 3);
  }
  if (parsed.has_query()) {
    const auto query = parsed.encoded_query();
    target.append("?").append(query.data(), query.size());
  }
  return target;
}

}  // namespace

std::string Url::origin() const { return scheme + "://" + authority(); }

std::string Url::authority() const {
  std::string text = host.find(':') != std::string::npos ? "[" + host + "]" : host;
  if (port != default_port(scheme)) {
    text += ":" + std::to_string(port);
  }
  return text;
}

bool Url::is_loopback() const {
  if (host == "localhost") {
    return true;
  }
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

std::optional<Url> parse_url(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) {
    return std::nullopt;
  }
  Url url;
  url.scheme = to_lower(text.substr(0, scheme_end));
  text.remove_prefix(scheme_end + 3);
  const std::size_t authority_end = std::min(text.find_first_of("/?#"), text.size());
  if ((url.scheme != "http" && url.scheme != "https") ||
      !read_authority(text.substr(0, authority_end), url)) {
    return std::nullopt;
  }
  const std::string rest = std::string(neutral_authority) + std::string(text.substr(authority_end));
  const auto parsed = urls::parse_uri(rest);
  auto target = parsed ? target_of(*parsed) : std::nullopt;
  if (!target) {
    return std::nullopt;
  }
  url.target = std::move(*target);
  return url;
}

std::optional<Url> resolve_url(const Url& base, std::string_view reference) {
  // A fragment is for the reader of the document and never goes on the wire.
  reference = reference.substr(0, reference.find('#'));
  if (reference.starts_with("//")) {
    return parse_url(base.scheme + ":" + std::string(reference));
  }
  const std::size_t first_delimiter = reference.find_first_of(":/?");
  if (first_delimiter != std::string_view::npos && reference[first_delimiter] == ':') {
    return parse_url(reference);
  }
  const std::string base_text = std::string(neutral_authority) + base.target;
  const auto parsed_base = urls::parse_uri(base_text);
  const auto parsed_reference = urls::parse_uri_reference(reference);
  if (!parsed_base || !parsed_reference) {
    return std::nullopt;
  }
  urls::url resolved;
  if (!urls::resolve(*parsed_base, *parsed_reference, resolved)) {
    return std::nullopt;
  }
  auto target = target_of(resolved);
  if (!target) {
    return std::nullopt;
  }
  Url url = base;
  url.target = std::move(*target);
  return url;
}

std::string to_string(const Url& url) { return url.origin() + url.target; }

std::string percent_encode(std::string_view text) {
  return urls::encode(text, urls::unreserved_chars);
}

std::optional<std::string> percent_decode(std::string_view text) {
  const auto encoded = urls::make_pct_string_view(text);
  if (!encoded) {
    return std::nullopt;
  }
  std::string decoded;
  decoded.reserve(encoded->decoded_size());
  for (const char character : **encoded) {
    decoded.push_back(character);
  }
  return decoded;
}

std::map<std::string, std::string> parse_query(std::string_view query) {
  std::map<std::string, std::string> parameters;
  const auto decode = [](std::string_view part) {
    std::string text(part);
    std::replace(text.begin(), text.end(), '+', ' ');
    return percent_decode(text).value_or(text);
  };
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) {
      continue;
    }
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    parameters.emplace(decode(pair.substr(0, equals)), decode(value));
  }
  return parameters;
}

}  // namespace scanclock
