#include "daemon/pages/runbook_page.hpp"

#include "daemon/pages/markdown.hpp"

namespace scanclock {
namespace {

constexpr std::string_view runbook_heading = "\n# Runbook\n";
constexpr std::string_view rule_prefix = "Scanclock";

}  // namespace

std::string runbook_anchor(std::string_view rule) { return heading_anchor(rule); }

std::string render_runbook(PageFrame frame, std::span<const EmbeddedFile> documents) {
  Html before;
  Html rules;
  for (const EmbeddedFile& document : documents) {
    const auto start = document.text.find(runbook_heading);
    if (start != std::string_view::npos) {
      before.add(render_markdown(document.text.substr(start + runbook_heading.size())));
    } else if (document.name.starts_with(rule_prefix)) {
      MarkdownPlace place;
      place.levels_down = 1;
      place.anchor_prefix = heading_anchor(document.name.substr(0, document.name.rfind('.'))) + "-";
      rules.add("<section>").add(render_markdown(document.text, place)).add("</section>\n");
    }
  }
  Html content("<div class=\"prose\">");
  content.add(before).add(rules).add("</div>\n");
  return whole_page(frame, content);
}

}  // namespace scanclock
