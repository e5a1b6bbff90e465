#pragma once

#include "core/domain/digest.hpp"
#include "core/domain/platform.hpp"
#include "core/domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// How far a scan time can be trusted, best first (design.md 1, "trust class").
enum class Trust { signed_, platform, pushed, unsigned_ };

std::string_view to_string(Trust trust);
std::optional<Trust> parse_trust(std::string_view text);

/// Why evidence moves no clock. The text forms are the `reason` values of the API.
enum class Rejection {
  malformed,
  unknown_format,
  not_a_vulnerability_scan,
  scan_failed,
  unsupported_os,
  no_packages,
  no_time,
  future_dated,
  no_subject,
  wrong_subject,
  untrusted,
  database_too_old,
  too_large,
  /// A bound key exists for the place and the kind of statement, and no signature verifies with it.
  bad_signature,
};

std::string_view to_string(Rejection rejection);
std::optional<Rejection> parse_rejection(std::string_view text);

/// Findings by severity. `unknown` also holds negligible and unclassified ones.
struct SeverityCounts {
  std::uint32_t critical = 0;
  std::uint32_t high = 0;
  std::uint32_t medium = 0;
  std::uint32_t low = 0;
  std::uint32_t unknown = 0;

  bool operator==(const SeverityCounts&) const = default;
};

/// Gravest last, so that they compare.
enum class FindingSeverity : std::uint8_t { unknown, low, medium, high, critical };

std::string_view to_string(FindingSeverity severity);

/// One vulnerability that a report names, once however many packages it is found in, with the
/// gravest of its severities.
struct Finding {
  /// The CVE id where the report knows one, else the scanner's own (GHSA-…, RHSA-…, DLA-…).
  std::string id;
  FindingSeverity severity = FindingSeverity::unknown;
  /// The other ids that the report gives for the same vulnerability.
  std::vector<std::string> aliases;

  bool operator==(const Finding&) const = default;
};

/// What a format reader makes of a report's bytes: only what the bytes say, judged by nobody yet.
struct ScanReport {
  /// The reader's name: `trivy-json`, `grype-json`, `sarif`, `cosign-vuln`, `in-toto-vulns`.
  std::string format;
  std::string scanner;
  std::string scanner_version;

  /// The earliest of the times that the report gives for the end of the scan, never a time of
  /// attachment (design.md, rule 2), and the path of the field that it was read from.
  std::optional<TimePoint> finished_at;
  std::string finished_at_field;

  /// When the vulnerability database was built; nothing where the format does not say.
  std::optional<TimePoint> database_built_at;

  /// Manifest or index digests the report names as its subject, of whatever kind.
  std::vector<Digest> subjects;
  /// The image ID, which is the config digest, where the report names it.
  Digest subject_config;
  /// Digests that a report inside the attestation names; the decision compares them with
  /// `subjects`. Empty where nothing is embedded or the embedded report names none.
  std::vector<Digest> inner_subjects;
  /// The platform the report names, where it does.
  std::optional<Platform> platform;
  /// References as the report prints them, for people.
  std::vector<std::string> names;

  SeverityCounts counts;
  /// Sorted by id. Only on its way to the database: the engine keeps the counts and drops these.
  std::vector<Finding> findings;

  /// What the report itself says against being a successful vulnerability scan, in words for the
  /// reader in `defect_detail`.
  std::optional<Rejection> defect;
  std::string defect_detail;
};

/// Where evidence came from.
enum class EvidenceOrigin {
  referrer,
  fallback_tag,
  attestation_tag,
  pushed,
  /// The registry product's own record of a scan, read from its API (Harbor, Quay, ECR).
  platform_api,
  /// A file in a watched folder.
  spool,
  /// An object that a scanner keeps in the cluster that it scans (Trivy Operator).
  cluster,
};

std::string_view to_string(EvidenceOrigin origin);
std::optional<EvidenceOrigin> parse_evidence_origin(std::string_view text);

/// What checking the signatures of a DSSE envelope or Sigstore bundle came to.
enum class SignatureState {
  /// The evidence carries no signature.
  none,
  /// No key of the settings is bound to the repository and the statement's predicate type.
  no_key,
  verified,
  /// A key is bound, and no signature verifies with it at the time of collection.
  failed,
};

std::string_view to_string(SignatureState state);
std::optional<SignatureState> parse_signature_state(std::string_view text);

/// One thing that says "this subject was scanned", as collected.
struct Evidence {
  /// sha256 of the evidence bytes: the identity, whatever the number of places it was found at.
  Digest digest;
  /// The registry's name in the settings, or the name of the token that pushed it.
  std::string source;
  EvidenceOrigin origin = EvidenceOrigin::pushed;
  Trust trust = Trust::unsigned_;
  /// The manifest that the evidence is attached to; empty for pushed reports without `image=`.
  Digest attached_to;
  std::string repository;
  TimePoint collected_at;
  std::uint64_t size_bytes = 0;
  SignatureState signature = SignatureState::none;
  /// Name of the key that verified it; for a failed one, what was tried and why it failed.
  std::string signature_detail;
  ScanReport report;
};

}  // namespace scanclock
