#include "daemon/pages/image_evidence.hpp"

#include "daemon/evidence_view.hpp"
#include "daemon/pages/image_page.hpp"
#include "daemon/pages/page_parts.hpp"

#include <algorithm>

namespace scanclock {
namespace {

std::string counts_text(const SeverityCounts& counts) {
  return std::to_string(counts.critical) + " critical, " + std::to_string(counts.high) + " high, " +
         std::to_string(counts.medium) + " medium, " + std::to_string(counts.low) + " low, " +
         std::to_string(counts.unknown) + " unknown";
}

std::string signature_text(const Evidence& evidence) {
  const std::string state = spoken_word(to_string(evidence.signature));
  return evidence.signature_detail.empty() ? state : state + ": " + evidence.signature_detail;
}

Html origin_cell(const Evidence& evidence) {
  std::string where = evidence.source + ", " + spoken_word(to_string(evidence.origin));
  where += evidence.repository.empty() ? "" : ", " + evidence.repository;
  Html html("<span class=\"long\">");
  html.text(where).add("</span>");
  if (!evidence.attached_to.empty()) {
    html.add(" <small>attached to ").text(evidence.attached_to.short_form()).add("</small>");
  }
  for (const Digest& subject : evidence.report.subjects) {
    html.add(" <small>says it is about ").text(subject.short_form()).add("</small>");
  }
  return html;
}

Html scanner_cell(const Evidence& evidence) {
  const ScanReport& report = evidence.report;
  const auto age = database_age(evidence);
  Html html = plain(report.scanner + " " + report.scanner_version);
  html.add(" <small>").text(report.format).add("</small> <small>database ");
  return html.text(age ? describe_duration(*age) + " old" : "of unknown age").add("</small>");
}

Html decision_cell(const EvidenceRecord& record) {
  const std::string path = "/api/v1/evidence/" + record.evidence.digest.str();
  const std::string name = record.evidence.digest.short_form();
  Html html = badge(is_accepted(record) ? "accepted" : "rejected");
  html.add(" <small>").text(name).add("</small> <small>");
  html.add(link_to(path + "/findings", "findings")).add(" <span class=\"quiet\">of ");
  html.text(name).add("</span> ").add(link_to(path + "/raw", "bytes"));
  return html.add("<span class=\"quiet\"> of ").text(name).add("</span></small>");
}

Html finished_cell(const Evidence& evidence, TimePoint now) {
  Html html = moment(evidence.report.finished_at, now, "unknown");
  return html.add(" <small>collected ").add(moment(evidence.collected_at, now)).add("</small>");
}

void add_evidence_row(Table& table, const Inventory& inventory, const ImageRecord& image,
                      const EvidenceRecord& record, TimePoint now) {
  const Evidence& evidence = record.evidence;
  table.row().cell(decision_cell(record)).cell(why_it_counts(inventory, image, record));
  table.cell(finished_cell(evidence, now)).cell(scanner_cell(evidence));
  table.cell(origin_cell(evidence));
  Html trust = plain(to_string(present_trust(evidence, inventory.scope().keys)));
  trust.add(" <small>signature ").text(signature_text(evidence)).add("</small>");
  table.cell(trust).cell(counts_text(evidence.report.counts));
}

}  // namespace

Html image_evidence(const Inventory& inventory, const ImageRecord& image, TimePoint now) {
  const std::vector<const EvidenceRecord*> records = inventory.evidence_of(image.digest);
  const std::size_t shown = std::min(records.size(), page_evidence_max);
  Table table("evidence",
              shown < records.size() ? "Evidence, the newest " + std::to_string(shown) + " of " +
                                           grouped_number(records.size())
                                     : "Evidence, the newest first",
              {"Decision", "Why", "Scan finished", "Scanner", "Who says so", "Trust", "Found"});
  for (std::size_t index = 0; index < shown; ++index) {
    add_evidence_row(table, inventory, image, *records[index], now);
  }
  return table.html("No evidence names this image.");
}

}  // namespace scanclock
