#include "daemon/pages/fleet_page.hpp"
#include "daemon/pages/page_parts.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace scanclock {
namespace {

constexpr unsigned days_of_week = 7;
constexpr std::array<Markup, days_of_week> weekdays{"Mon", "Tue", "Wed", "Thu",
                                                    "Fri", "Sat", "Sun"};
constexpr std::array<Markup, days_of_week> weekday_names{
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::array<Markup, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// From 0 for Monday.
unsigned place_in_week(std::chrono::sys_days day) {
  return std::chrono::weekday(day).iso_encoding() - 1;
}

/// 0 for none, else 1 to 4 by the share of the worst day.
std::size_t heat_of(std::size_t count, std::size_t most) {
  return count == 0 ? 0 : 1 + (count - 1) * 4 / std::max<std::size_t>(most, 1);
}

Html day_cell(std::chrono::sys_days day, std::size_t count, std::size_t most, bool is_first) {
  const std::chrono::year_month_day date(day);
  Html html("<td role=\"cell\"");
  html.attribute("class",
                 "heat" + std::to_string(heat_of(count, most)) + (is_first ? " today" : ""));
  html.add("><time").attribute("datetime", format_date(day)).add(">");
  html.number(static_cast<unsigned>(date.day())).add("<span class=\"month\"> ");
  html.add(months[static_cast<unsigned>(date.month()) - 1]).add("</span></time> ");
  if (count == 0) {
    return html.add(
        "<span class=\"count\"><span aria-hidden=\"true\">–</span>"
        "<span class=\"quiet\">no image</span></span></td>");
  }
  html.add("<a class=\"count\"");
  html.attribute("href", path_with("/images", {{"running", "true"}, {"due_on", format_date(day)}}));
  html.add(">").text(grouped_number(count)).add("<span class=\"quiet\">");
  return html.text(count == 1 ? " image" : " images").add("</span></a></td>");
}

Html empty_cells(unsigned count) {
  Html html;
  for (unsigned cell = 0; cell < count; ++cell) {
    html.add("<td role=\"cell\" class=\"outside\"></td>");
  }
  return html;
}

Html calendar_weeks(const Forecast& forecast) {
  std::size_t most = 0;
  for (const ForecastImages& day : forecast.days) {
    most = std::max(most, day.count);
  }
  Html html("<tr role=\"row\">");
  html.add(empty_cells(place_in_week(forecast.first_day)));
  for (std::size_t index = 0; index < forecast.days.size(); ++index) {
    const auto day = forecast.first_day + std::chrono::days(index);
    if (index > 0 && place_in_week(day) == 0) {
      html.add("</tr>\n<tr role=\"row\">");
    }
    html.add(day_cell(day, forecast.days[index].count, most, index == 0));
  }
  const auto last = forecast.first_day + std::chrono::days(forecast.days.size() - 1);
  return html.add(empty_cells(days_of_week - 1 - place_in_week(last))).add("</tr>");
}

}  // namespace

Html breach_calendar(const Forecast& forecast) {
  const std::size_t due = forecast.due_within(static_cast<int>(forecast.days.size()));
  Html html(
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
      "aria-labelledby=\"calendar-caption\">"
      "<table role=\"table\" class=\"calendar\"><caption id=\"calendar-caption\">");
  html.text(grouped_number(due))
      .add(due == 1 ? Markup(" running image passes its") : Markup(" running images pass their"));
  html.add(" deadline in the next ").number(forecast.days.size());
  html.add(" days if nothing is scanned");
  if (forecast.later > 0) {
    html.add(", ").text(grouped_number(forecast.later)).add(" later");
  }
  html.add(". Days are UTC.</caption><thead role=\"rowgroup\"><tr role=\"row\">");
  for (unsigned day = 0; day < days_of_week; ++day) {
    html.add("<th role=\"columnheader\" scope=\"col\"><abbr");
    html.attribute("title", weekday_names[day].str()).add(">").add(weekdays[day]);
    html.add("</abbr></th>");
  }
  html.add("</tr></thead><tbody role=\"rowgroup\">\n").add(calendar_weeks(forecast));
  return html.add("\n</tbody></table></div>\n");
}

}  // namespace scanclock
