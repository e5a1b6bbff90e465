#pragma once

#include "core/domain/result.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// Of a template as written.
inline constexpr std::size_t message_template_bytes_max = std::size_t{16} << 10;

struct MessageVariable {
  std::string_view name;
  std::string_view meaning;
};

/// What templates may name, in the order of docs/ALERTING.md.
const std::vector<MessageVariable>& message_variables();

/// Why a text is no template: where, in bytes from its start, what, and what to write instead.
struct TemplateProblem {
  TemplateProblem() = default;
  std::size_t offset = 0;
  std::string message;
  std::string hint;
};

/// A text with `{{variable}}` places. A `{` by itself is text; there is no other syntax.
class MessageTemplate {
 public:
  using Values = std::map<std::string, std::string, std::less<>>;
  /// Makes a value safe to stand in the receiver's markup.
  using Escape = std::function<std::string(std::string_view value)>;

  /// Unknown variables, braces that are not closed, and too long a text are refused.
  static Result<MessageTemplate, TemplateProblem> parse(std::string_view text);

  /// A variable without a value is empty. A line that names variables is left out when all of them
  /// are empty, so that a template needs no conditions. An empty `escape` changes nothing.
  std::string render(const Values& values, const Escape& escape = {}) const;

 private:
  struct Piece {
    bool is_variable = false;
    /// Text without a line end, or a variable's name.
    std::string text;
  };
  using Line = std::vector<Piece>;

  std::vector<Line> lines_;
};

}  // namespace scanclock
