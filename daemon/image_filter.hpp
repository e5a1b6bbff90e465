#pragma once

#include "core/domain/inventory.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

/// Which images a list shows; an empty text matches all. The API and the pages share it.
struct ImageFilter {
  ImageFilter() = default;

  std::optional<State> state;
  std::optional<bool> running;
  /// Name in the settings, or host.
  std::string registry;
  /// A pattern.
  std::string repository;
  std::string owner;
  /// Part of a digest, or of a reference.
  std::string text;
  /// The images that `text` stands for where it is a digest, an index's or config's among them.
  std::vector<Digest> named;
  /// The day, in UTC, on which the deadline lies.
  std::optional<std::chrono::sys_days> due_on;

  bool passes(const ImageRecord& image) const;
};

/// A parameter that cannot be understood, and what it may be.
struct FilterRefusal {
  std::string parameter;
  std::string expected;
};

/// Reads `state`, `running`, `registry`, `repository`, `owner`, `q` and `due_on` into `filter`.
std::optional<FilterRefusal> read_image_filter(const std::map<std::string, std::string>& query,
                                               const Inventory& inventory, ImageFilter& filter);

}  // namespace scanclock
