#include "daemon/pages/fleet_page.hpp"

#include "core/domain/views.hpp"
#include "daemon/pages/image_list.hpp"
#include "daemon/pages/page_parts.hpp"

#include <algorithm>
#include <tuple>

namespace scanclock {
namespace {

Markup class_of(FleetAnswer::Word word) {
  switch (word) {
    case FleetAnswer::Word::no:
      return "answer bad";
    case FleetAnswer::Word::yes:
      return "answer good";
    default:
      return "answer doubt";
  }
}

Markup words_of(FleetAnswer::Word word) {
  switch (word) {
    case FleetAnswer::Word::no:
      return "No.";
    case FleetAnswer::Word::unknown:
      return "Not known.";
    case FleetAnswer::Word::doubtful:
      return "Yes, by what was seen last.";
    case FleetAnswer::Word::yes:
      return "Yes.";
    case FleetAnswer::Word::nothing_runs:
      return "Nothing runs.";
  }
  return "Not known.";
}

/// The image whose deadline comes next.
const ImageRecord* next_breach(const Forecast& forecast) {
  for (const ForecastImages& day : forecast.days) {
    if (!day.nearest.empty()) {
      return day.nearest.front();
    }
  }
  return nullptr;
}

Html answer_section(const FleetAnswer& answer, const Forecast& forecast, TimePoint now) {
  Html html("<section");
  html.attribute("class", class_of(answer.word).str());
  html.add(" aria-labelledby=\"answer\"><h2 id=\"answer\">Are we in the window? <strong>");
  html.add(words_of(answer.word)).add("</strong></h2><p>");
  for (const std::string& sentence : answer.why) {
    html.text(sentence).add(" ");
  }
  if (answer.word == FleetAnswer::Word::yes) {
    html.add("Every running image was scanned in time, and every source answers.");
  }
  html.add("</p><p>");
  if (const ImageRecord* next = next_breach(forecast)) {
    html.add("Next breach: ").add(moment(next->deadline_at, now)).add(", ");
    html.add(link_to(image_path(next->digest), asset_id(*next))).add(".");
  } else {
    html.add("No running image passes its deadline in the next ");
    html.number(forecast.days.size()).add(" days.");
  }
  return html.add("</p></section>\n");
}

Html trouble_section(const SourceBook& sources, TimePoint now) {
  Html items;
  for (const SourceStatus& source : sources.all()) {
    if (!source.failing_since) {
      continue;
    }
    items.add("<li>").add(source_state(sources, source, now)).add(" ");
    items.add(link_to(source_path(source.name), source.name)).add(" since ");
    items.add(moment(*source.failing_since, now)).add(": ").text(source.reason);
    items.text(source.detail.empty() ? "" : ", " + source.detail).add("</li>");
  }
  if (items.empty()) {
    return {};
  }
  Html html(
      "<section class=\"note doubt\" aria-labelledby=\"silent\">"
      "<h2 id=\"silent\">Sources that do not answer</h2><ul>");
  return html.add(items).add("</ul></section>\n");
}

/// A state or verdict with how many have it; `is_doubtful` where some of them may have it no more.
Html tile(const std::string& path, const std::string& word, std::size_t number, bool is_doubtful,
          const std::string& below) {
  Html html("<li><a");
  html.attribute("class", "tile " + (is_doubtful ? "doubted" : word)).attribute("href", path);
  html.add("><b>").text(grouped_number(number)).add("</b> <span>");
  html.text(spoken_word(word)).add(is_doubtful ? Markup("?") : Markup(""));
  return html.add("</span> <small>").text(below).add("</small></a></li>");
}

Html state_tiles(const FleetView& view, bool is_doubtful) {
  Html html(
      "<section aria-labelledby=\"states\"><h2 id=\"states\">Images</h2>"
      "<ul class=\"tiles\">");
  for (const State state : {State::never_scanned, State::overdue, State::due_soon, State::fresh}) {
    const FleetCount& count = view.images(state);
    const std::string word(to_string(state));
    const bool is_good = state == State::fresh || state == State::due_soon;
    html.add(tile(path_with("/images", {{"state", word}, {"running", "true"}}), word, count.running,
                  is_good && is_doubtful, "running, " + grouped_number(count.known) + " known"));
  }
  return html.add("</ul></section>\n");
}

Html verdict_tiles(const FleetView& view) {
  Html html("<section aria-labelledby=\"verdicts\"><h2 id=\"verdicts\">Containers</h2><p>");
  html.text(grouped_number(view.containers())).add(" run");
  if (view.unobserved() > 0) {
    html.add(", ").text(grouped_number(view.unobserved()));
    html.add(" of them at sources that do not answer");
  }
  if (view.ignored() > 0) {
    html.add("; ").text(grouped_number(view.ignored())).add(" more are ignored by the settings");
  }
  html.add(".</p><ul class=\"tiles small\">");
  for (int index = static_cast<int>(Verdict::unresolved); index >= 0; --index) {
    const auto verdict = static_cast<Verdict>(index);
    if (view.containers(verdict) == 0) {
      continue;
    }
    const std::string word(to_string(verdict));
    const bool is_good = may_run(verdict);
    html.add(tile(path_with("/containers", {{"verdict", word}}), word, view.containers(verdict),
                  is_good && view.unobserved() > 0, is_good ? "may run" : "may not run"));
  }
  return html.add("</ul></section>\n");
}

Html firing_section(const std::vector<const Alert*>& firing, TimePoint now) {
  std::vector<const Alert*> alerts = firing;
  const std::size_t shown = std::min(alerts.size(), fleet_rows_max);
  std::partial_sort(alerts.begin(), alerts.begin() + static_cast<std::ptrdiff_t>(shown),
                    alerts.end(), [](const Alert* left, const Alert* right) {
                      return std::tie(right->severity, left->started_at, left->id) <
                             std::tie(left->severity, right->started_at, right->id);
                    });
  Table table("firing",
              shown < alerts.size() ? "The gravest " + std::to_string(shown) : "The gravest first",
              {"What", "Severity", "Rule", "Since"});
  for (std::size_t index = 0; index < shown; ++index) {
    const Alert& alert = *alerts[index];
    table.row("alert-" + alert.id).cell(link_to(alert_path(alert.id), summary_of(alert)));
    table.cell(badge(to_string(alert.severity))).cell(alert.key.rule);
    table.cell(moment(alert.started_at, now));
  }
  Html html("<section aria-labelledby=\"fires\"><h2 id=\"fires\">What fires</h2>");
  html.add(table.html("No alert is firing."));
  if (shown < alerts.size()) {
    html.add("<p>").add(link_to("/alerts", "All " + grouped_number(alerts.size()) + " alerts"));
    html.add("</p>");
  }
  return html.add("</section>\n");
}

Html worst_section(const Inventory& inventory, const Forecast& forecast, TimePoint now) {
  std::vector<const ImageRecord*> worst = forecast.overdue.nearest;
  worst.insert(worst.end(), forecast.never_scanned.nearest.begin(),
               forecast.never_scanned.nearest.end());
  for (const ForecastImages& day : forecast.days) {
    worst.insert(worst.end(), day.nearest.begin(), day.nearest.end());
  }
  std::stable_sort(worst.begin(), worst.end(), [](const auto* left, const auto* right) {
    return rank_of(*left) < rank_of(*right);
  });
  worst.resize(std::min(worst.size(), fleet_rows_max));
  Html html("<section aria-labelledby=\"worst\"><h2 id=\"worst\">Worst images</h2>");
  html.add(image_table("worst-images", "Running images by their deadline", inventory, worst, now,
                       "No running image is late or falls due."));
  return html.add("<p>")
      .add(link_to(path_with("/images", {{"running", "true"}}), "All running images"))
      .add("</p></section>\n");
}

}  // namespace

std::string render_fleet_page(PageFrame frame, const FleetInput& input, FleetView& view) {
  const Forecast forecast = view.forecast().take();
  const FleetAnswer answer = answer_of(view, forecast, input.sources, frame.now);
  const Html trouble = trouble_section(input.sources, frame.now);
  Html content = answer_section(answer, forecast, frame.now);
  content.add(trouble).add(state_tiles(view, !trouble.empty()));
  content.add(firing_section(input.firing, frame.now));
  content.add("<section aria-labelledby=\"calendar\"><h2 id=\"calendar\">Breach calendar</h2>");
  content.add(breach_calendar(forecast)).add("</section>\n");
  content.add(worst_section(input.inventory, forecast, frame.now)).add(verdict_tiles(view));
  return whole_page(frame, content);
}

}  // namespace scanclock
