#pragma once

#include "config/secret.hpp"
#include "core/domain/pattern.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The YAML that `config check` prints of the settings in force.
namespace scanclock::summary {

/// Quotes what YAML would not read back as the same plain text.
std::string scalar(std::string_view text);
std::string texts(const std::vector<std::string>& items);
std::string filter(const PatternFilter& filter);

template <class Range, class Print>
std::string list(const Range& range, Print print) {
  std::string text;
  for (const auto& item : range) {
    text += (text.empty() ? "" : ", ") + print(item);
  }
  return "[" + text + "]";
}

template <class Map>
std::string pairs(const Map& map) {
  std::string text;
  for (const auto& [key, value] : map) {
    text += (text.empty() ? "" : ", ") + scalar(key) + ": " + scalar(value);
  }
  return "{" + text + "}";
}

/// Lines of a YAML file; the first of a list's item starts with a dash.
class Lines {
 public:
  void section(std::string_view name, bool is_empty) {
    text_ += std::string(name) + ":" + (is_empty ? " []" : "") + "\n";
  }
  void item(std::string_view key, const std::string& value) { put("  - ", key, value); }
  void line(std::string_view key, const std::string& value) { put("    ", key, value); }
  void line_if(std::string_view key, const std::string& value) {
    if (!value.empty()) {
      line(key, value);
    }
  }
  void flag(std::string_view key, bool value) {
    if (value) {
      line(key, "true");
    }
  }
  void secret(std::string_view key, const Secret& value) {
    if (!value.file().empty()) {
      line(std::string(key) + "_file", scalar(value.file()));
    } else if (!value.empty()) {
      line(key, to_string(value));
    }
  }
  /// A comment, quoted as a text is.
  void note(std::string_view what, std::string_view text) {
    text_ += "    # " + std::string(what) + ": " + scalar(text) + "\n";
  }
  void put(std::string_view indent, std::string_view key, const std::string& value) {
    text_ += std::string(indent) + std::string(key) + ": " + value + "\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace scanclock::summary
