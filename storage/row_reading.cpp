#include "storage/row_reading.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace scanclock {
namespace {

std::optional<Platform> read_named_platform(const PgRow& row) {
  if (row.is_null("platform")) {
    return std::nullopt;
  }
  const auto parts = row.text_array("platform");
  Platform platform;
  platform.os = parts.at(0);
  platform.architecture = parts.at(1);
  platform.variant = parts.at(2);
  platform.os_version = parts.at(3);
  return platform;
}

std::uint32_t read_count(const PgRow& row, std::string_view column) {
  return static_cast<std::uint32_t>(row.int64(column));
}

ScanReport read_report(const PgRow& row) {
  ScanReport report;
  report.format = row.text("format");
  report.scanner = row.text("scanner");
  report.scanner_version = row.text("scanner_version");
  report.finished_at = row.optional_time("finished_at");
  report.finished_at_field = row.text("finished_at_field");
  report.database_built_at = row.optional_time("database_built_at");
  report.subjects = read_digests(row, "subjects");
  report.subject_config = read_digest(row, "subject_config");
  report.inner_subjects = read_digests(row, "inner_subjects");
  report.platform = read_named_platform(row);
  report.names = row.text_array("names");
  report.counts.critical = read_count(row, "critical");
  report.counts.high = read_count(row, "high");
  report.counts.medium = read_count(row, "medium");
  report.counts.low = read_count(row, "low");
  report.counts.unknown = read_count(row, "unknown");
  if (const auto defect = row.optional_text("defect")) {
    report.defect = parse_rejection(*defect);
    if (!report.defect) {
      throw std::logic_error("unknown defect of stored evidence: " + *defect);
    }
  }
  report.defect_detail = row.text("defect_detail");
  return report;
}

}  // namespace

Digest read_digest(const PgRow& row, std::string_view column) {
  const auto text = row.text_view(column);
  return text.empty() ? Digest() : Digest::from_trusted(text);
}

std::vector<Digest> read_digests(const PgRow& row, std::string_view column) {
  std::vector<Digest> digests;
  for (const auto& text : row.text_array(column)) {
    digests.push_back(Digest::from_trusted(text));
  }
  return digests;
}

Platform read_platform(const PgRow& row) {
  Platform platform;
  platform.os = row.text("os");
  platform.architecture = row.text("architecture");
  platform.variant = row.text("variant");
  platform.os_version = row.text("os_version");
  return platform;
}

std::map<std::string, std::string> read_texts(const PgRow& row, std::string_view column) {
  return nlohmann::json::parse(row.text_view(column)).get<std::map<std::string, std::string>>();
}

std::map<std::string, std::int64_t> read_numbers(const PgRow& row, std::string_view column) {
  return nlohmann::json::parse(row.text_view(column)).get<std::map<std::string, std::int64_t>>();
}

Evidence read_evidence(const PgRow& row) {
  Evidence evidence;
  evidence.digest = read_digest(row, "digest");
  evidence.source = row.text("source");
  evidence.origin =
      read_enum(row, "origin",
                {EvidenceOrigin::referrer, EvidenceOrigin::fallback_tag,
                 EvidenceOrigin::attestation_tag, EvidenceOrigin::pushed,
                 EvidenceOrigin::platform_api, EvidenceOrigin::spool, EvidenceOrigin::cluster});
  evidence.trust =
      read_enum(row, "trust", {Trust::signed_, Trust::platform, Trust::pushed, Trust::unsigned_});
  evidence.attached_to = read_digest(row, "attached_to");
  evidence.repository = row.text("repository");
  evidence.collected_at = row.time("collected_at");
  evidence.size_bytes = static_cast<std::uint64_t>(row.int64("size_bytes"));
  if (!row.is_null("signature_state")) {
    evidence.signature = read_enum(row, "signature_state",
                                   {SignatureState::none, SignatureState::no_key,
                                    SignatureState::verified, SignatureState::failed});
    evidence.signature_detail = row.text("signature_detail");
  }
  evidence.report = read_report(row);
  return evidence;
}

}  // namespace scanclock
