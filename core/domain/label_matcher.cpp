#include "core/domain/label_matcher.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <regex>
#include <utility>

namespace scanclock {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<std::string> unquote(std::string_view text) {
  if (!text.starts_with('"')) {
    const bool is_bare = text.find_first_of("\"{}, \t") == std::string_view::npos;
    return is_bare ? std::optional(std::string(text)) : std::nullopt;
  }
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      return i + 1 == text.size() ? std::optional(value) : std::nullopt;
    }
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    const char next = ++i < text.size() ? text[i] : '\0';
    if (next == 'n') {
      value += '\n';
    } else if (next == '"' || next == '\\') {
      value += next;
    } else {
      // Regular expressions are full of backslashes: \. and \d stay as they are.
      value += '\\';
      value += next;
    }
  }
  return std::nullopt;
}

}  // namespace

bool is_label_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0])) != 0) {
    return false;
  }
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

Result<LabelMatcher, MatcherProblem> parse_matcher(std::string_view text) {
  if (text.size() > matcher_length_max) {
    return MatcherProblem{"is longer than 1024 characters"};
  }
  const std::size_t start = text.find_first_of("=!");
  if (start == std::string_view::npos) {
    return MatcherProblem{"has no operator"};
  }
  LabelMatcher matcher;
  matcher.label = trim(text.substr(0, start));
  const std::string_view sign = text.substr(start, 2);
  std::size_t sign_length = 2;
  if (sign == "=~") {
    matcher.op = MatchOperator::regex;
  } else if (sign == "!~") {
    matcher.op = MatchOperator::not_regex;
  } else if (sign == "!=") {
    matcher.op = MatchOperator::not_equal;
  } else if (sign[0] == '=') {
    sign_length = 1;
  } else {
    return MatcherProblem{"has no operator"};
  }
  if (!is_label_name(matcher.label)) {
    return MatcherProblem{"\"" + matcher.label + "\" is not a label name"};
  }
  const std::optional<std::string> value = unquote(trim(text.substr(start + sign_length)));
  if (!value) {
    return MatcherProblem{"the value is not closed by a quote, or more follows it"};
  }
  matcher.value = *value;
  if (matcher.op == MatchOperator::regex || matcher.op == MatchOperator::not_regex) {
    try {
      const std::regex compiled(matcher.value, std::regex::ECMAScript | std::regex::nosubs);
    } catch (const std::regex_error&) {
      return MatcherProblem{"\"" + matcher.value + "\" is not a regular expression"};
    }
  }
  return matcher;
}

struct LabelSelector::Compiled {
  LabelMatcher matcher;
  std::regex pattern;
};

LabelSelector::LabelSelector(const std::vector<LabelMatcher>& matchers) {
  std::vector<Compiled> compiled;
  for (const LabelMatcher& matcher : matchers) {
    Compiled entry;
    entry.matcher = matcher;
    if (matcher.op == MatchOperator::regex || matcher.op == MatchOperator::not_regex) {
      entry.pattern = std::regex(matcher.value, std::regex::ECMAScript | std::regex::nosubs);
    }
    compiled.push_back(std::move(entry));
  }
  compiled_ = std::make_shared<const std::vector<Compiled>>(std::move(compiled));
}

bool LabelSelector::matches(const std::map<std::string, std::string>& labels) const {
  return std::all_of(compiled_->begin(), compiled_->end(), [&](const Compiled& entry) {
    const auto found = labels.find(entry.matcher.label);
    const std::string value = found == labels.end() ? std::string() : found->second;
    switch (entry.matcher.op) {
      case MatchOperator::equal:
        return value == entry.matcher.value;
      case MatchOperator::not_equal:
        return value != entry.matcher.value;
      case MatchOperator::regex:
        return std::regex_match(value, entry.pattern);
      case MatchOperator::not_regex:
        break;
    }
    return !std::regex_match(value, entry.pattern);
  });
}

std::string to_string(const LabelMatcher& matcher) {
  static constexpr std::string_view signs[] = {"=", "!=", "=~", "!~"};
  std::string text = matcher.label;
  text += signs[static_cast<std::size_t>(matcher.op)];
  text += '"';
  for (const char c : matcher.value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') {
      text += '\\';
    }
    text += c;
  }
  return text + '"';
}

}  // namespace scanclock
