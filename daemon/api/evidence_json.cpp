#include "daemon/api/evidence_json.hpp"

#include "daemon/api/json_values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scanclock {
namespace {

nlohmann::json decisions_json(const EvidenceRecord& record) {
  nlohmann::json items = nlohmann::json::array();
  for (const auto& [policy, decision] : record.decisions) {
    nlohmann::json item;
    item["policy"] = policy;
    item["accepted"] = decision.accepted;
    item["reason"] =
        decision.reason ? nlohmann::json(to_string(*decision.reason)) : nlohmann::json();
    item["detail"] = text_or_null(decision.detail);
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace

bool is_accepted(const EvidenceRecord& record) {
  return std::any_of(record.decisions.begin(), record.decisions.end(),
                     [](const auto& entry) { return entry.second.accepted; });
}

nlohmann::json evidence_json(const EvidenceRecord& record) {
  const Evidence& evidence = record.evidence;
  const ScanReport& report = evidence.report;
  nlohmann::json item;
  item["evidence_digest"] = evidence.digest.str();
  item["accepted"] = is_accepted(record);
  item["decisions"] = decisions_json(record);
  item["format"] = report.format;
  item["origin"] = to_string(evidence.origin);
  item["source"] = evidence.source;
  item["repository"] = text_or_null(evidence.repository);
  item["trust"] = to_string(evidence.trust);
  item["attached_to"] = text_or_null(evidence.attached_to.str());
  item["subjects"] = nlohmann::json::array();
  for (const Digest& subject : report.subjects) {
    item["subjects"].push_back(subject.str());
  }
  item["config_digest"] = text_or_null(report.subject_config.str());
  item["platform"] =
      report.platform ? nlohmann::json(to_string(*report.platform)) : nlohmann::json();
  item["scanner"] = text_or_null(report.scanner);
  item["scanner_version"] = text_or_null(report.scanner_version);
  item["finished_at"] = time_or_null(report.finished_at);
  item["finished_at_field"] = text_or_null(report.finished_at_field);
  item["database_built_at"] = time_or_null(report.database_built_at);
  item["collected_at"] = format_rfc3339(evidence.collected_at);
  item["size_bytes"] = evidence.size_bytes;
  item["critical"] = report.counts.critical;
  item["high"] = report.counts.high;
  item["medium"] = report.counts.medium;
  item["low"] = report.counts.low;
  item["unknown"] = report.counts.unknown;
  return item;
}

}  // namespace scanclock
