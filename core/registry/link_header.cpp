#include "core/registry/link_header.hpp"

#include <algorithm>
#include <sstream>

namespace scanclock {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) {
    return {};
  }
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

/// Cuts at `separator` outside quotes and angle brackets.
std::vector<std::string_view> split_outside_quotes(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  bool bracketed = false;
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        quoted = false;
      }
    } else if (bracketed) {
      bracketed = c != '>';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '<') {
      bracketed = true;
    } else if (c == separator) {
      parts.push_back(text.substr(from, i - from));
      from = i + 1;
    }
  }
  parts.push_back(text.substr(std::min(from, text.size())));
  return parts;
}

std::vector<std::string> relations_of(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  std::vector<std::string> relations;
  std::istringstream words{lower(value)};
  for (std::string word; words >> word;) {
    relations.push_back(std::move(word));
  }
  return relations;
}

}  // namespace

std::vector<Link> parse_links(std::string_view header) {
  std::vector<Link> links;
  if (header.size() > link_bytes_max) {
    return links;
  }
  for (const std::string_view element : split_outside_quotes(header, ',')) {
    const std::vector<std::string_view> parts = split_outside_quotes(element, ';');
    const std::string_view target = trimmed(parts.front());
    if (!target.starts_with('<') || target.find('>') != target.size() - 1) {
      continue;
    }
    Link link;
    link.target = std::string(target.substr(1, target.size() - 2));
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const std::size_t equals = parts[i].find('=');
      // Only the first rel counts (RFC 8288 section 3.3).
      if (equals != std::string_view::npos && link.relations.empty() &&
          lower(trimmed(parts[i].substr(0, equals))) == "rel") {
        link.relations = relations_of(trimmed(parts[i].substr(equals + 1)));
      }
    }
    links.push_back(std::move(link));
  }
  return links;
}

std::optional<std::string> next_link(const std::vector<HttpHeader>& headers) {
  for (const HttpHeader& header : headers) {
    if (lower(header.name) != "link") {
      continue;
    }
    for (Link& link : parse_links(header.value)) {
      if (std::find(link.relations.begin(), link.relations.end(), "next") != link.relations.end()) {
        return std::move(link.target);
      }
    }
  }
  return std::nullopt;
}

}  // namespace scanclock
