#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/source_book.hpp"
#include "daemon/pages/page_frame.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace scanclock {

/// Containers that the page of an image or alert lists; `/containers` has the rest.
inline constexpr std::size_t page_containers_max = 50;
/// Pieces of evidence that it lists, newest first; the API has the rest.
inline constexpr std::size_t page_evidence_max = 100;

struct ImagePageInput {
  const Inventory& inventory;
  const SourceBook& sources;
  /// About the image, of any age.
  const std::vector<Alert>& alerts;
  /// Alerts that ended long ago could not be read.
  bool history_is_cut = false;
};

/// The page at `/images/{digest}`: the image's clocks and states, its timeline, every piece of
/// evidence with who says it and why it counts or not, where it stands and what runs it.
std::string render_image_page(PageFrame frame, const ImagePageInput& input,
                              const ImageRecord& image);

/// For a digest that is no unique image's: names those that it stands for, if any.
std::string render_unknown_image_page(PageFrame frame, const Inventory& inventory,
                                      std::string_view argument);

}  // namespace scanclock
