#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// An element of a page, or, without a name, a piece of text.
struct PageElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::vector<std::unique_ptr<PageElement>> children;
  PageElement* parent = nullptr;
  std::string own_text;

  std::string attribute(const std::string& key) const;
  /// What is read of all below, in order, with one blank for every run of blanks and between
  /// elements.
  std::string text() const;
  bool is_inside(std::string_view element) const;
};

/// Reads a page as strictly as XML is read. Throws std::runtime_error with the place where it is
/// not well-formed: an element that is not closed, an attribute that is not quoted or comes twice,
/// a reference other than XML's five and numbers, a control character.
std::unique_ptr<PageElement> read_page(std::string_view page);

/// All elements below `root` with this name, in order; every one for an empty name.
std::vector<const PageElement*> elements(const PageElement& root, std::string_view name);

/// What a reader with a keyboard, a screen reader or a strict browser would stumble over, a line
/// each: landmarks, headings, names of links, tables and fields, ids, and anything that a
/// Content-Security-Policy without scripts and inline styles forbids.
std::vector<std::string> page_faults(std::string_view page);

}  // namespace scanclock
