#pragma once

#include "core/domain/inventory.hpp"
#include "core/domain/source_book.hpp"
#include "daemon/inventory_walks.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace scanclock {

/// What each source shows, as Inventory::members_of() tells it, counted in one walk for all
/// registries, in which a caller may pause.
class SourceMembers {
 public:
  void add(const ImageRecord& image);
  std::uint64_t of(const SourceStatus& source) const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> images_;
};

}  // namespace scanclock
