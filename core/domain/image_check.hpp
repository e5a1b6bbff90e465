#pragma once

#include "core/domain/image_reference.hpp"
#include "core/domain/inventory.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scanclock {

struct CheckedPlatform {
  Platform platform;
  Digest digest;
  Verdict verdict = Verdict::unresolved;
  std::optional<TimePoint> deadline_at;
};

/// The answer to "may this image run?".
struct ImageCheck {
  bool allowed = false;
  Verdict verdict = Verdict::unresolved;
  /// For people: why it may not run.
  std::vector<std::string> reasons;
  Digest digest;
  bool resolved_from_tag = false;
  /// The registry that knows the image, by its name in the settings.
  std::string registry;
  std::string pinned_ref;
  std::vector<CheckedPlatform> platforms;
  std::optional<TimePoint> deadline_at;
  std::vector<std::string> policies;
  Observation::Status observation = Observation::Status::not_asked_yet;
};

/// Judges a reference by what is known: the worst of its platforms, or the one asked for. What is
/// not known is not allowed. The result holds for the digest that it names; a tag may move.
ImageCheck check_image(const Inventory& inventory, const ImageReference& reference,
                       const std::optional<Platform>& platform, Duration min_remaining,
                       TimePoint now);

}  // namespace scanclock
