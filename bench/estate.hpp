#pragma once

#include "core/domain/inventory.hpp"

#include <string>

namespace scanclock {

inline constexpr unsigned estate_images_a_repository = 10;

enum class EstateKind : unsigned { index = 1, manifest, config, report };

/// Of the thing with this number, always the same, and as random as real ones for the sake of
/// hashing and compression.
Digest estate_digest(EstateKind kind, unsigned number);

/// Repositories of ten images each, in the only registry.
RepositoryKey estate_repository(unsigned image);

/// One policy with the default window, one registry and one cluster.
Scope estate_scope();

/// An image without a tag, and that it was looked for scans of it.
void add_estate_image(Inventory& inventory, unsigned image, TimePoint now);

/// A scan of the image, which is known already.
void add_estate_scan(Inventory& inventory, unsigned image, TimePoint finished_at, TimePoint now);

/// The reference that a container prints of it, by its tag.
std::string estate_reference(unsigned image);

/// So many images, numbered from 0: each is tagged by way of an index and was scanned within
/// `scanned_within` before.
void fill_estate_registry(Inventory& inventory, unsigned images, TimePoint now,
                          std::chrono::seconds scanned_within);

/// The same, and each of them runs in one container.
void fill_estate(Inventory& inventory, unsigned images, TimePoint now,
                 std::chrono::seconds scanned_within);

}  // namespace scanclock
