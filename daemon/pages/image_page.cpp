#include "daemon/pages/image_page.hpp"

#include "core/domain/views.hpp"
#include "daemon/evidence_view.hpp"
#include "daemon/pages/page_parts.hpp"
#include "daemon/pages/html.hpp"

#include <algorithm>

namespace scanclock {
namespace {

std::string optional_time_cell(const std::optional<TimePoint>& time, TimePoint now,
                               std::string_view absent) {
  return time && is_set(*time) ? time_cell(*time, now) : cell(absent);
}

std::string joined_tags(const std::set<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) {
    text += (text.empty() ? "" : ", ") + tag;
  }
  return text;
}

std::string image_summary(const ImagePageInput& input, const ImageRecord& image) {
  const Manifest* manifest = input.inventory.graph().find(image.digest);
  const Observation observation = input.inventory.observation(image);
  std::string html =
      "<section><p><span class=\"badge " + std::string(to_string(image.state)) + "\">" +
      html_escaped(to_string(image.state)) + "</span> " +
      (image.running ? "running" : "not running") + ", " +
      html_escaped(image.environment.empty() ? "no environment" : image.environment) +
      (image.owner.empty() ? "" : ", owner " + html_escaped(image.owner)) +
      "</p><p class=\"digest\">" + image.digest.str() + "<small>";
  if (manifest != nullptr) {
    html += html_escaped(to_string(manifest->platform));
    html += manifest->config.empty() ? "" : ", config " + manifest->config.str();
  }
  html += "</small></p><p>Sources: " + std::string(to_string(observation.status)) +
          (observation.reason.empty() ? "" : ", " + html_escaped(observation.reason)) +
          ". <a href=\"/api/v1/images/" + image.digest.str() + "\">as JSON</a></p></section>\n";
  return html;
}

std::string policies_table(const ImagePageInput& input, const ImageRecord& image) {
  std::vector<std::string> rows;
  for (const PolicyStanding& standing : image.standings) {
    rows.push_back(cell(standing.policy + ", version " + std::to_string(standing.version)) +
                   badge(to_string(standing.standing.state)) +
                   time_cell(standing.standing.deadline_at, input.now) +
                   cell(standing.bound ? "yes" : "no"));
  }
  return table("Policies", {"Policy", "State", "Deadline", "Binds it"}, rows,
               "No policy is configured.");
}

std::string locations_table(const ImagePageInput& input, const ImageRecord& image) {
  std::vector<std::string> rows;
  for (const auto& [key, location] : image.locations) {
    rows.push_back(cell(key.registry) + long_cell(location.host + "/" + key.repository) +
                   cell(joined_tags(location.tags)) + cell(location.environment) +
                   time_cell(location.entry_at, input.now) + cell(to_string(location.entry_basis)) +
                   optional_time_cell(location.removed_at, input.now, "stands there"));
  }
  return table("Places",
               {"Registry", "Repository", "Tags", "Environment", "Entry", "Entry by", "Removed"},
               rows, "It stands in no monitored registry.");
}

std::string counts_text(const SeverityCounts& counts) {
  return std::to_string(counts.critical) + " critical, " + std::to_string(counts.high) + " high, " +
         std::to_string(counts.medium) + " medium, " + std::to_string(counts.low) + " low, " +
         std::to_string(counts.unknown) + " unknown";
}

std::string signature_text(const Evidence& evidence) {
  const std::string state(to_string(evidence.signature));
  return evidence.signature_detail.empty() ? state : state + ": " + evidence.signature_detail;
}

std::string source_cell(const Evidence& evidence) {
  std::string where = evidence.source + ", " + std::string(to_string(evidence.origin));
  where += evidence.repository.empty() ? "" : ", " + evidence.repository;
  std::string html = "<td class=\"long\">" + html_escaped(where);
  if (!evidence.attached_to.empty()) {
    html += "<small>attached to " + evidence.attached_to.short_form() + "</small>";
  }
  for (const Digest& subject : evidence.report.subjects) {
    html += "<small>says it is about " + subject.short_form() + "</small>";
  }
  return html + "</td>";
}

std::string scanner_cell(const Evidence& evidence) {
  const ScanReport& report = evidence.report;
  const auto age = database_age(evidence);
  return "<td>" + html_escaped(report.scanner + " " + report.scanner_version) + "<small>" +
         html_escaped(report.format) + "</small><small>database " +
         (age ? describe_duration(*age) + " old" : std::string("of unknown age")) + "</small></td>";
}

std::string evidence_row(const ImagePageInput& input, const ImageRecord& image,
                         const EvidenceRecord& record) {
  const Evidence& evidence = record.evidence;
  const std::string digest = evidence.digest.str();
  const bool counts = is_accepted(record);
  std::string row = badge(counts ? "accepted" : "rejected");
  row += "<td>" + html_escaped(why_it_counts(input.inventory, image, record)) + "</td>";
  row += optional_time_cell(evidence.report.finished_at, input.now, "unknown");
  row += scanner_cell(evidence) + source_cell(evidence);
  const Trust trust = present_trust(evidence, input.inventory.scope().keys);
  row += "<td>" + html_escaped(to_string(trust)) + "<small>signature " +
         html_escaped(signature_text(evidence)) + "</small></td>";
  row += cell(counts_text(evidence.report.counts)) + time_cell(evidence.collected_at, input.now);
  row += "<td>" + evidence.digest.short_form() + "<small><a href=\"/api/v1/evidence/" + digest +
         "/findings\">findings</a> <a href=\"/api/v1/evidence/" + digest +
         "/raw\">bytes</a></small></td>";
  return row;
}

std::string evidence_table(const ImagePageInput& input, const ImageRecord& image) {
  std::vector<std::string> rows;
  for (const EvidenceRecord* record : input.inventory.evidence_of(image.digest)) {
    rows.push_back(evidence_row(input, image, *record));
  }
  return table("Evidence",
               {"Verdict", "Why", "Scan finished", "Scanner", "Who says so", "Trust", "Found",
                "Collected", "Digest"},
               rows, "No evidence names this image.");
}

std::string running_table(const ImagePageInput& input, const ImageRecord& image) {
  std::vector<std::string> rows;
  for (const ContainerRecord* container : input.inventory.containers_of(image.digest)) {
    rows.push_back(cell(container->name) + cell(container->source()) +
                   cell(container->namespace_name()) + cell(container->workload()) +
                   image_cell(*container) + badge(to_string(container->verdict())) +
                   cell(container->reason()) + time_cell(container->first_seen_at, input.now));
  }
  return table(
      "Containers",
      {"Container", "Source", "Namespace", "Workload", "Image", "Verdict", "Reason", "First seen"},
      rows, "Nothing runs it.");
}

std::string image_alerts_table(const ImagePageInput& input, const ImageRecord& image) {
  std::vector<std::string> rows;
  for (const Alert& alert : input.alerts) {
    if (alert.key.subject != image.digest.str()) {
      continue;
    }
    const auto text = alert.annotations.find("summary");
    rows.push_back(badge(alert.firing ? to_string(alert.severity) : std::string_view("resolved")) +
                   cell(alert.key.rule) +
                   cell(text == alert.annotations.end() ? "" : text->second) +
                   time_cell(alert.started_at, input.now));
  }
  return table("Alerts", {"State", "Rule", "What", "Since"}, rows, "No alert is about it.");
}

}  // namespace

std::string render_image_page(const ImagePageInput& input, const ImageRecord& image) {
  return page_head(asset_id(image), input.now) + image_summary(input, image) +
         policies_table(input, image) + evidence_table(input, image) + running_table(input, image) +
         locations_table(input, image) + image_alerts_table(input, image) + page_foot();
}

std::string render_unknown_image_page(TimePoint now) {
  return page_head("No such image", now) +
         "<p>No unique image has this digest. It may be that of an index, a configuration or "
         "evidence: <a href=\"/\">the status page</a> lists all images.</p>" +
         page_foot();
}

}  // namespace scanclock
