#include "daemon/pages/alert_list.hpp"

#include "core/domain/label_matcher.hpp"
#include "daemon/pages/page_parts.hpp"
#include "daemon/pages/top_rows.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>
#include <utility>

namespace scanclock {
namespace {

constexpr Markup alerts_path = "/alerts";

AlertRank rank_of_alert(const Alert& alert) {
  return {-static_cast<int>(alert.severity), alert.started_at, alert.id};
}

/// An alert in its place, without a copy of anything: there may be ten thousand.
struct RankedAlert {
  int order = 0;
  TimePoint started_at;
  std::string_view id;
  const Alert* alert = nullptr;

  bool operator<(const RankedAlert& other) const {
    return std::tie(order, started_at, id) < std::tie(other.order, other.started_at, other.id);
  }
};

/// What one look at all alerts finds.
struct FoundAlerts {
  explicit FoundAlerts(std::optional<RankedAlert> after) : firing(page_rows, std::move(after)) {}

  std::set<std::string_view> rules;
  TopRows<RankedAlert> firing;
  std::vector<const Alert*> ended;
};

std::string alert_cursor(const AlertRank& rank) {
  const auto& [order, started_at, id] = rank;
  return std::to_string(-order) + "." + std::to_string(started_at.time_since_epoch().count()) +
         "." + id;
}

std::optional<AlertRank> read_alert_cursor(std::string_view text) {
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) {
    return std::nullopt;
  }
  int severity = 0;
  Duration::rep started = 0;
  const char* end = text.data() + second;
  const auto one = std::from_chars(text.data(), text.data() + first, severity);
  const auto two = std::from_chars(text.data() + first + 1, end, started);
  if (one.ec != std::errc() || one.ptr != text.data() + first || two.ec != std::errc() ||
      two.ptr != end || severity < 0 || severity > static_cast<int>(Severity::critical)) {
    return std::nullopt;
  }
  return AlertRank(-severity, TimePoint(Duration(started)), std::string(text.substr(second + 1)));
}

std::string alert_parameter(const std::map<std::string, std::string>& query, const char* name) {
  const auto found = query.find(name);
  return found == query.end() ? std::string() : found->second;
}

bool names_alert_text(const Alert& alert, const std::string& text) {
  const auto summary = alert.annotations.find("summary");
  return summary != alert.annotations.end() && summary->second.find(text) != std::string::npos;
}

bool passes_alert(const AlertListQuestion& question, const Alert& alert) {
  return (question.rule.empty() || alert.key.rule == question.rule) &&
         (question.owner.empty() || alert.owner == question.owner) &&
         (!question.severity || alert.severity == *question.severity) &&
         (question.text.empty() || alert.key.subject.find(question.text) != std::string::npos ||
          alert.id == question.text || names_alert_text(alert, question.text));
}

FoundAlerts find_alerts(const AlertListQuestion& question,
                        const std::vector<const Alert*>& alerts) {
  std::optional<RankedAlert> after;
  if (question.after) {
    const auto& [order, started_at, id] = *question.after;
    after = RankedAlert{order, started_at, id, nullptr};
  }
  FoundAlerts found(after);
  for (const Alert* alert : alerts) {
    found.rules.insert(alert->key.rule);
    if (!passes_alert(question, *alert)) {
      continue;
    }
    if (alert->firing) {
      found.firing.add({-static_cast<int>(alert->severity), alert->started_at, alert->id, alert});
    } else if (alert->ended_at) {
      found.ended.push_back(alert);
    }
  }
  return found;
}

Html alert_form(const AlertListQuestion& question, const std::set<std::string_view>& names) {
  std::vector<std::pair<std::string, std::string>> rules{{"", "any"}};
  for (const std::string_view name : names) {
    rules.emplace_back(name, name);
  }
  const std::string severity(question.severity ? to_string(*question.severity) : "");
  FilterForm form(alerts_path, "Search alerts");
  form.search("q", "Text or subject", question.text, "team/app");
  form.choice("severity", "Severity", severity,
              {{"", "any"}, {"critical", "critical"}, {"warning", "warning"}});
  form.choice("rule", "Rule", question.rule, rules);
  form.text("owner", "Owner", question.owner);
  return form.html();
}

std::string alerts_path_after(const AlertListQuestion& question, const std::string& after) {
  const std::string severity(question.severity ? to_string(*question.severity) : "");
  return path_with(alerts_path.str(), {{"q", question.text},
                                       {"severity", severity},
                                       {"rule", question.rule},
                                       {"owner", question.owner},
                                       {"after", after}});
}

Html firing_table(const AlertListQuestion& question, TopRows<RankedAlert>& rows,
                  const alerts::SilenceBook& silences, TimePoint now) {
  ListPlace place;
  place.matches = rows.matches();
  place.before = rows.before();
  const std::vector<RankedAlert> ranked = rows.take();
  place.shown = ranked.size();
  Table table("firing",
              grouped_number(place.matches) + (place.matches == 1 ? " fires" : " fire") +
                  ", the gravest first",
              {"What", "Severity", "Told", "Rule", "Owner", "Since"});
  for (const RankedAlert& row : ranked) {
    const Alert& alert = *row.alert;
    table.row("alert-" + alert.id).cell(link_to(alert_path(alert.id), summary_of(alert)));
    table.cell(badge(to_string(alert.severity))).cell(alert_standing(alert, silences, now));
    table.cell(alert.key.rule);
    table.cell(alert.owner.empty() ? std::string_view("nobody") : std::string_view(alert.owner));
    table.cell(moment(alert.started_at, now));
  }
  if (question.after) {
    place.first_path = alerts_path_after(question, "");
  }
  if (place.before + place.shown < place.matches && !ranked.empty()) {
    place.next_path =
        alerts_path_after(question, alert_cursor(rank_of_alert(*ranked.back().alert)));
  }
  Html html = table.html("No alert is firing.");
  return place.matches == 0 ? html : html.add(list_navigation(place, "Pages of alerts"));
}

Html silence_table(const alerts::SilenceBook& silences, TimePoint now) {
  const std::vector<Silence> known = silences.silences(now);
  const std::size_t shown = std::min(known.size(), page_rows);
  std::string caption = "A silence holds messages back; it moves no deadline and no verdict";
  if (shown < known.size()) {
    caption += ". " + std::to_string(shown) + " of " + grouped_number(known.size()) +
               "; scanclock silence list has all";
  }
  Table table("silences", caption, {"Matches", "From", "Until", "By", "Reason"});
  for (std::size_t index = 0; index < shown; ++index) {
    const Silence& silence = known[index];
    std::string matchers;
    for (const LabelMatcher& matcher : silence.matchers) {
      matchers += (matchers.empty() ? "" : ", ") + to_string(matcher);
    }
    table.row(silence.id).cell(matchers).cell(moment(silence.starts_at, now));
    table.cell(moment(silence.expires_at, now)).cell(silence.author).cell(silence.reason);
  }
  return table.html("No silence is in force.");
}

Html ended_table(std::vector<const Alert*> ended, TimePoint now) {
  const std::size_t all = ended.size();
  const std::size_t shown = std::min(all, page_rows);
  std::partial_sort(
      ended.begin(), ended.begin() + static_cast<std::ptrdiff_t>(shown), ended.end(),
      [](const Alert* left, const Alert* right) { return *left->ended_at > *right->ended_at; });
  Table table("ended",
              shown < all ? "The newest " + std::to_string(shown) + " of " + grouped_number(all)
                          : "The newest first",
              {"What", "Why it ended", "Rule", "Ended", "Since"});
  for (std::size_t index = 0; index < shown; ++index) {
    const Alert& alert = *ended[index];
    table.row("alert-" + alert.id).cell(link_to(alert_path(alert.id), summary_of(alert)));
    table.cell(spoken_word(alert.resolved_reason)).cell(alert.key.rule);
    table.cell(moment(*alert.ended_at, now)).cell(moment(alert.started_at, now));
  }
  return table.html("None.");
}

}  // namespace

std::optional<FilterRefusal> read_alert_list(const std::map<std::string, std::string>& query,
                                             AlertListQuestion& question) {
  if (const std::string severity = alert_parameter(query, "severity"); !severity.empty()) {
    question.severity = parse_severity(severity);
    if (!question.severity) {
      return FilterRefusal{"severity", "critical, warning or none"};
    }
  }
  if (const std::string after = alert_parameter(query, "after"); !after.empty()) {
    question.after = read_alert_cursor(after);
    if (!question.after) {
      return FilterRefusal{"after", "what the link to the next page says"};
    }
  }
  question.text = alert_parameter(query, "q");
  question.rule = alert_parameter(query, "rule");
  question.owner = alert_parameter(query, "owner");
  return std::nullopt;
}

Html alert_standing(const Alert& alert, const alerts::SilenceBook& silences, TimePoint now) {
  if (!alert.firing) {
    Html html = badge("resolved");
    return html.add(" ").text(spoken_word(alert.resolved_reason));
  }
  Html html = badge("firing");
  if (const Silence* silence = silences.silence_of(alert, now)) {
    html = badge("silenced");
    html.add(" <small>by ").text(silence->author).add(" until ");
    html.add(moment(silence->expires_at, now)).add(": ").text(silence->reason).add("</small>");
  }
  if (const Acknowledgement* taken = silences.acknowledgement_of(alert.id, now)) {
    html.add(" ").add(badge("acknowledged")).add(" <small>by ").text(taken->author);
    html.add(" until ").add(moment(taken->expires_at, now)).add(": ").text(taken->reason);
    html.add("</small>");
  }
  return html;
}

std::string render_alert_list(PageFrame frame, const AlertListQuestion& question,
                              const std::vector<const Alert*>& alerts,
                              const alerts::SilenceBook& silences) {
  FoundAlerts found = find_alerts(question, alerts);
  Html content = alert_form(question, found.rules);
  content.add("<section aria-labelledby=\"fires\"><h2 id=\"fires\">Firing</h2>");
  content.add(firing_table(question, found.firing, silences, frame.now));
  content.add("</section><section aria-labelledby=\"quiet\"><h2 id=\"quiet\">Silences</h2>");
  content.add(silence_table(silences, frame.now));
  content.add(
      "</section><section aria-labelledby=\"over\">"
      "<h2 id=\"over\">Ended in the last day</h2>");
  content.add(ended_table(std::move(found.ended), frame.now)).add("</section>\n");
  return whole_page(frame, content);
}

}  // namespace scanclock
