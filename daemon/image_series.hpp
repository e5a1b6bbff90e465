#pragma once

#include "core/domain/inventory.hpp"
#include "daemon/metric_text.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock {

/// Workloads of one image with a series each; more of them are counted as left out.
inline constexpr std::size_t image_workload_series_max = 5000;

/// The families with series of single images (contract.md, "Metrics"), all gauges, in the order in
/// which they stand on the page.
inline constexpr std::size_t image_families = 5;

struct ImageFamily {
  std::string_view name;
  std::string_view help;
};

const std::array<ImageFamily, image_families>& image_family_texts();

/// The series of images, a text a family.
using ImageSeriesTexts = std::array<std::string, image_families>;

/// Appends the series of one running image, which are unique whatever is known of it. Returns how
/// many workloads were left out.
std::size_t append_image_series(ImageSeriesTexts& texts, const Inventory& inventory,
                                const ImageRecord& image);

}  // namespace scanclock
