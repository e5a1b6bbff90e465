#pragma once

#include "daemon/pages/html.hpp"

#include <string>
#include <string_view>

namespace scanclock {

struct MarkdownPlace {
  /// How much deeper headings become: 1 makes one of level 1 an h2.
  int levels_down = 0;
  /// Before the anchors of headings below level 1, so that several documents go on one page.
  std::string anchor_prefix;
};

/// What the documents of this product use of Markdown (CommonMark): headings with anchors,
/// paragraphs, flat lists with `-` or `1.`, fenced code, tables, and in the text `code`,
/// **strong** and links to http(s), paths and anchors; a link to a rule's runbook, `…/RULE.md`,
/// leads to its anchor on the same page. Everything else is text.
Html render_markdown(std::string_view document, const MarkdownPlace& place = {});

/// Lower case, blanks as hyphens, everything but letters, digits, `_` and `-` left out.
std::string heading_anchor(std::string_view heading);

}  // namespace scanclock
