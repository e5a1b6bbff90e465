#include "daemon/metric_text.hpp"

#include <array>
#include <charconv>

namespace scanclock {
namespace {

void append_escaped(std::string& text, std::string_view value) {
  for (const char character : value) {
    switch (character) {
      case '\\':
        text += "\\\\";
        break;
      case '"':
        text += "\\\"";
        break;
      case '\n':
        text += "\\n";
        break;
      default:
        text += character;
    }
  }
}

}  // namespace

void MetricText::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void MetricText::sample(MetricLabels labels, double value) {
  text_ += name_;
  char separator = '{';
  for (const auto& [label, content] : labels) {
    text_ += separator;
    text_.append(label).append("=\"");
    append_escaped(text_, content);
    text_ += '"';
    separator = ',';
  }
  if (labels.size() > 0) {
    text_ += '}';
  }
  std::array<char, 64> buffer{};
  const auto written =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  text_ += ' ';
  text_.append(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  text_ += '\n';
}

}  // namespace scanclock
