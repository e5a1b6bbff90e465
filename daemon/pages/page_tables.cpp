#include "daemon/pages/page_parts.hpp"

namespace scanclock {

/// The roles repeat what the elements say: a browser forgets that when rows are shown as cards.
Table::Table(Markup id, std::string_view caption, std::vector<Markup> columns)
    : columns_(std::move(columns)) {
  const std::string caption_id = std::string(id.str()) + "-caption";
  head_.add("<div class=\"scroll\" role=\"region\" tabindex=\"0\"");
  head_.attribute("aria-labelledby", caption_id).add("><table role=\"table\"");
  head_.attribute("id", id.str()).add("><caption").attribute("id", caption_id).add(">");
  head_.text(caption).add("</caption><thead role=\"rowgroup\"><tr role=\"row\">");
  for (const Markup column : columns_) {
    head_.add("<th role=\"columnheader\" scope=\"col\">").add(column).add("</th>");
  }
  head_.add("</tr></thead><tbody role=\"rowgroup\">\n");
}

Table& Table::row() { return row(std::string_view()); }

Table& Table::row(std::string_view id) {
  if (rows_ > 0) {
    body_.add("</tr>\n");
  }
  ++rows_;
  column_ = 0;
  body_.add("<tr role=\"row\"");
  if (!id.empty()) {
    body_.attribute("id", id);
  }
  body_.add(">");
  return *this;
}

Table& Table::cell(const Html& content) {
  const std::string_view label = columns_.at(column_).str();
  if (column_ == 0) {
    body_.add("<th role=\"rowheader\" scope=\"row\">").add(content).add("</th>");
  } else {
    body_.add("<td role=\"cell\"").attribute("data-label", label).add("><div>");
    body_.add(content).add("</div></td>");
  }
  ++column_;
  return *this;
}

Html Table::html(std::string_view empty) {
  Html html;
  if (rows_ == 0) {
    html.add("<p class=\"none\">").text(empty).add("</p>\n");
    return html;
  }
  html.add(head_).add(body_).add("</tr>\n</tbody></table></div>\n");
  return html;
}

Facts& Facts::fact(Markup term, const Html& value) {
  body_.add("<div><dt>").add(term).add("</dt><dd>").add(value).add("</dd></div>");
  return *this;
}

Facts& Facts::fact(Markup term, std::string_view value) {
  return value.empty() ? *this : fact(term, plain(value));
}

Html Facts::html() const {
  Html html("<dl class=\"facts\">");
  return html.add(body_).add("</dl>\n");
}

FilterForm::FilterForm(Markup path, Markup label) : path_(path) {
  body_.add("<form class=\"filter\" method=\"get\" role=\"search\"");
  body_.attribute("action", path.str()).attribute("aria-label", label.str()).add(">");
}

FilterForm& FilterForm::search(Markup name, Markup label, std::string_view value, Markup hint) {
  body_.add("<label class=\"wide\">").add(label).add(" <input type=\"search\"");
  body_.attribute("name", name.str()).attribute("value", value);
  body_.attribute("placeholder", hint.str()).add("/></label>");
  return *this;
}

FilterForm& FilterForm::text(Markup name, Markup label, std::string_view value) {
  body_.add("<label>").add(label).add(" <input type=\"text\"");
  body_.attribute("name", name.str()).attribute("value", value).add("/></label>");
  return *this;
}

FilterForm& FilterForm::choice(Markup name, Markup label, std::string_view value,
                               const std::vector<std::pair<std::string, std::string>>& choices) {
  body_.add("<label>").add(label).add(" <select").attribute("name", name.str()).add(">");
  for (const auto& [choice, shown] : choices) {
    body_.add("<option").attribute("value", choice);
    if (choice == value) {
      body_.attribute("selected", "selected");
    }
    body_.add(">").text(shown).add("</option>");
  }
  body_.add("</select></label>");
  return *this;
}

Html FilterForm::html() const {
  Html html = body_;
  html.add("<button type=\"submit\">Show</button><a").attribute("href", path_.str());
  return html.add(">Clear</a></form>\n");
}

}  // namespace scanclock
