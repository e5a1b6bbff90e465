#pragma once

#include "core/domain/evidence.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string_view>

namespace scanclock::evidence {

// One reader a format; formats() says what each takes from where. A `looks_like` function decides
// by the outer shape alone; the reader that belongs to it says what is wrong inside.

bool looks_like_trivy(const nlohmann::json& document);
ScanReport read_trivy(const nlohmann::json& document);

bool looks_like_grype(const nlohmann::json& document);
ScanReport read_grype(const nlohmann::json& document);

bool looks_like_sarif(const nlohmann::json& document);
ScanReport read_sarif(const nlohmann::json& document);

bool looks_like_dsse(const nlohmann::json& document);
ScanReport read_dsse(const nlohmann::json& document);

bool looks_like_sigstore_bundle(const nlohmann::json& document);
ScanReport read_sigstore_bundle(const nlohmann::json& document);

bool looks_like_statement(const nlohmann::json& document);
ScanReport read_statement(const nlohmann::json& document);

/// A scanner's own report by its shape, as it stands bare or inside a cosign predicate; nothing
/// for any other document.
std::optional<ScanReport> read_scanner_report(const nlohmann::json& document);

inline constexpr std::string_view cosign_vuln_type =
    "https://cosign.sigstore.dev/attestation/vuln/v1";
inline constexpr std::string_view in_toto_vulns_types[] = {
    "https://in-toto.io/attestation/vulns/v0.1", "https://in-toto.io/attestation/vulns/v0.2"};

// The predicates add to a report whose subjects are already the statement's, and conclude it.
void read_cosign_vuln(ScanReport& report, const nlohmann::json& predicate);
void read_in_toto_vulns(ScanReport& report, const nlohmann::json& predicate);

/// `predicate.scanner.uri` and `version`, which both predicates share.
void read_predicate_scanner(ScanReport& report, const nlohmann::json& scanner);

/// `predicate.metadata.scanFinishedOn`, which both predicates share.
void read_predicate_finish(ScanReport& report, const nlohmann::json& predicate);

}  // namespace scanclock::evidence
