#include "daemon/pages/markdown.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace scanclock {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool is_safe_target(std::string_view target) {
  return target.starts_with("https://") || target.starts_with("http://") ||
         target.starts_with("#") || (target.starts_with("/") && !target.starts_with("//"));
}

/// Runbooks stand on one page, each under its rule's name.
std::string target_on_page(std::string_view target) {
  constexpr std::string_view suffix = ".md";
  const auto name = target.substr(target.rfind('/') + 1);
  return name.starts_with("Scanclock") && name.ends_with(suffix)
             ? "#" + heading_anchor(name.substr(0, name.size() - suffix.size()))
             : std::string(target);
}

/// `[text](target)` at the start of `rest`; 0 where there is none.
std::size_t add_link(Html& html, std::string_view rest) {
  const auto middle = rest.find("](");
  const auto end = middle == std::string_view::npos ? middle : rest.find(')', middle);
  if (end == std::string_view::npos || rest.substr(1, middle - 1).find('[') != rest.npos) {
    return 0;
  }
  const std::string target = target_on_page(rest.substr(middle + 2, end - middle - 2));
  if (is_safe_target(target)) {
    html.add("<a").attribute("href", target).add(">").text(rest.substr(1, middle - 1)).add("</a>");
  } else {
    html.text(rest.substr(1, middle - 1));
  }
  return end + 1;
}

/// Text between two marks at the start of `rest`; 0 where the second is missing.
std::size_t add_marked(Html& html, std::string_view rest, std::string_view mark, Markup open,
                       Markup close) {
  const auto end = rest.find(mark, mark.size());
  if (end == std::string_view::npos || end == mark.size()) {
    return 0;
  }
  html.add(open).text(rest.substr(mark.size(), end - mark.size())).add(close);
  return end + mark.size();
}

Html inline_markdown(std::string_view text) {
  Html html;
  while (!text.empty()) {
    const auto next = text.find_first_of("`*[<");
    html.text(text.substr(0, next));
    if (next == std::string_view::npos) {
      break;
    }
    text.remove_prefix(next);
    std::size_t used = 0;
    if (text.front() == '`') {
      used = add_marked(html, text, "`", "<code>", "</code>");
    } else if (text.starts_with("**")) {
      used = add_marked(html, text, "**", "<strong>", "</strong>");
    } else if (text.front() == '[') {
      used = add_link(html, text);
    } else if (const auto end = text.find('>');
               text.front() == '<' && end != text.npos && is_safe_target(text.substr(1, end - 1))) {
      html.add("<a").attribute("href", text.substr(1, end - 1)).add(">");
      html.text(text.substr(1, end - 1)).add("</a>");
      used = end + 1;
    }
    if (used == 0) {
      html.text(text.substr(0, 1));
      used = 1;
    }
    text.remove_prefix(used);
  }
  return html;
}

/// Behind the mark of a list's item; nothing for other lines.
std::optional<std::string_view> bullet_text(std::string_view line) {
  return line.starts_with("- ") ? std::optional(line.substr(2)) : std::nullopt;
}

std::optional<std::string_view> numbered_text(std::string_view line) {
  const auto digits = line.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos || line.substr(digits, 2) != ". ") {
    return std::nullopt;
  }
  return line.substr(digits + 2);
}

/// Reads line by line; at any time one block is open.
class MarkdownReader {
 public:
  explicit MarkdownReader(const MarkdownPlace& place) : place_(place) {}

  Html read(std::string_view document) {
    while (!document.empty()) {
      const auto end = document.find('\n');
      line(document.substr(0, end));
      document = end == std::string_view::npos ? std::string_view() : document.substr(end + 1);
    }
    close();
    return std::move(page_);
  }

 private:
  enum class Block { none, paragraph, bullets, numbers, code, table };

  void line(std::string_view text) {
    if (text.starts_with("```")) {
      const bool was_code = block_ == Block::code;
      close();
      if (!was_code) {
        open(Block::code, "<pre tabindex=\"0\"><code>");
      }
    } else if (block_ == Block::code) {
      page_.text(text).add("\n");
    } else if (trimmed(text).empty()) {
      close();
    } else if (text.starts_with("#")) {
      heading(text);
    } else if (text.starts_with("|")) {
      table_row(text);
    } else if (const auto item = bullet_text(text)) {
      list_item(Block::bullets, "<ul>", *item);
    } else if (const auto number = numbered_text(text)) {
      list_item(Block::numbers, "<ol>", *number);
    } else {
      continue_text(text);
    }
  }

  void continue_text(std::string_view text) {
    if (block_ == Block::none || block_ == Block::table) {
      close();
      open(Block::paragraph, "<p>");
    }
    // Marks may span lines, so a block's text is read when it is whole.
    text_ += (text_.empty() ? "" : " ") + std::string(trimmed(text));
  }

  void list_item(Block block, Markup opening, std::string_view text) {
    if (block_ == block) {
      flush();
      page_.add("</li><li>");
    } else {
      close();
      open(block, opening);
      page_.add("<li>");
    }
    text_ = trimmed(text);
  }

  void heading(std::string_view text) {
    close();
    const auto mark = std::min(text.find_first_not_of('#'), text.size());
    const std::string_view words = trimmed(text.substr(mark));
    const int level = static_cast<int>(mark) + place_.levels_down;
    const std::string anchor = (mark > 1 ? place_.anchor_prefix : "") + heading_anchor(words);
    page_.add(level <= 2 ? Markup("<h2") : level == 3 ? Markup("<h3") : Markup("<h4"));
    page_.attribute("id", anchor).add(">").add(inline_markdown(words));
    page_.add(level <= 2 ? Markup("</h2>\n") : level == 3 ? Markup("</h3>\n") : Markup("</h4>\n"));
  }

  void table_row(std::string_view text) {
    const bool is_rule = text.find_first_not_of("|-: ") == std::string_view::npos;
    const bool is_first = block_ != Block::table;
    if (is_first) {
      close();
      open(Block::table,
           "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
           "aria-label=\"Table\"><table class=\"text\"><tbody>");
    }
    if (is_rule) {
      return;
    }
    page_.add("<tr>");
    text = trimmed(text);
    text.remove_prefix(1);
    while (!text.empty()) {
      const auto end = text.find('|');
      const Html cell = inline_markdown(trimmed(text.substr(0, end)));
      page_.add(is_first ? Markup("<th scope=\"col\">") : Markup("<td>")).add(cell);
      page_.add(is_first ? Markup("</th>") : Markup("</td>"));
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    page_.add("</tr>\n");
  }

  void open(Block block, Markup markup) {
    block_ = block;
    page_.add(markup);
  }

  void flush() {
    page_.add(inline_markdown(text_));
    text_.clear();
  }

  void close() {
    flush();
    switch (block_) {
      case Block::none:
        break;
      case Block::paragraph:
        page_.add("</p>\n");
        break;
      case Block::bullets:
        page_.add("</li></ul>\n");
        break;
      case Block::numbers:
        page_.add("</li></ol>\n");
        break;
      case Block::code:
        page_.add("</code></pre>\n");
        break;
      case Block::table:
        page_.add("</tbody></table></div>\n");
    }
    block_ = Block::none;
  }

  const MarkdownPlace& place_;
  Html page_;
  Block block_ = Block::none;
  std::string text_;
};

}  // namespace

Html render_markdown(std::string_view document, const MarkdownPlace& place) {
  return MarkdownReader(place).read(document);
}

std::string heading_anchor(std::string_view heading) {
  std::string anchor;
  for (const char letter : heading) {
    const auto character = static_cast<unsigned char>(letter);
    if (std::isalnum(character) != 0 || letter == '_' || letter == '-') {
      anchor += static_cast<char>(std::tolower(character));
    } else if (letter == ' ') {
      anchor += '-';
    }
  }
  return anchor;
}

}  // namespace scanclock
