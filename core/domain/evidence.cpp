#include "core/domain/evidence.hpp"

#include "core/domain/names.hpp"

namespace scanclock {
namespace {

constexpr EnumNames<Trust, 4> trust_names{{{Trust::signed_, "signed"},
                                           {Trust::platform, "platform"},
                                           {Trust::pushed, "pushed"},
                                           {Trust::unsigned_, "unsigned"}}};

constexpr EnumNames<Rejection, 14> rejection_names{
    {{Rejection::malformed, "malformed"},
     {Rejection::unknown_format, "unknown_format"},
     {Rejection::not_a_vulnerability_scan, "not_a_vulnerability_scan"},
     {Rejection::scan_failed, "scan_failed"},
     {Rejection::unsupported_os, "unsupported_os"},
     {Rejection::no_packages, "no_packages"},
     {Rejection::no_time, "no_time"},
     {Rejection::future_dated, "future_dated"},
     {Rejection::no_subject, "no_subject"},
     {Rejection::wrong_subject, "wrong_subject"},
     {Rejection::untrusted, "untrusted"},
     {Rejection::database_too_old, "database_too_old"},
     {Rejection::too_large, "too_large"},
     {Rejection::bad_signature, "bad_signature"}}};

constexpr EnumNames<EvidenceOrigin, 7> origin_names{
    {{EvidenceOrigin::referrer, "referrer"},
     {EvidenceOrigin::fallback_tag, "fallback_tag"},
     {EvidenceOrigin::attestation_tag, "attestation_tag"},
     {EvidenceOrigin::pushed, "pushed"},
     {EvidenceOrigin::platform_api, "platform_api"},
     {EvidenceOrigin::spool, "spool"},
     {EvidenceOrigin::cluster, "cluster"}}};

constexpr EnumNames<SignatureState, 4> signature_names{{{SignatureState::none, "none"},
                                                        {SignatureState::no_key, "no_key"},
                                                        {SignatureState::verified, "verified"},
                                                        {SignatureState::failed, "failed"}}};

constexpr EnumNames<FindingSeverity, 5> severity_names{{{FindingSeverity::unknown, "unknown"},
                                                        {FindingSeverity::low, "low"},
                                                        {FindingSeverity::medium, "medium"},
                                                        {FindingSeverity::high, "high"},
                                                        {FindingSeverity::critical, "critical"}}};

}  // namespace

std::string_view to_string(FindingSeverity severity) { return name_of(severity_names, severity); }

std::string_view to_string(Trust trust) { return name_of(trust_names, trust); }
std::optional<Trust> parse_trust(std::string_view text) { return value_of(trust_names, text); }

std::string_view to_string(Rejection rejection) { return name_of(rejection_names, rejection); }
std::optional<Rejection> parse_rejection(std::string_view text) {
  return value_of(rejection_names, text);
}

std::string_view to_string(EvidenceOrigin origin) { return name_of(origin_names, origin); }
std::optional<EvidenceOrigin> parse_evidence_origin(std::string_view text) {
  return value_of(origin_names, text);
}

std::string_view to_string(SignatureState state) { return name_of(signature_names, state); }
std::optional<SignatureState> parse_signature_state(std::string_view text) {
  return value_of(signature_names, text);
}

}  // namespace scanclock
