#include "daemon/source_members.hpp"

namespace scanclock {

void SourceMembers::add(const ImageRecord& image) {
  // Places are ordered by their registry.
  const std::string* counted = nullptr;
  for (const auto& [key, location] : image.locations) {
    if (location.removed_at || (counted != nullptr && *counted == key.registry)) {
      continue;
    }
    counted = &key.registry;
    ++images_[key.registry];
  }
}

std::uint64_t SourceMembers::of(const SourceStatus& source) const {
  if (source.kind != SourceKind::registry) {
    return source.seen;
  }
  const auto found = images_.find(source.name);
  return found == images_.end() ? 0 : found->second;
}

}  // namespace scanclock
