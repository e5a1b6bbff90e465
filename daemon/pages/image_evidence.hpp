#pragma once

#include "core/domain/inventory.hpp"
#include "daemon/pages/html.hpp"

namespace scanclock {

/// Every piece of evidence about an image, newest first: what it says, who says so, how far that is
/// trusted, and why it counts or not.
Html image_evidence(const Inventory& inventory, const ImageRecord& image, TimePoint now);

}  // namespace scanclock
