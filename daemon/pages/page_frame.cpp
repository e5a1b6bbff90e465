#include "daemon/pages/page_frame.hpp"

#include "daemon/pages/page_parts.hpp"

#include <chrono>

namespace scanclock {
namespace {

struct NavigationEntry {
  PageSection section;
  Markup path;
  Markup name;
};

constexpr NavigationEntry navigation_entries[] = {
    {PageSection::fleet, "/", "Fleet"},
    {PageSection::images, "/images", "Images"},
    {PageSection::containers, "/containers", "Containers"},
    {PageSection::alerts, "/alerts", "Alerts"},
    {PageSection::sources, "/sources", "Sources"},
    {PageSection::notifications, "/notifications", "Notifications"},
    {PageSection::runbook, "/runbook", "Runbook"},
};

Html navigation(const PageFrame& frame) {
  Html html("<nav aria-label=\"Pages\"><ul>");
  for (const NavigationEntry& entry : navigation_entries) {
    html.add("<li><a").attribute("href", entry.path.str());
    if (entry.section == frame.section) {
      html.attribute("aria-current", frame.is_section_page ? "page" : "true");
    }
    html.add(">").add(entry.name).add("</a></li>");
  }
  return html.add("</ul></nav>");
}

}  // namespace

std::string whole_page(const PageFrame& frame, const Html& content) {
  Html html(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
      "<meta name=\"color-scheme\" content=\"light dark\"/><title>");
  html.text(frame.title).add(" · Scanclock</title>");
  html.add(
      "<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\"/>"
      "<link rel=\"stylesheet\" href=\"/style.css\"/></head>\n<body>"
      "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
      "<header class=\"top\"><p class=\"name\"><a href=\"/\">Scanclock</a></p>");
  html.add(navigation(frame)).add("</header>\n<main id=\"main\" tabindex=\"-1\">\n<h1>");
  html.text(frame.title).add("</h1>\n");
  if (!frame.storage_failure.empty()) {
    html.add(
        "<p class=\"note bad\" role=\"alert\"><strong>The database does not take changes.</strong> "
        "What is shown is what the daemon knows; it is stored when the database is back. ");
    html.text(frame.storage_failure).add("</p>\n");
  }
  html.add(content).add("</main>\n<footer><p>As of ");
  html.add(moment(std::chrono::floor<std::chrono::seconds>(frame.now)));
  html.add(
      ". All times are UTC. Reload the page for newer ones.</p>"
      "<p><a href=\"/metrics\">Metrics</a> <a href=\"/api/v1/openapi.json\">API</a></p>"
      "</footer>\n</body></html>\n");
  return html.str();
}

std::string message_page(const PageFrame& frame, const Html& message) {
  Html html("<p class=\"note\">");
  html.add(message).add("</p>\n");
  return whole_page(frame, html);
}

}  // namespace scanclock
