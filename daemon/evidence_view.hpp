#pragma once

#include "core/domain/inventory.hpp"

#include <optional>
#include <string>

namespace scanclock {

/// What people and programs are told about a piece of evidence besides its own fields; pure.

/// True when at least one policy accepts it.
bool is_accepted(const EvidenceRecord& record);

/// Age of the vulnerability database when the scan finished; nothing where either time is unknown.
/// Negative ones, of a database built after the scan, count as zero.
std::optional<Duration> database_age(const Evidence& evidence);

/// `covered`, `platform_unproven` or `other_image`: what the evidence says about this image.
std::string covers_image(const Inventory& inventory, const ImageRecord& image,
                         const EvidenceRecord& record);

/// One sentence: why it moves the image's clock, or does not.
std::string why_it_counts(const Inventory& inventory, const ImageRecord& image,
                          const EvidenceRecord& record);

}  // namespace scanclock
