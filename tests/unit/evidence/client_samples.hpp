#pragma once

#include <nlohmann/json.hpp>

namespace scanclock::testing {

// Each is a sound report of one finding or more, except for what its format never gives; tests
// spoil a copy with merge_patch.
nlohmann::json cyclonedx_document();
nlohmann::json gitlab_report();
nlohmann::json clair_v4_report();
nlohmann::json snyk_report();
nlohmann::json twistlock_report();

}  // namespace scanclock::testing
