#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/inventory.hpp"

#include <optional>
#include <string>
#include <vector>

/// What an alert is about, as messages tell it.
namespace scanclock::alerts {

/// The image that an alert is about, whatever its rule; nothing for other subjects and for images
/// that are known no more.
const ImageRecord* image_of(const Inventory& inventory, const Alert& alert);

/// The containers that an alert is about, worst first; `image` is its image_of().
std::vector<const ContainerRecord*> containers_of(const Inventory& inventory, const Alert& alert,
                                                  const ImageRecord* image);

/// The newest evidence about an image that a policy did not take.
struct RejectedLatest {
  Rejection reason;
  TimePoint at;
};
std::optional<RejectedLatest> rejected_latest(const Inventory& inventory, const ImageRecord& image,
                                              const std::string& policy);

}  // namespace scanclock::alerts
