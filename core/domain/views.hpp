#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/history.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/ports.hpp"
#include "core/domain/records.hpp"
#include "core/domain/source_book.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace scanclock {

/// The JSON forms of the API (contract.md, "HTTP"), which the messages to receivers share. What is
/// not known is null; every key is always there. Times are RFC 3339 UTC.

/// An entry of `GET /api/v1/images`.
nlohmann::json image_json(const Inventory& inventory, const ImageRecord& image);

/// An entry of `GET /api/v1/containers`.
nlohmann::json container_json(const Inventory& inventory, const ContainerRecord& container);

/// The same with what is known of its source: where that does not answer, nobody sees whether the
/// container runs still, and the observation says so. The verdict stays the last one.
nlohmann::json container_json(const Inventory& inventory, const SourceBook& sources,
                              const ContainerRecord& container);

/// An entry of `GET /api/v1/containers?at=TIME`: the same keys, null for what the record does not
/// tell of the past.
nlohmann::json past_container_json(const PastContainer& container);

/// An entry of `GET /api/v1/alerts`.
nlohmann::json alert_json(const Alert& alert, const std::vector<DeliveryRecord>& notified);

/// `last_scan` of an image: the newest accepted covering scan; null for none.
nlohmann::json last_scan_json(const Inventory& inventory, const ImageRecord& image);

nlohmann::json observation_json(const Observation& observation);

/// The unique asset identifier of an image's class, `host/repository:tag`. Of the places where the
/// image stands it is the first production one in the order of registry name and repository, the
/// first of all where none is production, and a removed one only where no other is left; of its
/// tags the one that sorts last. Without a tag the short digest stands for it
/// (`host/repository@sha256:0123456789ab`), without a place it is the short digest alone.
std::string asset_id(const ImageRecord& image);

}  // namespace scanclock
