#pragma once

#include "core/domain/evidence.hpp"
#include "core/evidence/reader.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace scanclock::testing {

inline constexpr std::string_view image_hex =
    "1111111111111111111111111111111111111111111111111111111111111111";
inline constexpr std::string_view config_hex =
    "2222222222222222222222222222222222222222222222222222222222222222";
inline constexpr std::string_view other_hex =
    "3333333333333333333333333333333333333333333333333333333333333333";

Digest digest_of(std::string_view hex);
TimePoint time_of(std::string_view rfc3339);

// Each is a sound report of one finding or more; tests spoil a copy with merge_patch.
nlohmann::json trivy_report();
nlohmann::json grype_report();
nlohmann::json sarif_report();
nlohmann::json cosign_statement();
nlohmann::json in_toto_statement();

/// A DSSE envelope around any bytes.
std::string envelope_around(std::string_view statement);
std::string envelope_of(const nlohmann::json& statement);

/// `base` with an RFC 7386 merge patch, read.
ScanReport read_patched(nlohmann::json base, std::string_view patch);

/// Names a table's test after the case.
template <class Case>
std::string case_name(const ::testing::TestParamInfo<Case>& tested) {
  return tested.param.name;
}

/// A change to a sound report and the defect that follows.
struct DefectCase {
  const char* name;
  const char* patch;
  const char* defect;
};

/// The text of the defect, or `none`.
std::string defect_of(const ScanReport& report);

}  // namespace scanclock::testing
