#include "daemon/api/evidence_json.hpp"

#include "daemon/api/json_values.hpp"
#include "daemon/evidence_view.hpp"

#include <nlohmann/json.hpp>

#include <chrono>

namespace scanclock {
namespace {

nlohmann::json policy_version(const Scope& scope, const std::string& policy) {
  for (const VersionedPolicy& versioned : scope.policies) {
    if (versioned.policy.name == policy) {
      return versioned.version;
    }
  }
  return nullptr;
}

nlohmann::json decisions_json(const EvidenceRecord& record, const Scope& scope) {
  nlohmann::json items = nlohmann::json::array();
  for (const auto& [policy, decision] : record.decisions) {
    nlohmann::json item;
    item["policy"] = policy;
    item["version"] = policy_version(scope, policy);
    item["accepted"] = decision.accepted;
    item["reason"] =
        decision.reason ? nlohmann::json(to_string(*decision.reason)) : nlohmann::json();
    item["detail"] = text_or_null(decision.detail);
    items.push_back(std::move(item));
  }
  return items;
}

nlohmann::json digests_json(const std::vector<Digest>& digests) {
  nlohmann::json items = nlohmann::json::array();
  for (const Digest& digest : digests) {
    items.push_back(digest.str());
  }
  return items;
}

}  // namespace

nlohmann::json evidence_json(const EvidenceRecord& record, const Scope& scope) {
  const Evidence& evidence = record.evidence;
  const ScanReport& report = evidence.report;
  nlohmann::json item;
  item["evidence_digest"] = evidence.digest.str();
  item["accepted"] = is_accepted(record);
  item["decisions"] = decisions_json(record, scope);
  item["format"] = report.format;
  item["origin"] = to_string(evidence.origin);
  item["source"] = evidence.source;
  item["repository"] = text_or_null(evidence.repository);
  item["trust"] = to_string(present_trust(evidence, scope.keys));
  item["attached_to"] = text_or_null(evidence.attached_to.str());
  item["signature"]["state"] = to_string(evidence.signature);
  item["signature"]["detail"] = text_or_null(evidence.signature_detail);
  item["subjects"] = digests_json(report.subjects);
  item["inner_subjects"] = digests_json(report.inner_subjects);
  item["config_digest"] = text_or_null(report.subject_config.str());
  item["platform"] =
      report.platform ? nlohmann::json(to_string(*report.platform)) : nlohmann::json();
  item["scanner"] = text_or_null(report.scanner);
  item["scanner_version"] = text_or_null(report.scanner_version);
  item["finished_at"] = time_or_null(report.finished_at);
  item["finished_at_field"] = text_or_null(report.finished_at_field);
  item["database_built_at"] = time_or_null(report.database_built_at);
  const auto age = database_age(evidence);
  item["database_age_seconds"] =
      age ? nlohmann::json(std::chrono::duration_cast<std::chrono::seconds>(*age).count())
          : nlohmann::json();
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
