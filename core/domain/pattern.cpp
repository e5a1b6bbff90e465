#include "core/domain/pattern.hpp"

#include <algorithm>

namespace scanclock {
namespace {

/// One row of the classic dynamic program over (pattern, text): no input makes it exponential.
bool match_by_table(std::string_view pattern, std::string_view text) {
  std::vector<char> reachable(text.size() + 1, 0);
  reachable[0] = 1;
  for (std::size_t index = 0; index < pattern.size(); ++index) {
    const char token = pattern[index];
    if (token == '*') {
      const bool crosses = index + 1 < pattern.size() && pattern[index + 1] == '*';
      if (crosses) {
        ++index;
      }
      const bool optional_slash = crosses && index + 1 < pattern.size() &&
                                  pattern[index + 1] == '/' &&
                                  (index < 2 || pattern[index - 2] == '/');
      const std::vector<char> before = reachable;
      for (std::size_t at = 1; at <= text.size(); ++at) {
        if (reachable[at - 1] && (crosses || text[at - 1] != '/')) {
          reachable[at] = 1;
        }
      }
      if (optional_slash) {
        // `**/x` also matches `x`: the slash may be consumed together with nothing.
        std::vector<char> after(text.size() + 1, 0);
        for (std::size_t at = 1; at <= text.size(); ++at) {
          after[at] = reachable[at - 1] && text[at - 1] == '/';
        }
        for (std::size_t at = 0; at <= text.size(); ++at) {
          after[at] = after[at] || before[at];
        }
        reachable = std::move(after);
        ++index;
      }
      continue;
    }
    for (std::size_t at = text.size(); at > 0; --at) {
      const char character = text[at - 1];
      reachable[at] = reachable[at - 1] && (token == '?' ? character != '/' : token == character);
    }
    reachable[0] = 0;
  }
  return reachable[text.size()] != 0;
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  if (pattern == "**" || pattern == text) {
    return true;
  }
  if (pattern.find_first_of("*?") == std::string_view::npos) {
    return false;
  }
  return match_by_table(pattern, text);
}

bool any_glob_match(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return glob_match(pattern, text); });
}

bool PatternFilter::passes(std::string_view text) const {
  return (include.empty() || any_glob_match(include, text)) && !any_glob_match(exclude, text);
}

}  // namespace scanclock
