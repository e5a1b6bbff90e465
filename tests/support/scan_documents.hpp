#pragma once

#include "core/domain/digest.hpp"
#include "core/domain/time.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace scanclock {

/// Trivy's JSON report (schema version 2) of an Alpine image, one high and one low finding unless
/// `clean`.
nlohmann::json trivy_report(const std::string& repository, const Digest& digest,
                            TimePoint finished_at, bool clean = false);

/// Grype's SARIF with the invocation time that SARIF allows (SARIF 2.1.0, section 3.20).
nlohmann::json sarif_report(TimePoint finished_at, bool successful = true);

/// A DSSE envelope around cosign's vulnerability predicate (COSIGN_VULN_ATTESTATION_SPEC.md).
/// `finished_at` is text, so that a test can write what no clock shows.
std::string vulnerability_attestation(const Digest& subject, const std::string& finished_at,
                                      const nlohmann::json& report);

/// Attaches as an OCI client would; `registry` is `http://127.0.0.1:port`.
class EvidencePusher {
 public:
  EvidencePusher(std::string registry, std::string repository)
      : registry_(std::move(registry)), repository_(std::move(repository)) {}

  /// cosign's `.att` tag with one layer an attestation, replacing what stood there.
  void attach_attestations(const Digest& subject, const std::vector<std::string>& envelopes) const;
  /// By the fallback tag (distribution-spec, "Referrers Tag Schema"), replacing what stood there.
  void attach_referrer(const nlohmann::json& subject, const std::string& bytes,
                       const std::string& artifact_type) const;

 private:
  nlohmann::json push(const std::string& bytes, const std::string& media_type) const;

  std::string registry_;
  std::string repository_;
};

inline constexpr const char* sarif_type = "application/sarif+json";

}  // namespace scanclock
