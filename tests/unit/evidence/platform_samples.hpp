#pragma once

#include <nlohmann/json.hpp>

namespace scanclock::testing {

// Each is a sound report of two findings or more about image_hex, that ended at
// 2026-10-01T08:30:00Z where its format has a time; tests spoil a copy with merge_patch.
nlohmann::json aqua_report();
nlohmann::json sysdig_report();
/// The shape that sysdig-cli-scanner writes since 2025.
nlohmann::json sysdig_report_of_maps();
nlohmann::json wiz_report();
nlohmann::json anchore_answer();
nlohmann::json anchore_export();
nlohmann::json neuvector_report();
nlohmann::json inspector_list();
nlohmann::json security_hub_list();
nlohmann::json ecr_answer();
nlohmann::json gcp_occurrence();
nlohmann::json operator_report();
nlohmann::json harbor_addition();

// A registry product's record, as a registry client wraps it.
nlohmann::json harbor_record();
nlohmann::json quay_record();
nlohmann::json ecr_record();

}  // namespace scanclock::testing
