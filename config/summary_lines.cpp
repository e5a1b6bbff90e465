#include "config/summary_lines.hpp"

#include <algorithm>
#include <cctype>

namespace scanclock::summary {

std::string scalar(std::string_view text) {
  const bool is_plain =
      !text.empty() && std::isalnum(static_cast<unsigned char>(text[0])) != 0 &&
      std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("._-/").find(static_cast<char>(c)) != std::string_view::npos;
      });
  if (is_plain) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    quoted += c;
  }
  return quoted + "\"";
}

std::string texts(const std::vector<std::string>& items) {
  return list(items, [](const std::string& item) { return scalar(item); });
}

std::string filter(const PatternFilter& filter) {
  return "{include: " + texts(filter.include) + ", exclude: " + texts(filter.exclude) + "}";
}

}  // namespace scanclock::summary
