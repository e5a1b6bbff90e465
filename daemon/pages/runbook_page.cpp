#include "daemon/pages/runbook_page.hpp"

#include "daemon/pages/markdown.hpp"
#include "daemon/pages/page_parts.hpp"

namespace scanclock {
namespace {

constexpr std::string_view runbook_heading = "\n# Runbook\n";

}  // namespace

std::string runbook_anchor(std::string_view rule) { return heading_anchor(rule); }

std::string render_runbook(PageFrame frame, std::string_view document) {
  const auto start = document.find(runbook_heading);
  const std::string_view text =
      start == std::string_view::npos ? document : document.substr(start + runbook_heading.size());
  const MarkdownPage page = render_markdown(text);
  Html content("<nav aria-label=\"Rules\"><ul class=\"contents\">");
  for (const MarkdownHeading& heading : page.headings) {
    content.add("<li>").add(link_to("#" + heading.anchor, heading.text)).add("</li>");
  }
  content.add("</ul></nav>\n<div class=\"prose\">").add(page.html).add("</div>\n");
  return whole_page(frame, content);
}

}  // namespace scanclock
