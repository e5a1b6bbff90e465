#pragma once

#include "core/domain/platform.hpp"
#include "core/domain/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock {

inline constexpr std::size_t image_config_bytes_max = std::size_t{8} << 20;

/// What the join needs of an image config (image-spec config.md).
struct ImageConfig {
  ImageConfig() = default;
  Platform platform;
  /// rootfs.diff_ids is not empty, so that equal configs mean equal content.
  bool has_layers = false;
};

/// The failure says what is wrong with the text.
Result<ImageConfig, std::string> parse_image_config(std::string_view bytes);

}  // namespace scanclock
