#include "alerts/alert_subject.hpp"

#include "alerts/image_rules.hpp"
#include "alerts/rule_parts.hpp"

#include <algorithm>

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

std::vector<const ContainerRecord*> containers_of(const Inventory& inventory, const Alert& alert,
                                                  const ImageRecord* image) {
  std::vector<const ContainerRecord*> containers;
  if (alert.key.rule == rule_image_unresolved) {
    for (const ContainerRecord* container : bearers_of(inventory, alert.key.subject).containers()) {
      if (!container->ignored() && is_unresolved(*container)) {
        containers.push_back(container);
      }
    }
  } else if (alert.key.rule == rule_unmonitored_registry) {
    containers = unmonitored_from(inventory, alert.key.subject);
  } else if (image != nullptr) {
    for (const ContainerRecord* container : inventory.containers_of(image->digest)) {
      if (!container->ended_at && !container->ignored()) {
        containers.push_back(container);
      }
    }
  }
  // Worst first, so that the ones that matter are within the limit.
  std::stable_sort(containers.begin(), containers.end(), [](const auto* left, const auto* right) {
    return left->verdict() > right->verdict();
  });
  return containers;
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
