#include "core/workloads/pod_ids.hpp"

namespace scanclock {

PodIds::Run PodIds::add(const std::vector<std::string>& ids) {
  Run run;
  run.size = static_cast<std::uint32_t>(ids.size());
  if (ids.empty()) {
    return run;
  }
  const auto released = released_.find(run.size);
  if (released == released_.end()) {
    run.first = static_cast<std::uint32_t>(ids_.size());
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    return run;
  }
  run.first = released->second.back();
  released->second.pop_back();
  if (released->second.empty()) {
    released_.erase(released);
  }
  for (std::size_t index = 0; index < ids.size(); ++index) {
    ids_[run.first + index] = ContainerId(ids[index]);
  }
  return run;
}

void PodIds::release(Run run) {
  if (run.size == 0) {
    return;
  }
  // A long ID has memory beside it.
  for (std::size_t index = 0; index < run.size; ++index) {
    ids_[run.first + index] = ContainerId();
  }
  released_[run.size].push_back(run.first);
}

bool PodIds::contains(Run run, const ContainerId& id) const {
  for (std::size_t index = 0; index < run.size; ++index) {
    if (at(run, index) == id) {
      return true;
    }
  }
  return false;
}

bool PodIds::equals(Run run, const std::vector<std::string>& ids) const {
  if (run.size != ids.size()) {
    return false;
  }
  for (std::size_t index = 0; index < run.size; ++index) {
    if (at(run, index) != ContainerId(ids[index])) {
      return false;
    }
  }
  return true;
}

}  // namespace scanclock
