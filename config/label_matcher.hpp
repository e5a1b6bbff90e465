#pragma once

#include "config/settings.hpp"
#include "core/domain/result.hpp"

#include <string>
#include <string_view>

namespace scanclock {

inline constexpr std::size_t matcher_length_max = 1024;

struct MatcherProblem {
  std::string message;
};

/// Reads `label="value"` with `=`, `!=`, `=~` or `!~`, the value with or without double quotes, as
/// Alertmanager's matchers. Within quotes `\"`, `\\` and `\n` are known.
Result<LabelMatcher, MatcherProblem> parse_matcher(std::string_view text);

/// `label=~"value"`.
std::string to_string(const LabelMatcher& matcher);

/// A Prometheus label name: `[a-zA-Z_][a-zA-Z0-9_]*`.
bool is_label_name(std::string_view text);

}  // namespace scanclock
