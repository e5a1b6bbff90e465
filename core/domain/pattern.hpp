#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// Glob match of the whole text: `*` is any run without a slash, `**` any run, `?` one character
/// that is no slash. `**/x` also matches `x`. Takes at most pattern times text steps.
bool glob_match(std::string_view pattern, std::string_view text);

bool any_glob_match(const std::vector<std::string>& patterns, std::string_view text);

/// Include and exclude lists of the settings; an empty include list includes everything.
struct PatternFilter {
  std::vector<std::string> include;
  std::vector<std::string> exclude;

  bool passes(std::string_view text) const;
};

}  // namespace scanclock
