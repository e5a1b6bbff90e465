#pragma once

#include "core/domain/evidence.hpp"

#include <nlohmann/json_fwd.hpp>

namespace scanclock::evidence {

/// `predicate.scanner.uri` and `version`, which the predicates of cosign and in-toto share.
void read_predicate_scanner(ScanReport& report, const nlohmann::json& scanner);

/// `predicate.metadata.scanFinishedOn`, which the predicates of cosign and in-toto share.
void read_predicate_finish(ScanReport& report, const nlohmann::json& predicate);

}  // namespace scanclock::evidence
