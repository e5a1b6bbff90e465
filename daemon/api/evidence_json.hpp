#pragma once

#include "core/domain/records.hpp"
#include "core/domain/scope.hpp"

#include <nlohmann/json_fwd.hpp>

namespace scanclock {

/// A piece of evidence with each policy's decision, as in `GET /api/v1/images/{digest}`. `scope`
/// gives the versions of the policies.
nlohmann::json evidence_json(const EvidenceRecord& record, const Scope& scope);

}  // namespace scanclock
