#include "core/net/accept.hpp"

#include <algorithm>
#include <charconv>

namespace scanclock {
namespace {

constexpr std::string_view http_blanks = " \t";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(http_blanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(http_blanks) - first + 1);
}

std::string lower_case_token(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

/// The text before the next `separator`, which is taken off `rest` with it.
std::string_view take_until(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const std::string_view taken = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return trimmed(taken);
}

/// RFC 9110 section 12.4.2: 0 to 1 with at most three digits.
double parse_quality(std::string_view text) {
  double quality = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), quality, std::chars_format::fixed);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole && quality >= 0 && quality <= 1 ? quality : 0;
}

AcceptEntry parse_entry(std::string_view text) {
  AcceptEntry entry;
  entry.token = lower_case_token(take_until(text, ';'));
  while (!text.empty()) {
    std::string_view value = take_until(text, ';');
    const std::string name = lower_case_token(take_until(value, '='));
    value = trimmed(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (name == "q") {
      entry.quality = parse_quality(value);
    } else if (name == "version") {
      entry.version = value;
    }
  }
  return entry;
}

}  // namespace

std::vector<AcceptEntry> parse_accept(std::string_view header) {
  std::vector<AcceptEntry> entries;
  while (!header.empty() && entries.size() < accept_entries_max) {
    AcceptEntry entry = parse_entry(take_until(header, ','));
    if (!entry.token.empty()) {
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

bool wants_gzip(std::optional<std::string_view> accept_encoding) {
  std::optional<double> gzip;
  std::optional<double> any;
  std::optional<double> identity;
  for (const AcceptEntry& entry : parse_accept(accept_encoding.value_or(""))) {
    if (entry.token == "gzip" || entry.token == "x-gzip") {
      gzip = std::max(gzip.value_or(0), entry.quality);
    } else if (entry.token == "identity") {
      identity = entry.quality;
    } else if (entry.token == "*") {
      any = entry.quality;
    }
  }
  const double quality = gzip ? *gzip : any.value_or(0);
  return quality > 0 && quality >= identity.value_or(0);
}

}  // namespace scanclock
