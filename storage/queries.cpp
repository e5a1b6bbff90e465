#include "storage/queries.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

constexpr std::string_view name_marker = "-- name:";

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

bool is_name(std::string_view name) {
  return !name.empty() && std::isupper(static_cast<unsigned char>(name.front())) != 0 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0; });
}

[[noreturn]] void refuse(const EmbeddedFile& file, const std::string& why) {
  throw std::invalid_argument("query file " + std::string(file.name) + ": " + why);
}

/// The text without its comment lines and its closing semicolon.
std::string statement_of(std::string_view section) {
  std::string statement;
  while (!section.empty()) {
    const auto end = section.find('\n');
    const auto line = section.substr(0, end);
    if (!trimmed(line).starts_with("--")) {
      statement.append(line).push_back('\n');
    }
    section.remove_prefix(end == std::string_view::npos ? section.size() : end + 1);
  }
  auto text = trimmed(statement);
  if (text.ends_with(';')) {
    text = trimmed(text.substr(0, text.size() - 1));
  }
  return std::string(text);
}

/// The extended protocol takes one statement at a time; a semicolon inside a literal is none.
bool holds_separator(std::string_view statement) {
  char quote = 0;
  for (const char c : statement) {
    if (quote != 0) {
      quote = c == quote ? 0 : quote;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == ';') {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<Query> parse_queries(const EmbeddedFile& file) {
  std::vector<Query> queries;
  std::optional<std::string> name;
  std::string section;
  const auto finish = [&] {
    if (!name) {
      if (!statement_of(section).empty()) {
        refuse(file, "there is text before the first name");
      }
      return;
    }
    auto statement = statement_of(section);
    if (statement.empty()) {
      refuse(file, "query " + *name + " is empty");
    }
    if (holds_separator(statement)) {
      refuse(file, "query " + *name + " holds more than one statement");
    }
    queries.emplace_back(*name, std::move(statement));
  };
  std::string_view rest = file.text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.starts_with(name_marker)) {
      section.append(line).push_back('\n');
      continue;
    }
    finish();
    section.clear();
    std::string next(trimmed(line.substr(name_marker.size())));
    if (!is_name(next)) {
      refuse(file, "\"" + next + "\" is no name for a query");
    }
    name = std::move(next);
  }
  finish();
  return queries;
}

std::vector<Query> parse_queries(std::span<const EmbeddedFile> files) {
  std::vector<Query> all;
  std::map<std::string, std::string_view> seen;
  for (const auto& file : files) {
    for (auto& parsed : parse_queries(file)) {
      const auto [place, fresh] = seen.emplace(parsed.name, file.name);
      if (!fresh) {
        refuse(file, "query " + parsed.name + " is already in " + std::string(place->second));
      }
      all.push_back(std::move(parsed));
    }
  }
  return all;
}

const Query& query(std::string_view name) {
  static const auto by_name = [] {
    std::map<std::string, Query, std::less<>> index;
    for (auto& parsed : parse_queries(embedded_queries())) {
      auto key = parsed.name;
      index.emplace(std::move(key), std::move(parsed));
    }
    return index;
  }();
  const auto found = by_name.find(name);
  if (found == by_name.end()) {
    throw std::logic_error("there is no query named " + std::string(name));
  }
  return found->second;
}

}  // namespace scanclock
