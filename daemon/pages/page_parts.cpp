#include "daemon/pages/page_parts.hpp"

#include "daemon/pages/html.hpp"

#include <algorithm>
#include <chrono>

namespace scanclock {

std::string page_head(std::string_view title, TimePoint now) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
         "<title>" +
         html_escaped(title) +
         "</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body>\n"
         "<header><h1>" +
         html_escaped(title) + "</h1><p>As of <time>" +
         format_rfc3339(std::chrono::floor<std::chrono::seconds>(now)) +
         "</time></p></header>\n<main>\n";
}

std::string page_foot() {
  return "</main>\n<footer><a href=\"/\">status</a> <a href=\"/runbook\">runbook</a> "
         "<a href=\"/metrics\">metrics</a> <a href=\"/api/v1/openapi.json\">API</a></footer>\n"
         "</body></html>\n";
}

std::string cell(std::string_view text) { return "<td>" + html_escaped(text) + "</td>"; }

std::string long_cell(std::string_view text) {
  return "<td class=\"long\">" + html_escaped(text) + "</td>";
}

std::string image_cell(const ContainerRecord& container) {
  const std::string& printed = container.printed->image_id;
  std::string html = "<td class=\"long\">" + html_escaped(container.image());
  if (!printed.empty()) {
    html += "<small>" + html_escaped(printed) + "</small>";
  }
  if (container.assumed()) {
    html += "<small>assumed: no runtime printed this digest</small>";
  }
  return html + "</td>";
}

std::string badge(std::string_view text) {
  return "<td><span class=\"badge " + html_escaped(text) + "\">" + html_escaped(text) +
         "</span></td>";
}

std::string time_cell(TimePoint time, TimePoint now) {
  const std::string distance = describe_duration(time - now);
  return "<td><time datetime=\"" + format_rfc3339(time) + "\" title=\"" + format_rfc3339(time) +
         "\">" + (time >= now ? "in " + distance : distance + " ago") + "</time></td>";
}

std::string table(std::string_view caption, const std::vector<std::string_view>& columns,
                  const std::vector<std::string>& rows, std::string_view empty) {
  std::string html = "<section><h2>" + html_escaped(caption) + "</h2>";
  if (rows.empty()) {
    return html + "<p>" + html_escaped(empty) + "</p></section>\n";
  }
  html += "<div class=\"scroll\"><table><thead><tr>";
  for (const std::string_view column : columns) {
    html += "<th scope=\"col\">" + html_escaped(column) + "</th>";
  }
  html += "</tr></thead><tbody>\n";
  for (std::size_t index = 0; index < std::min(rows.size(), table_rows_max); ++index) {
    html += "<tr>" + rows[index] + "</tr>\n";
  }
  html += "</tbody></table></div>";
  if (rows.size() > table_rows_max) {
    html += "<p>" + std::to_string(rows.size() - table_rows_max) + " more rows: see the API.</p>";
  }
  return html + "</section>\n";
}

}  // namespace scanclock
