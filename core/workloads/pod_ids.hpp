#pragma once

#include "core/domain/container_id.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace scanclock {

/// The container IDs of many pods, those of each in a run: some 34 bytes an ID, without an
/// allocation a pod. Runs that were released are used again by others of the same length.
class PodIds {
 public:
  struct Run {
    std::uint32_t first = 0;
    std::uint32_t size = 0;
  };

  Run add(const std::vector<std::string>& ids);
  void release(Run run);
  const ContainerId& at(Run run, std::size_t index) const { return ids_[run.first + index]; }
  bool contains(Run run, const ContainerId& id) const;
  bool equals(Run run, const std::vector<std::string>& ids) const;
  /// Behind what `ids` has.
  template <class Id>
  void append_to(std::vector<Id>& ids, Run run) const {
    for (std::size_t index = 0; index < run.size; ++index) {
      ids.push_back(at(run, index));
    }
  }

 private:
  std::deque<ContainerId> ids_;
  /// Where runs of a length begin that nobody has.
  std::map<std::uint32_t, std::vector<std::uint32_t>> released_;
};

}  // namespace scanclock
