#include "daemon/spool_folder.hpp"

#include <utility>

namespace scanclock {

std::vector<SpoolEntry> SpoolSettling::whole(const std::vector<SpoolEntry>& entries,
                                             Duration elapsed, TimePoint now) {
  std::vector<SpoolEntry> settled;
  std::map<std::string, Seen> present;
  for (const SpoolEntry& entry : entries) {
    Seen seen;
    seen.identity = entry.identity;
    seen.since = elapsed;
    const auto before = seen_.find(entry.name);
    if (before != seen_.end() && before->second.identity == entry.identity) {
      seen.since = before->second.since;
    }
    const TimePoint modified_at{
        std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(entry.identity.modified_ns))};
    if (closed_.contains(entry.name) || elapsed - seen.since >= unchanged_for_ ||
        now - modified_at >= spool_quiet_min) {
      settled.push_back(entry);
    }
    present.emplace(entry.name, seen);
  }
  seen_ = std::move(present);
  // The event was about the content that was just looked at, or about one before it.
  closed_.clear();
  return settled;
}

}  // namespace scanclock
