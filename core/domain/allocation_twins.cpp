#include "core/domain/allocation_twins.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

std::string container_label(const ContainerObservation& container, const char* label) {
  const auto found = container.labels.find(label);
  return found == container.labels.end() ? std::string() : found->second;
}

/// The driver names containers `TASK-ALLOCATION`, with underscores for slashes.
bool is_container_of(const ContainerObservation& container, const std::string& allocation,
                     const std::string& task) {
  if (const std::string label = container_label(container, nomad_task_name_label); !label.empty()) {
    return label == task;
  }
  std::string name = task;
  std::replace(name.begin(), name.end(), '/', '_');
  return container.name == name + "-" + allocation;
}

template <class Value>
void add_missing(std::vector<Value>& values, const std::vector<Value>& more) {
  for (const Value& value : more) {
    if (std::find(values.begin(), values.end(), value) == values.end()) {
      values.push_back(value);
    }
  }
}

}  // namespace

void AllocationTwins::configure(std::set<std::string> runtimes,
                                std::map<std::string, Nomad> nomads) {
  runtimes_ = std::move(runtimes);
  nomads_ = std::move(nomads);
  std::erase_if(tasks_, [&](const auto& entry) { return !nomads_.contains(entry.first); });
  std::vector<std::pair<std::string, std::string>> gone;
  for (const auto& [source, containers] : containers_) {
    for (const auto& [id, container] : containers) {
      if (!runtimes_.contains(source)) {
        gone.emplace_back(source, id);
      }
    }
  }
  for (const auto& [source, id] : gone) {
    drop(source, id);
  }
}

std::vector<const ContainerObservation*> AllocationTwins::twins_of(
    const Nomad& nomad, const ContainerObservation& task) const {
  std::vector<const ContainerObservation*> twins;
  const std::string allocation = container_label(task, nomad_alloc_id_label);
  const auto candidates = by_allocation_.find(allocation);
  // Between two attempts there is no container.
  if (candidates == by_allocation_.end() || !task.started_at) {
    return twins;
  }
  const auto runtime = nomad.runtime_of_node.find(task.node);
  for (const auto& [source, id] : candidates->second) {
    if (runtime != nomad.runtime_of_node.end() && runtime->second != source) {
      continue;
    }
    const ContainerObservation& container = containers_.at(source).at(id);
    const bool is_older =
        container.started_at && *container.started_at < *task.started_at - nomad_start_lag_max;
    if (!is_older &&
        is_container_of(container, allocation, container_label(task, nomad_task_name_label))) {
      twins.push_back(&container);
    }
  }
  return twins;
}

/// Where several containers claim to be the task, all of their digests count: the join calls it a
/// conflict, if they are different content.
ContainerObservation AllocationTwins::completed(const Nomad& nomad,
                                                const ContainerObservation& task) const {
  ContainerObservation whole = task;
  for (const ContainerObservation* twin : twins_of(nomad, task)) {
    add_missing(whole.digests, twin->digests);
    add_missing(whole.pullable, twin->pullable);
    add_missing(whole.repositories, twin->repositories);
    if (!twin->platform.os.empty()) {
      whole.platform = twin->platform;
    }
    if (!twin->digests.empty()) {
      whole.image_id = twin->image_id;
      whole.assumed = twin->assumed;
    }
  }
  return whole;
}

ContainerObservation AllocationTwins::remember(const Nomad& nomad, Tasks& tasks,
                                               const ContainerObservation& told) {
  Task& task = tasks[told.id];
  task.told = told;
  task.completed = completed(nomad, told);
  return task.completed;
}

void AllocationTwins::complete(WorkloadReport& report) {
  const auto nomad = nomads_.find(report.source);
  if (nomad == nomads_.end()) {
    return;
  }
  Tasks& known = tasks_[report.source];
  Tasks current;
  for (ContainerObservation& container : report.containers) {
    container = remember(nomad->second, current, container);
  }
  for (const ContainerId& unchanged : report.unchanged) {
    const std::string id = unchanged.str();
    if (auto node = known.extract(id)) {
      current.insert(std::move(node));
    }
  }
  if (report.complete) {
    known = std::move(current);
  } else {
    current.merge(known);
    known = std::move(current);
  }
}

void AllocationTwins::complete(WorkloadChanges& changes) {
  const auto nomad = nomads_.find(changes.source);
  if (nomad == nomads_.end()) {
    return;
  }
  Tasks& known = tasks_[changes.source];
  for (ContainerObservation& container : changes.running) {
    container = remember(nomad->second, known, container);
  }
  for (const std::string& id : changes.ended) {
    known.erase(id);
  }
}

void AllocationTwins::put(const std::string& source, const ContainerObservation& container) {
  const std::string allocation = container_label(container, nomad_alloc_id_label);
  Containers& containers = containers_[source];
  const auto before = containers.find(container.id);
  if (before != containers.end() && before->second == container) {
    return;
  }
  if (before != containers.end()) {
    drop(source, container.id);
  }
  if (!allocation.empty()) {
    containers_[source].insert_or_assign(container.id, container);
    by_allocation_[allocation].emplace(source, container.id);
    dirty_.insert(allocation);
  }
}

void AllocationTwins::drop(const std::string& source, const std::string& id) {
  const auto containers = containers_.find(source);
  if (containers == containers_.end()) {
    return;
  }
  const auto container = containers->second.find(id);
  if (container == containers->second.end()) {
    return;
  }
  const std::string allocation = container_label(container->second, nomad_alloc_id_label);
  const auto named = by_allocation_.find(allocation);
  named->second.erase({source, id});
  if (named->second.empty()) {
    by_allocation_.erase(named);
  }
  dirty_.insert(allocation);
  containers->second.erase(container);
}

std::vector<WorkloadChanges> AllocationTwins::learn(const WorkloadReport& report,
                                                    bool is_believed) {
  if (!runtimes_.contains(report.source)) {
    return {};
  }
  std::set<std::string> present(report.unchanged.begin(), report.unchanged.end());
  for (const ContainerObservation& container : report.containers) {
    present.insert(container.id);
    put(report.source, container);
  }
  if (report.complete && is_believed) {
    std::vector<std::string> gone;
    for (const auto& [id, container] : containers_[report.source]) {
      if (!present.contains(id)) {
        gone.push_back(id);
      }
    }
    for (const std::string& id : gone) {
      drop(report.source, id);
    }
  }
  return changed_tasks(report.observed_at);
}

std::vector<WorkloadChanges> AllocationTwins::learn(const WorkloadChanges& changes) {
  if (!runtimes_.contains(changes.source)) {
    return {};
  }
  for (const ContainerObservation& container : changes.running) {
    put(changes.source, container);
  }
  for (const std::string& id : changes.ended) {
    drop(changes.source, id);
  }
  return changed_tasks(changes.observed_at);
}

std::vector<WorkloadChanges> AllocationTwins::changed_tasks(TimePoint observed_at) {
  std::vector<WorkloadChanges> told;
  const std::set<std::string> dirty = std::exchange(dirty_, {});
  if (dirty.empty()) {
    return told;
  }
  for (auto& [source, tasks] : tasks_) {
    WorkloadChanges changes;
    changes.source = source;
    changes.observed_at = observed_at;
    for (auto& [id, task] : tasks) {
      if (!dirty.contains(container_label(task.told, nomad_alloc_id_label))) {
        continue;
      }
      ContainerObservation now = completed(nomads_.at(source), task.told);
      if (now != task.completed) {
        task.completed = now;
        changes.running.push_back(std::move(now));
      }
    }
    if (!changes.running.empty()) {
      told.push_back(std::move(changes));
    }
  }
  return told;
}

}  // namespace scanclock
