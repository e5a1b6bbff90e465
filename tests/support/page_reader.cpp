#include "tests/support/page_reader.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace scanclock {
namespace {

constexpr std::string_view doctype = "<!DOCTYPE html>\n";
constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:";

class PageReader {
 public:
  explicit PageReader(std::string_view page) : page_(page) {}

  std::unique_ptr<PageElement> read() {
    if (!page_.starts_with(doctype)) {
      fail("no document type");
    }
    at_ = doctype.size();
    auto top = std::make_unique<PageElement>();
    open_ = {top.get()};
    while (at_ < page_.size()) {
      if (page_[at_] != '<') {
        auto text = std::make_unique<PageElement>();
        text->own_text = text_until("<");
        text->parent = open_.back();
        open_.back()->children.push_back(std::move(text));
      } else if (page_.substr(at_).starts_with("</")) {
        close();
      } else {
        open();
      }
    }
    if (open_.size() != 1) {
      fail("not closed: " + open_.back()->name);
    }
    std::erase_if(top->children, [](const auto& child) { return child->name.empty(); });
    if (top->children.size() != 1) {
      fail("more than one root");
    }
    top->children.front()->parent = nullptr;
    return std::move(top->children.front());
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(what + " before: " + std::string(page_.substr(at_, 120)));
  }

  std::string take_name() {
    const auto end = std::min(page_.find_first_not_of(name_characters, at_), page_.size());
    std::string name(page_.substr(at_, end - at_));
    if (name.empty()) {
      fail("no name");
    }
    at_ = end;
    return name;
  }

  void expect(std::string_view text) {
    if (!page_.substr(at_).starts_with(text)) {
      fail("expected " + std::string(text));
    }
    at_ += text.size();
  }

  void skip_blanks() { at_ = std::min(page_.find_first_not_of(" \n", at_), page_.size()); }

  std::string text_until(std::string_view end_marks) {
    std::string text;
    while (at_ < page_.size() && end_marks.find(page_[at_]) == std::string_view::npos) {
      const auto character = static_cast<unsigned char>(page_[at_]);
      if (character == '&') {
        text += reference();
      } else if (character == '<' || (character < 0x20 && character != '\n') || character == 0x7f) {
        fail("a character that must not stand there");
      } else {
        text += page_[at_++];
      }
    }
    return text;
  }

  char reference() {
    const std::pair<std::string_view, char> known[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
    for (const auto& [written, meant] : known) {
      if (page_.substr(at_).starts_with(written)) {
        at_ += written.size();
        return meant;
      }
    }
    fail("an unknown reference");
  }

  void open() {
    expect("<");
    auto element = std::make_unique<PageElement>();
    element->name = take_name();
    element->parent = open_.back();
    for (skip_blanks(); page_[at_] != '>' && page_[at_] != '/'; skip_blanks()) {
      const std::string name = take_name();
      expect("=\"");
      if (!element->attributes.emplace(name, text_until("\"")).second) {
        fail("twice: " + name);
      }
      expect("\"");
    }
    PageElement* opened = element.get();
    open_.back()->children.push_back(std::move(element));
    if (page_[at_] == '/') {
      expect("/>");
    } else {
      expect(">");
      open_.push_back(opened);
    }
  }

  void close() {
    expect("</");
    const std::string name = take_name();
    if (open_.size() < 2 || open_.back()->name != name) {
      fail("closes " + name + " inside " + open_.back()->name);
    }
    expect(">");
    open_.pop_back();
  }

  std::string_view page_;
  std::size_t at_ = 0;
  std::vector<PageElement*> open_;
};

void collect(const PageElement& root, std::string_view name,
             std::vector<const PageElement*>& found) {
  for (const auto& child : root.children) {
    if (name.empty() ? !child->name.empty() : child->name == name) {
      found.push_back(child.get());
    }
    collect(*child, name, found);
  }
}

class FaultFinder {
 public:
  explicit FaultFinder(const PageElement& root) : root_(root) {}

  std::vector<std::string> find() {
    check_document();
    check_elements();
    check_headings();
    check_tables();
    return std::move(faults_);
  }

 private:
  void fault(bool is_fault, const std::string& what) {
    if (is_fault) {
      faults_.push_back(what);
    }
  }

  void check_document() {
    fault(root_.attribute("lang").empty(), "the page names no language");
    for (const char* once : {"title", "main", "h1", "header", "footer"}) {
      fault(elements(root_, once).size() != 1, std::string("not exactly one ") + once);
    }
    const auto links = elements(root_, "a");
    fault(links.empty() || links.front()->attribute("href") != "#main",
          "the first link does not skip to the content");
    for (const PageElement* element : elements(root_, "")) {
      const std::string id = element->attribute("id");
      fault(!id.empty() && !ids_.insert(id).second, "id twice: " + id);
    }
  }

  void check_elements() {
    static const std::set<std::string> forbidden{"script", "style", "iframe", "object",
                                                 "embed",  "base",  "marquee"};
    for (const PageElement* element : elements(root_, "")) {
      fault(forbidden.contains(element->name), "forbidden element " + element->name);
      for (const auto& [name, value] : element->attributes) {
        fault(name == "style" || name.starts_with("on"), "forbidden attribute " + name);
        const bool is_target = name == "href" || name == "src" || name == "action";
        fault(is_target && (value.starts_with("//") || value.find("javascript:") != value.npos),
              "leads elsewhere: " + value);
      }
      for (const char* reference : {"aria-labelledby", "aria-describedby", "for"}) {
        const std::string id = element->attribute(reference);
        fault(!id.empty() && !ids_.contains(id), "no element has the id " + id);
      }
      if (element->name == "a") {
        fault(element->text().empty(), "a link without a name to " + element->attribute("href"));
      }
      if (element->name == "input" || element->name == "select") {
        fault(!element->is_inside("label"), "a field without a label");
      }
      if (element->name == "img") {
        fault(!element->attributes.contains("alt"), "an image without a text");
      }
    }
  }

  void check_headings() {
    int level = 0;
    for (const PageElement* element : elements(root_, "")) {
      const std::string& name = element->name;
      if (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6') {
        fault(name[1] - '0' > level + 1, "a heading skips a level: " + element->text());
        fault(element->text().empty(), "an empty heading");
        level = name[1] - '0';
      }
    }
  }

  void check_tables() {
    for (const PageElement* table : elements(root_, "table")) {
      const auto captions = elements(*table, "caption");
      const bool has_name = !captions.empty() && !captions.front()->text().empty();
      const bool is_named =
          table->parent != nullptr && table->parent->attributes.contains("aria-label");
      fault(!has_name && !is_named, "a table without a caption");
      const auto heads = elements(*table, "th");
      fault(heads.empty(), "a table without headings");
      for (const PageElement* head : heads) {
        fault(head->attribute("scope").empty(), "a heading of a table without a scope");
      }
      fault(table->parent == nullptr || table->parent->attribute("tabindex") != "0",
            "a table that may be wider than the screen and takes no focus");
    }
  }

  const PageElement& root_;
  std::set<std::string> ids_;
  std::vector<std::string> faults_;
};

}  // namespace

std::string PageElement::attribute(const std::string& key) const {
  const auto found = attributes.find(key);
  return found == attributes.end() ? std::string() : found->second;
}

std::string PageElement::text() const {
  std::string all = own_text;
  for (const auto& child : children) {
    all += " " + child->text();
  }
  std::string read;
  for (const char character : all) {
    const bool is_blank = character == ' ' || character == '\n';
    if (!is_blank) {
      read += character;
    } else if (!read.empty() && read.back() != ' ') {
      read += ' ';
    }
  }
  while (read.ends_with(' ')) {
    read.pop_back();
  }
  return read;
}

bool PageElement::is_inside(std::string_view element) const {
  for (const PageElement* above = parent; above != nullptr; above = above->parent) {
    if (above->name == element) {
      return true;
    }
  }
  return false;
}

std::unique_ptr<PageElement> read_page(std::string_view page) { return PageReader(page).read(); }

std::vector<const PageElement*> elements(const PageElement& root, std::string_view name) {
  std::vector<const PageElement*> found;
  collect(root, name, found);
  return found;
}

std::vector<std::string> page_faults(std::string_view page) {
  const auto root = read_page(page);
  return FaultFinder(*root).find();
}

}  // namespace scanclock
