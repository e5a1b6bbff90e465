#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/inventory.hpp"

#include <string>
#include <vector>

namespace scanclock {

struct ImagePageInput {
  const Inventory& inventory;
  const std::vector<Alert>& alerts;
  TimePoint now;
};

/// The page at `/images/{digest}`: where the image stands, its state under each policy, every piece
/// of evidence with who says it and why it counts or not, and the containers that run it. As the
/// status page: no scripts, and everything that came from outside is escaped.
std::string render_image_page(const ImagePageInput& input, const ImageRecord& image);

/// For a digest that is no unique image's.
std::string render_unknown_image_page(TimePoint now);

}  // namespace scanclock
