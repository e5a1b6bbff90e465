#pragma once

#include "core/domain/evidence.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/reader.hpp"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string_view>

namespace scanclock::evidence {

/// One format: what it takes from where, and the functions that do so. Every format has a file of
/// its own that defines one constant of this type, which the table in format_table.cpp lists.
struct Format {
  FormatInfo info;

  /// Decides by the outer shape alone whether a whole document is of this format; `read` says what
  /// is wrong inside. Both null for a predicate, which is known by its type.
  bool (*looks_like)(const nlohmann::json& document) = nullptr;
  ScanReport (*read)(const nlohmann::json& document) = nullptr;
  /// Of an envelope, instead of `read`: takes it out of the document, or says in the report why
  /// there is none. What is inside is then read from the envelope, so that its signatures can be
  /// checked.
  std::optional<Envelope> (*open)(ScanReport& report, nlohmann::json& document) = nullptr;

  /// Predicate types of in-toto statements, exactly. `read_predicate` adds to a report whose
  /// subjects are already the statement's, and concludes it.
  std::span<const std::string_view> predicate_types = {};
  void (*read_predicate)(ScanReport& report, const nlohmann::json& predicate) = nullptr;

  /// Every place that these functions look at, in the notation of keep_tree.hpp: the parser drops
  /// all else, so that a document of 64 MiB becomes a small tree. For a predicate's format the
  /// places are those of the whole statement.
  std::span<const std::string_view> keeps = {};

  /// An envelope or statement, which never counts as a scanner's own report inside a predicate.
  bool is_wrapper = false;
};

/// All formats, each before every other whose outer shape includes its own.
std::span<const Format* const> format_table();

/// The format of a scanner's own report by its shape, as it stands bare or inside a predicate; null
/// for any other document.
const Format* find_report_format(const nlohmann::json& document);

/// The format of an in-toto predicate type; null for any other type.
const Format* find_predicate_format(std::string_view predicate_type);

extern const Format trivy_json_format;
extern const Format grype_json_format;
extern const Format sarif_format;
extern const Format clair_scanner_format;
extern const Format clair_v4_format;
extern const Format cyclonedx_format;
extern const Format gitlab_container_format;
extern const Format snyk_container_format;
extern const Format twistlock_format;

extern const Format sigstore_bundle_format;
extern const Format dsse_format;
extern const Format in_toto_format;
extern const Format cosign_vuln_format;
extern const Format in_toto_vulns_format;
extern const Format cosign_custom_format;
extern const Format in_toto_report_format;

extern const Format anchore_format;
extern const Format aqua_format;
extern const Format aws_inspector_format;
extern const Format ecr_findings_format;
extern const Format gcp_discovery_format;
extern const Format harbor_report_format;
extern const Format neuvector_format;
extern const Format sysdig_format;
extern const Format trivy_operator_format;
extern const Format wiz_format;
extern const Format xccdf_format;

extern const Format ecr_record_format;
extern const Format harbor_record_format;
extern const Format quay_record_format;

}  // namespace scanclock::evidence
