#pragma once

#include "core/domain/evidence.hpp"
#include "core/evidence/envelope.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>

namespace scanclock::evidence {

bool looks_like_dsse(const nlohmann::json& document);

/// Takes an envelope out of a document whose payload the parser decoded (`<base64>` in
/// keep_tree.hpp). Nothing, with a defect noted, when it holds no in-toto statement.
std::optional<Envelope> open_dsse(ScanReport& report, nlohmann::json& document);

/// Reads the statement in the payload, and notes its predicate type in the envelope.
ScanReport read_payload(Envelope& envelope);

}  // namespace scanclock::evidence
