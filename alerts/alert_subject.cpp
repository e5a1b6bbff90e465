#include "alerts/alert_subject.hpp"

#include "alerts/image_rules.hpp"
#include "alerts/rule_parts.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::alerts {

const ImageRecord* image_of(const Inventory& inventory, const Alert& alert) {
  for (const std::string_view text :
       {std::string_view(alert.key.subject), annotation(alert, "image_digest")}) {
    const auto digest = Digest::parse(text);
    const ImageRecord* image = digest ? inventory.image(*digest) : nullptr;
    if (image != nullptr) {
      return image;
    }
  }
  return nullptr;
}

namespace {

/// Those of one group have one verdict: groups are sorted, and not hundreds of thousands of
/// containers.
std::vector<const ContainerRecord*> worst_first(std::vector<const ImageGroup*> groups) {
  std::stable_sort(groups.begin(), groups.end(), [](const auto* left, const auto* right) {
    return left->verdict() > right->verdict();
  });
  std::vector<const ContainerRecord*> containers;
  for (const ImageGroup* group : groups) {
    for (const auto& [place, workload] : group->workloads) {
      if (workload.ignored()) {
        continue;
      }
      for (const ContainerRecord& container : workload.members) {
        containers.push_back(&container);
      }
    }
  }
  return containers;
}

}  // namespace

std::vector<const ContainerRecord*> containers_of(const Inventory& inventory, const Alert& alert,
                                                  const ImageRecord* image) {
  if (alert.key.rule == rule_image_unresolved) {
    Bearers bearers = bearers_of(inventory, alert.key.subject);
    std::erase_if(bearers.groups,
                  [](const ImageGroup* group) { return group->verdict() < Verdict::ambiguous; });
    std::vector<const ContainerRecord*> containers = worst_first(std::move(bearers.groups));
    const ContainerRecord* single = bearers.single;
    if (single != nullptr && !single->ignored() && is_unresolved(*single)) {
      containers.push_back(single);
    }
    return containers;
  }
  if (alert.key.rule == rule_unmonitored_registry) {
    std::vector<const ContainerRecord*> containers = unmonitored_from(inventory, alert.key.subject);
    std::stable_sort(containers.begin(), containers.end(), [](const auto* left, const auto* right) {
      return left->verdict() > right->verdict();
    });
    return containers;
  }
  return image == nullptr ? std::vector<const ContainerRecord*>()
                          : worst_first(inventory.groups_of(image->digest));
}

std::optional<RejectedLatest> rejected_latest(const Inventory& inventory, const ImageRecord& image,
                                              const std::string& policy) {
  std::optional<RejectedLatest> newest;
  for (const EvidenceRecord* record : inventory.evidence_of(image.digest)) {
    const auto decision = record->decisions.find(policy);
    if (decision == record->decisions.end() || decision->second.accepted ||
        !decision->second.reason) {
      continue;
    }
    if (!newest || record->evidence.collected_at > newest->at) {
      newest = RejectedLatest{*decision->second.reason, record->evidence.collected_at};
    }
  }
  return newest;
}

}  // namespace scanclock::alerts
