#pragma once

#include "core/domain/result.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr std::size_t matcher_length_max = 1024;

enum class MatchOperator { equal, not_equal, regex, not_regex };

/// As in Alertmanager: a missing label is an empty value, a regular expression (ECMAScript) must
/// match the whole value.
struct LabelMatcher {
  std::string label;
  MatchOperator op = MatchOperator::equal;
  std::string value;

  bool operator==(const LabelMatcher&) const = default;
};

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

/// Matchers that are applied often: expressions are compiled once. Copies share them.
class LabelSelector {
 public:
  /// Throws std::regex_error for a matcher that is no regular expression; parse_matcher() refuses
  /// those earlier.
  explicit LabelSelector(const std::vector<LabelMatcher>& matchers);

  /// All matchers hold; none hold for everything.
  bool matches(const std::map<std::string, std::string>& labels) const;

 private:
  struct Compiled;
  std::shared_ptr<const std::vector<Compiled>> compiled_;
};

}  // namespace scanclock
