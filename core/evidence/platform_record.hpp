#pragma once

#include "core/domain/evidence.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace scanclock::evidence {

// A registry product's own record of a scan, as the registry clients hand it over:
// {"scanclockRecord": kind, "registry": …, "repository": …, "digest": "sha256:…", "record": {…}},
// in which `record` is the object of the product's API, unchanged. `digest` is what was asked for.
// Nothing in the document makes it trustworthy; its origin does.

bool is_platform_record(const nlohmann::json& document, std::string_view kind);

/// Starts the report and returns `record`; null and a defect where the wrapper is malformed.
const nlohmann::json* open_platform_record(ScanReport& report, const nlohmann::json& document);

/// Takes the digest that was asked for as the subject, unless the record itself names another:
/// then the answer belongs to another image, and `wrong_subject` is noted.
void take_platform_subject(ScanReport& report, const nlohmann::json& document,
                           const std::string& recorded, std::string_view path);

}  // namespace scanclock::evidence
