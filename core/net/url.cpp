#include "core/net/url.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/decode_view.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url.hpp>

#include <algorithm>

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

std::optional<Url> from_parsed(const urls::url_view_base& parsed) {
  Url url;
  url.scheme = to_lower(std::string_view(parsed.scheme()));
  if ((url.scheme != "http" && url.scheme != "https") || !parsed.has_authority() ||
      parsed.has_userinfo() || parsed.has_fragment()) {
    return std::nullopt;
  }
  if (parsed.host_type() == urls::host_type::ipv6) {
    url.host = to_lower(std::string(parsed.host_address()));
  } else {
    url.host = to_lower(std::string(parsed.host()));
    if (!is_host_name(url.host)) {
      return std::nullopt;
    }
  }
  const std::string_view port(parsed.port().data(), parsed.port().size());
  // port_number() is 0 for a number that does not fit.
  url.port = port.empty() ? default_port(url.scheme) : parsed.port_number();
  if (url.port == 0) {
    return std::nullopt;
  }
  const auto path = parsed.encoded_path();
  url.target.assign(path.data(), path.size());
  if (url.target.empty()) {
    url.target = "/";
  }
  if (parsed.has_query()) {
    const auto query = parsed.encoded_query();
    url.target.append("?").append(query.data(), query.size());
  }
  return url;
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
  const auto parsed = urls::parse_uri(text);
  return parsed ? from_parsed(*parsed) : std::nullopt;
}

std::optional<Url> resolve_url(const Url& base, std::string_view reference) {
  const std::string base_text = to_string(base);
  const auto parsed_base = urls::parse_uri(base_text);
  const auto parsed_reference = urls::parse_uri_reference(reference);
  if (!parsed_base || !parsed_reference) {
    return std::nullopt;
  }
  urls::url resolved;
  if (!urls::resolve(*parsed_base, *parsed_reference, resolved)) {
    return std::nullopt;
  }
  // A fragment is for the reader of the document and never goes on the wire.
  resolved.remove_fragment();
  return from_parsed(resolved);
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
