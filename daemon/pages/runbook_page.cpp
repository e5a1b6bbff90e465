#include "daemon/pages/runbook_page.hpp"

#include "daemon/pages/html.hpp"

#include <algorithm>
#include <cctype>

namespace scanclock {
namespace {

constexpr std::string_view runbook_heading = "\n# Runbook\n";
constexpr std::string_view rule_prefix = "## ";

std::string anchor_of(std::string_view heading) {
  std::string anchor(heading);
  std::transform(anchor.begin(), anchor.end(), anchor.begin(),
                 [](unsigned char character) { return std::tolower(character); });
  return anchor;
}

}  // namespace

std::string render_runbook(std::string_view document) {
  const auto start = document.find(runbook_heading);
  std::string_view rest =
      start == std::string_view::npos ? document : document.substr(start + runbook_heading.size());
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<title>Scanclock runbook</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body>"
      "<main><h1>Runbook</h1>\n<pre>";
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (line.starts_with(rule_prefix)) {
      const std::string_view heading = line.substr(rule_prefix.size());
      html += "</pre>\n<h2 id=\"" + html_escaped(anchor_of(heading)) + "\">" +
              html_escaped(heading) + "</h2>\n<pre>";
    } else {
      html += html_escaped(line) + "\n";
    }
  }
  return html + "</pre></main></body></html>\n";
}

}  // namespace scanclock
