#pragma once

#include "core/domain/records.hpp"

#include <nlohmann/json_fwd.hpp>

namespace scanclock {

/// A piece of evidence with each policy's decision, as in `GET /api/v1/images/{digest}`.
nlohmann::json evidence_json(const EvidenceRecord& record);

/// True when at least one policy accepts it.
bool is_accepted(const EvidenceRecord& record);

}  // namespace scanclock
