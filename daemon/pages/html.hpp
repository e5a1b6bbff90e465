#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace scanclock {

/// Markup that stands in this program's source. Only constants become it, so that nothing from
/// outside is taken for markup by mistake.
class Markup {
 public:
  consteval Markup(const char* text) : text_(text) {}  // NOLINT(google-explicit-constructor)
  std::string_view str() const { return text_; }

 private:
  std::string_view text_;
};

/// A piece of a page: well-formed XML that is HTML as well. What comes from outside goes through
/// text() and attribute(), which escape it; there is no other way in.
class Html {
 public:
  Html() = default;
  explicit Html(Markup markup) : text_(markup.str()) {}

  Html& add(Markup markup);
  Html& add(const Html& other);
  Html& text(std::string_view text);
  Html& number(std::uint64_t number);
  /// ` name="value"`, inside a tag.
  Html& attribute(Markup name, std::string_view value);

  bool empty() const { return text_.empty(); }
  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

/// For element content and quoted attributes. Besides what means something in HTML it replaces what
/// could make a name look like another: invalid UTF-8, control characters and those that turn the
/// direction of writing become U+FFFD.
std::string html_escaped(std::string_view text);

Html plain(std::string_view text);
Html plain_number(std::uint64_t number);

}  // namespace scanclock
