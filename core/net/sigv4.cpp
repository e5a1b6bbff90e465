#include "core/net/sigv4.hpp"

#include "core/net/url.hpp"
#include "core/runtime/hashing.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

std::string hex_of(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += digits[value >> 4U];
    text += digits[value & 15U];
  }
  return text;
}

std::string hex_sha256(std::string_view bytes) { return std::string(sha256(bytes).hex()); }

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

/// Without blanks around it and with one for each run inside.
std::string single_spaced(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    const bool is_blank = letter == ' ' || letter == '\t';
    if (!is_blank) {
      result += letter;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (result.ends_with(' ')) {
    result.pop_back();
  }
  return result;
}

/// What stands before the first separator and behind it; without one, all of it and nothing.
std::pair<std::string_view, std::string_view> split_at(std::string_view text, char separator) {
  const auto position = text.find(separator);
  if (position == std::string_view::npos) {
    return {text, {}};
  }
  return {text.substr(0, position), text.substr(position + 1)};
}

std::string canonical_query(std::string_view query) {
  const auto encoded = [](std::string_view text) {
    return percent_encode(percent_decode(text).value_or(std::string(text)));
  };
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const auto [parameter, rest] = split_at(query, '&');
    query = rest;
    if (!parameter.empty()) {
      const auto [name, value] = split_at(parameter, '=');
      parameters.emplace_back(encoded(name), encoded(value));
    }
  }
  std::sort(parameters.begin(), parameters.end());
  std::string text;
  for (const auto& [name, value] : parameters) {
    text += (text.empty() ? "" : "&") + name + "=" + value;
  }
  return text;
}

/// Name, lower case, to value; values of a repeated name joined by commas.
std::map<std::string, std::string> canonical_headers(const std::vector<HttpHeader>& headers) {
  std::map<std::string, std::string> canonical;
  for (const HttpHeader& header : headers) {
    std::string& value = canonical[lower_case(header.name)];
    value += (value.empty() ? "" : ",") + single_spaced(header.value);
  }
  return canonical;
}

std::string signing_key(const AwsSigner& signer, std::string_view day) {
  std::string key = hmac_sha256("AWS4" + signer.secret_access_key, day);
  for (const std::string_view part :
       {std::string_view(signer.region), std::string_view(signer.service),
        std::string_view("aws4_request")}) {
    key = hmac_sha256(key, part);
  }
  return key;
}

}  // namespace

std::string aws_date(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  char text[32];
  std::snprintf(text, sizeof(text), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::vector<HttpHeader> sign_aws_request(const AwsSigner& signer, const HttpRequest& request,
                                         TimePoint now) {
  const auto url = parse_url(request.url);
  if (!url) {
    throw std::invalid_argument("cannot sign a request without a valid url");
  }
  const std::string date = aws_date(now);
  const std::string day = date.substr(0, 8);
  std::vector<HttpHeader> added;
  added.emplace_back("X-Amz-Date", date);
  if (!signer.session_token.empty()) {
    added.emplace_back("X-Amz-Security-Token", signer.session_token);
  }
  std::vector<HttpHeader> signed_ones = request.headers;
  signed_ones.insert(signed_ones.end(), added.begin(), added.end());
  signed_ones.emplace_back("Host", url->authority());

  std::string names;
  std::string lines;
  for (const auto& [name, value] : canonical_headers(signed_ones)) {
    names += (names.empty() ? "" : ";") + name;
    lines += name + ":" + value + "\n";
  }
  const auto question = std::min(url->target.find('?'), url->target.size());
  const std::string path = url->target.substr(0, question);
  const std::string_view query =
      std::string_view(url->target).substr(std::min(question + 1, url->target.size()));
  const std::string canonical = request.method + "\n" + path + "\n" + canonical_query(query) +
                                "\n" + lines + "\n" + names + "\n" + hex_sha256(request.body);
  const std::string scope = day + "/" + signer.region + "/" + signer.service + "/aws4_request";
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + hex_sha256(canonical);
  const std::string signature = hex_of(hmac_sha256(signing_key(signer, day), to_sign));
  added.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=" + signer.access_key_id + "/" +
                                          scope + ", SignedHeaders=" + names +
                                          ", Signature=" + signature);
  return added;
}

}  // namespace scanclock
