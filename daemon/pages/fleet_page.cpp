#include "daemon/pages/fleet_page.hpp"

#include "core/domain/views.hpp"
#include "daemon/pages/page_parts.hpp"
#include "daemon/pages/html.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace scanclock {
namespace {

std::string summary(const StatusInput& input) {
  std::map<State, int> states;
  std::map<State, int> running;
  for (const auto& [digest, image] : input.inventory.images()) {
    ++states[image.state];
    running[image.state] += image.running ? 1 : 0;
  }
  std::string html = "<section class=\"tiles\" aria-label=\"Images by state\">";
  for (const State state : {State::never_scanned, State::overdue, State::due_soon, State::fresh}) {
    html += "<div class=\"tile " + std::string(to_string(state)) + "\"><b>" +
            std::to_string(states[state]) + "</b> " + std::string(to_string(state)) + "<small>" +
            std::to_string(running[state]) + " running</small></div>";
  }
  return html + "</section>\n";
}

std::string image_row(const StatusInput& input, const ImageRecord& image) {
  const EvidenceRecord* scan =
      image.last_scan ? input.inventory.evidence(*image.last_scan) : nullptr;
  std::string row = "<td><a href=\"/images/" + image.digest.str() + "\">" +
                    html_escaped(asset_id(image)) + "</a><small>" + image.digest.short_form() +
                    " " +
                    html_escaped(to_string(input.inventory.graph().find(image.digest)->platform)) +
                    "</small></td>";
  row += badge(to_string(image.state)) + cell(image.running ? "yes" : "no");
  row += time_cell(image.deadline_at, input.now);
  if (scan != nullptr && scan->evidence.report.finished_at) {
    const Evidence& evidence = scan->evidence;
    row += time_cell(*evidence.report.finished_at, input.now);
    const Trust trust = present_trust(evidence, input.inventory.scope().keys);
    row += cell(evidence.report.scanner + ", " + std::string(to_string(trust)));
  } else {
    row += cell("never") + cell("none accepted");
  }
  return row + cell(image.owner) + cell(to_string(input.inventory.observation(image).status));
}

std::string images_table(const StatusInput& input) {
  std::vector<const ImageRecord*> images;
  for (const auto& [digest, image] : input.inventory.images()) {
    images.push_back(&image);
  }
  const auto rank = [](const ImageRecord* image) {
    const bool harmful = image->state == State::overdue || image->state == State::never_scanned;
    return std::tuple(!(harmful && image->running), !image->running, image->deadline_at,
                      image->digest);
  };
  std::sort(images.begin(), images.end(), [&](const ImageRecord* left, const ImageRecord* right) {
    return rank(left) < rank(right);
  });
  std::vector<std::string> rows;
  for (const ImageRecord* image : images) {
    rows.push_back(image_row(input, *image));
  }
  return table(
      "Images",
      {"Image", "State", "Running", "Deadline", "Last scan", "Evidence", "Owner", "Sources"}, rows,
      "No image is known yet.");
}

/// The verdict is the last one where the source does not answer, and says so.
std::string container_row(const StatusInput& input, const ContainerRecord& container) {
  const SourceStatus* source = input.sources.find(container.source());
  std::string reason = container.reason();
  if (source != nullptr && source->failing_since) {
    reason += std::string(reason.empty() ? "" : "; ") + "source not observed: " + source->reason;
  }
  return cell(container.name) + cell(container.source()) + cell(container.workload()) +
         image_cell(container) + badge(to_string(container.verdict())) + cell(reason);
}

std::string containers_table(const StatusInput& input) {
  std::vector<const ContainerRecord*> containers;
  for (const ContainerRecord& container : input.inventory.containers()) {
    if (!container.ended_at) {
      containers.push_back(&container);
    }
  }
  std::stable_sort(containers.begin(), containers.end(),
                   [](const ContainerRecord* left, const ContainerRecord* right) {
                     return left->verdict() > right->verdict();
                   });
  std::vector<std::string> rows;
  // Rows that are not shown are only counted.
  for (const ContainerRecord* container : containers) {
    rows.push_back(rows.size() < table_rows_max ? container_row(input, *container) : std::string());
  }
  return table("Running containers",
               {"Container", "Source", "Workload", "Image", "Verdict", "Reason"}, rows,
               "No container is known to run.");
}

std::string alerts_table(const StatusInput& input) {
  std::vector<std::string> rows;
  for (const Alert& alert : input.alerts) {
    if (!alert.firing) {
      continue;
    }
    const auto text = alert.annotations.find("summary");
    rows.push_back(badge(to_string(alert.severity)) + cell(alert.key.rule) +
                   cell(text == alert.annotations.end() ? alert.key.subject : text->second) +
                   time_cell(alert.started_at, input.now));
  }
  return table("Firing alerts", {"Severity", "Rule", "What", "Since"}, rows, "No alert is firing.");
}

/// Why it does not answer, and what it may not see although it does.
std::string problem_of_source(const SourceStatus& source) {
  std::string text = source.reason.empty() ? "" : source.reason + ": " + source.detail;
  if (source.namespaces) {
    text += std::string(text.empty() ? "" : "; ") + "partial view, only";
    for (const std::string& name : *source.namespaces) {
      text += " " + name;
    }
  }
  return text + (text.empty() || source.limits.empty() ? "" : "; ") + source.limits;
}

std::string sources_table(const StatusInput& input) {
  std::vector<std::string> rows;
  for (const SourceStatus& source : input.sources.all()) {
    const bool blind = input.sources.is_blind(source.name, input.now);
    rows.push_back(
        cell(source.name) + cell(source.type.empty() ? to_string(source.kind) : source.type) +
        badge(source.failing_since ? (blind ? "blind" : "failing") : "ok") +
        long_cell(problem_of_source(source)) +
        (source.last_success_at ? time_cell(*source.last_success_at, input.now) : cell("never")) +
        cell(std::to_string(input.inventory.members_of(source))));
  }
  return table("Sources", {"Source", "Kind", "Status", "Problem", "Last answer", "Members"}, rows,
               "No source is configured.");
}

}  // namespace

std::string render_status_page(const StatusInput& input) {
  std::string html = page_head("Scanclock", input.now);
  if (!input.storage_failure.empty()) {
    html += "<p class=\"trouble\" role=\"alert\">The database does not take changes: " +
            html_escaped(input.storage_failure) + "</p>\n";
  }
  html += summary(input) + alerts_table(input) + images_table(input) + containers_table(input) +
          sources_table(input);
  return html + page_foot();
}

std::string_view status_page_style() {
  return R"css(:root { color-scheme: light dark; --line: #8884; --bad: #c62828; --warn: #b26a00;
  --good: #2e7d32; --muted: #7779; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 80rem; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0 1.5rem; align-items: baseline; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: .5rem; }
.tile { border: 1px solid var(--line); border-left-width: .4rem; border-radius: .4rem;
  padding: .5rem .9rem; min-width: 8rem; }
.tile b { font-size: 1.6rem; margin-right: .3rem; }
.tile.overdue, .tile.never_scanned { border-left-color: var(--bad); }
.tile.due_soon { border-left-color: var(--warn); }
.tile.fresh { border-left-color: var(--good); }
small { display: block; opacity: .75; font-size: .85em; }
pre { white-space: pre-wrap; font: inherit; margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
td.long, .digest { overflow-wrap: anywhere; }
td.long { min-width: 10rem; }
th { font-weight: 600; white-space: nowrap; }
time { white-space: nowrap; }
.badge { border: 1px solid currentColor; border-radius: .8rem; padding: 0 .55rem;
  white-space: nowrap; font-weight: 600; }
.overdue, .never_scanned, .critical, .blind, .conflict, .unresolved, .ambiguous,
.platform_unproven { color: var(--bad); }
.due_soon, .expiring, .warning, .failing, .rejected { color: var(--warn); }
.fresh, .compliant, .ok, .accepted { color: var(--good); }
.tile { color: inherit; }
.trouble { border: 2px solid var(--bad); padding: .6rem 1rem; border-radius: .4rem; }
footer { margin-top: 2rem; opacity: .8; }
@media (prefers-color-scheme: dark) {
  :root { --bad: #ff8a80; --warn: #ffb74d; --good: #81c784; }
}
)css";
}

}  // namespace scanclock
