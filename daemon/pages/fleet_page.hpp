#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/source_book.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

struct StatusInput {
  const Inventory& inventory;
  const SourceBook& sources;
  const std::vector<Alert>& alerts;
  std::string storage_failure;
  TimePoint now;
};

/// The page at `/`: what runs, what is due, what fires. Plain HTML without scripts; everything that
/// came from outside is escaped.
std::string render_status_page(const StatusInput& input);

/// Served at `/style.css`, so that the Content-Security-Policy needs no inline styles.
std::string_view status_page_style();

}  // namespace scanclock
