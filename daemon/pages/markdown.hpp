#pragma once

#include "daemon/pages/html.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

struct MarkdownHeading {
  std::string anchor;
  std::string text;
};

struct MarkdownPage {
  Html html;
  /// Those of level two, in order.
  std::vector<MarkdownHeading> headings;
};

/// What the documents of this product use of Markdown (CommonMark): headings of level 2 to 4 with
/// anchors, paragraphs, flat lists with `-` or `1.`, fenced code, tables, and in the text `code`,
/// **strong** and links to http(s), paths and anchors. Everything else is text.
MarkdownPage render_markdown(std::string_view document);

/// Lower case, blanks as hyphens, everything but letters, digits, `_` and `-` left out.
std::string heading_anchor(std::string_view heading);

}  // namespace scanclock
