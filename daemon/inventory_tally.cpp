#include "daemon/inventory_tally.hpp"

#include <array>
#include <set>

namespace scanclock {
namespace {

constexpr std::array<State, 4> tallied_states{State::fresh, State::due_soon, State::overdue,
                                              State::never_scanned};
constexpr std::array<Observation::Status, 3> tallied_observations{
    Observation::Status::ok, Observation::Status::not_asked_yet, Observation::Status::unknown};
constexpr std::array<std::string_view, 5> tallied_trusts{"signed", "platform", "pushed", "unsigned",
                                                         "none"};
constexpr std::array<Verdict, 8> tallied_verdicts{
    Verdict::compliant,         Verdict::expiring,  Verdict::overdue,  Verdict::never_scanned,
    Verdict::platform_unproven, Verdict::ambiguous, Verdict::conflict, Verdict::unresolved};

std::string_view last_trust_of(const Inventory& inventory, const ImageRecord& image) {
  const EvidenceRecord* scan = image.last_scan ? inventory.evidence(*image.last_scan) : nullptr;
  return scan == nullptr ? "none"
                         : to_string(present_trust(scan->evidence, inventory.scope().keys));
}

template <class Counts, class Sort>
typename Counts::value_type* count_one_of(Counts& counts, Sort sort, int number) {
  auto& entry = *counts.try_emplace(std::move(sort), 0).first;
  entry.second += number;
  return &entry;
}

void add_environments(std::set<std::string>& environments, const std::string& usual,
                      const EnvironmentRules& rules) {
  environments.insert(usual);
  for (const auto& [pattern, environment] : rules) {
    environments.insert(environment);
  }
}

std::set<std::string> image_environments(const Scope& scope) {
  std::set<std::string> environments{std::string(production_environment)};
  for (const RegistryScope& registry : scope.registries) {
    add_environments(environments, registry.environment, registry.environments);
  }
  return environments;
}

std::uint64_t hash_of_container(const ContainerKey& container) {
  return std::hash<std::string>()(container.source + " " + container.id.str());
}

}  // namespace

void InventoryTally::take_back(Share& share) {
  if (share.image != nullptr) {
    --share.image->second;
  }
  if (share.containers != nullptr) {
    share.containers->second -= share.number;
  }
  if (share.others) {
    for (const auto& [sort, number] : *share.others) {
      sort->second -= number;
    }
  }
  share = Share();
}

void InventoryTally::recount(const Inventory& inventory, const ImageRecord& image, Share& share) {
  take_back(share);
  ImageSort sort(
      image.state,
      image.environment.empty() ? std::string(production_environment) : image.environment,
      image.running, inventory.observation(image).status, last_trust_of(inventory, image));
  share.image = count_one_of(images_, std::move(sort), 1);
  ContainerCounts here;
  for (const ImageGroup* group : inventory.groups_of(image.digest)) {
    for (const auto& [quarter, count] : group->quarters) {
      here[{*quarter.source, *quarter.environment, group->verdict()}] +=
          static_cast<int>(count.containers);
    }
  }
  for (const auto& [container_sort, number] : here) {
    ContainerCounts::value_type* counted = count_one_of(containers_, container_sort, number);
    if (share.containers == nullptr) {
      share.containers = counted;
      share.number = number;
      continue;
    }
    if (!share.others) {
      share.others = std::make_unique<std::vector<std::pair<ContainerCounts::value_type*, int>>>();
    }
    share.others->emplace_back(counted, number);
  }
}

void InventoryTally::recount(const Inventory& inventory, const ContainerKey& container) {
  const std::uint64_t hash = hash_of_container(container);
  if (const auto known = unjoined_.find(hash); known != unjoined_.end()) {
    --known->second->second;
    unjoined_.erase(known);
  }
  const ContainerRecord* record = inventory.containers().find(container.source, container.id);
  if (record == nullptr || record->ended_at || record->group == nullptr ||
      record->group->images->image != nullptr) {
    return;
  }
  ContainerSort sort(record->source(), record->environment(), record->verdict());
  unjoined_.emplace(hash, count_one_of(containers_, std::move(sort), 1));
}

void InventoryTally::write(MetricText& text, const Scope& scope) const {
  ImageCounts images = images_;
  for (const std::string& environment : image_environments(scope)) {
    for (const State state : tallied_states) {
      for (const Observation::Status observation : tallied_observations) {
        for (const std::string_view trust : tallied_trusts) {
          images.try_emplace({state, environment, false, observation, trust}, 0);
          images.try_emplace({state, environment, true, observation, trust}, 0);
        }
      }
    }
  }
  text.begin("scanclock_images", "gauge", "Unique images by state.");
  for (const auto& [sort, number] : images) {
    const auto& [state, environment, running, observation, trust] = sort;
    text.sample({{"state", to_string(state)},
                 {"environment", environment},
                 {"running", running ? "true" : "false"},
                 {"observation", to_string(observation)},
                 {"trust", trust}},
                number);
  }
  ContainerCounts containers;
  std::set<std::pair<std::string, std::string>> places;
  for (const WorkloadScope& workload : scope.workloads) {
    std::set<std::string> environments;
    add_environments(environments, workload.environment, workload.environments);
    for (const std::string& environment : environments) {
      places.emplace(workload.name, environment);
    }
  }
  for (const auto& [sort, number] : containers_) {
    const auto& [source, environment, verdict] = sort;
    if (number > 0) {
      places.emplace(source, environment);
    }
    containers.emplace(sort, number);
  }
  for (const auto& [source, environment] : places) {
    for (const Verdict verdict : tallied_verdicts) {
      containers.try_emplace({source, environment, verdict}, 0);
    }
  }
  text.begin("scanclock_containers", "gauge", "Running containers by verdict.");
  for (const auto& [sort, number] : containers) {
    const auto& [source, environment, verdict] = sort;
    if (places.contains({source, environment})) {
      text.sample(
          {{"source", source}, {"environment", environment}, {"verdict", to_string(verdict)}},
          number);
    }
  }
}

}  // namespace scanclock
