#include "daemon/runbook_document.hpp"

#include <cctype>
#include <string_view>

namespace scanclock {
namespace {

constexpr std::string_view runbook_start = "\n# Runbook\n";
constexpr std::string_view rule_list_start = "\n- [";
constexpr std::string_view rule_file_prefix = "Scanclock";
constexpr std::string_view file_link_end = ".md)";

/// Files link to each other; on one page a link leads to a heading.
std::string with_anchors(std::string_view line) {
  std::string text;
  while (!line.empty()) {
    const auto link = line.find("](" + std::string(rule_file_prefix));
    const auto end = link == std::string_view::npos ? link : line.find(file_link_end, link);
    if (end == std::string_view::npos) {
      break;
    }
    text.append(line.substr(0, link)).append("](#");
    for (const char c : line.substr(link + 2, end - link - 2)) {
      text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    text += ')';
    line.remove_prefix(end + file_link_end.size());
  }
  return text.append(line);
}

/// One level deeper, for the document has a title of its own.
void append_rule(std::string& document, std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.starts_with('#')) {
      document += '#';
    }
    document.append(with_anchors(line)).append("\n");
  }
}

}  // namespace

std::string runbook_document(std::span<const EmbeddedFile> documents) {
  std::string document;
  for (const EmbeddedFile& file : documents) {
    if (file.name.starts_with(rule_file_prefix)) {
      document += '\n';
      append_rule(document, file.text);
      continue;
    }
    const auto start = file.text.find(runbook_start);
    if (start != std::string_view::npos) {
      const std::string_view text = file.text.substr(start);
      document.insert(0, std::string(text.substr(0, text.find(rule_list_start))) + "\n");
    }
  }
  return document;
}

}  // namespace scanclock
