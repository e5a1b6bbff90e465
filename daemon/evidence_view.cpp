#include "daemon/evidence_view.hpp"

#include <algorithm>

namespace scanclock {
namespace {

/// `policy strict: untrusted (trust class …)` for each policy that refuses it.
std::string refusals_of(const EvidenceRecord& record) {
  std::string text;
  for (const auto& [policy, decision] : record.decisions) {
    if (decision.accepted) {
      continue;
    }
    text += (text.empty() ? "policy " : "; policy ") + policy + ": ";
    text += decision.reason ? to_string(*decision.reason) : std::string_view("not judged");
    text += decision.detail.empty() ? "" : " (" + decision.detail + ")";
  }
  return text;
}

std::string acceptance_of(const Inventory& inventory, const ImageRecord& image,
                          const EvidenceRecord& record) {
  if (image.last_scan == key_of(record.evidence)) {
    return "counts: the newest accepted scan of the image";
  }
  switch (coverage(record.evidence, inventory.graph(), image.digest)) {
    case Coverage::covered:
      return "accepted; a newer scan counts";
    case Coverage::platform_unproven:
      return "accepted, but it does not prove which platform of the index was scanned";
    case Coverage::none:
      break;
  }
  return "accepted, for another image";
}

}  // namespace

bool is_accepted(const EvidenceRecord& record) {
  return std::any_of(record.decisions.begin(), record.decisions.end(),
                     [](const auto& entry) { return entry.second.accepted; });
}

std::optional<Duration> database_age(const Evidence& evidence) {
  const ScanReport& report = evidence.report;
  if (!report.finished_at || !is_set(*report.finished_at) || !report.database_built_at ||
      !is_set(*report.database_built_at)) {
    return std::nullopt;
  }
  return std::max(Duration(*report.finished_at - *report.database_built_at), Duration::zero());
}

std::string covers_image(const Inventory& inventory, const ImageRecord& image,
                         const EvidenceRecord& record) {
  switch (coverage(record.evidence, inventory.graph(), image.digest)) {
    case Coverage::covered:
      return "covered";
    case Coverage::platform_unproven:
      return "platform_unproven";
    case Coverage::none:
      break;
  }
  return "other_image";
}

std::string why_it_counts(const Inventory& inventory, const ImageRecord& image,
                          const EvidenceRecord& record) {
  const std::string refusals = refusals_of(record);
  if (!is_accepted(record)) {
    return refusals.empty() ? "no policy judges it" : "rejected by " + refusals;
  }
  const std::string acceptance = acceptance_of(inventory, image, record);
  return refusals.empty() ? acceptance : acceptance + "; rejected by " + refusals;
}

}  // namespace scanclock
