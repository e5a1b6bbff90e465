#include "alerts/rule_parts.hpp"
#include "alerts/rules.hpp"
#include "core/domain/scope.hpp"
#include "core/domain/views.hpp"

#include <algorithm>

namespace scanclock::alerts {
namespace {

/// What an honest scanner does not send: a scan from the future, of another image, or under a name
/// that is not the sender's.
bool is_suspicious(const Decision& decision) {
  return !decision.accepted && (decision.reason == Rejection::future_dated ||
                                decision.reason == Rejection::wrong_subject ||
                                decision.reason == Rejection::bad_signature);
}

/// A key that came into the settings later has verified it.
bool is_cleared(const Inventory& inventory, const EvidenceRecord& record) {
  const EvidenceKey key = key_of(record.evidence);
  return record.evidence.signature == SignatureState::failed &&
         inventory.evidence({key.digest, key.attached_to, Trust::signed_}) != nullptr;
}

struct Rejected {
  const EvidenceRecord* newest = nullptr;
  Rejection reason = Rejection::malformed;
  std::string detail;
  std::set<std::string> policies;
};

Rejected find_rejected(const Inventory& inventory, const Digest& digest) {
  Rejected rejected;
  const auto& all = inventory.all_evidence();
  EvidenceKey first;
  first.digest = digest;
  first.trust = Trust::signed_;
  for (auto entry = all.lower_bound(first); entry != all.end() && entry->first.digest == digest;
       ++entry) {
    const EvidenceRecord& record = entry->second;
    if (is_cleared(inventory, record)) {
      continue;
    }
    for (const auto& [policy, decision] : record.decisions) {
      if (!is_suspicious(decision)) {
        continue;
      }
      rejected.policies.insert(policy);
      if (rejected.newest == nullptr ||
          record.evidence.collected_at > rejected.newest->evidence.collected_at) {
        rejected.newest = &record;
        rejected.reason = *decision.reason;
        rejected.detail = decision.detail;
      }
    }
  }
  return rejected;
}

/// The image whose record the evidence was meant to change.
const ImageRecord* image_of(const Inventory& inventory, const Evidence& evidence) {
  std::vector<Digest> named{evidence.attached_to};
  named.insert(named.end(), evidence.report.subjects.begin(), evidence.report.subjects.end());
  for (const Digest& digest : named) {
    for (const Digest& image : inventory.images_of(digest)) {
      if (const ImageRecord* record = inventory.image(image)) {
        return record;
      }
    }
  }
  return nullptr;
}

}  // namespace

Assessment assess_evidence(const RuleInput& input, const Digest& evidence) {
  Assessment assessment;
  const Rejected rejected = find_rejected(input.inventory, evidence);
  if (rejected.newest == nullptr) {
    return assessment;
  }
  const Evidence& shown = rejected.newest->evidence;
  const TimePoint ends_at = shown.collected_at + rejected_evidence_shown;
  if (input.now >= ends_at) {
    return assessment;
  }
  assessment.next_change_at = ends_at;
  Condition condition;
  condition.key.rule = rule_evidence_rejected;
  condition.key.subject = evidence.str();
  const ImageRecord* image = image_of(input.inventory, shown);
  if (image != nullptr) {
    condition.environment = image->environment;
    condition.owner = image->owner;
  } else if (!shown.repository.empty()) {
    condition.environment =
        registry_environment(input.inventory.scope(), shown.source, shown.repository);
  }
  complete(condition, "digest", input.settings);
  const std::string name = image != nullptr ? asset_id(*image) : shown.attached_to.short_form();
  const std::string reason(to_string(rejected.reason));
  set_annotation(
      condition, "summary",
      "scan evidence" + (name.empty() ? "" : " of " + name) + " was rejected: " + reason);
  set_annotation(condition, "description",
                 "Evidence " + evidence.str() + " from " + shown.source +
                     " was rejected: " + rejected.detail + ". It moves no clock.");
  set_annotation(condition, "reason", reason);
  set_annotation(condition, "policies", join_names(rejected.policies));
  set_annotation(condition, "collected_at", format_rfc3339(shown.collected_at));
  if (image != nullptr) {
    set_annotation(condition, "image", name);
    set_annotation(condition, "image_digest", image->digest.str());
  }
  assessment.conditions.push_back(std::move(condition));
  return assessment;
}

std::optional<Ending> evidence_ending(const RuleInput& input, const Alert& alert) {
  const auto digest = Digest::parse(alert.key.subject);
  const bool still_rejected = digest && find_rejected(input.inventory, *digest).newest != nullptr;
  const auto collected_at = parse_rfc3339(annotation(alert, "collected_at"));
  if (still_rejected || !collected_at || input.now >= *collected_at + rejected_evidence_shown) {
    return Ending{"expired"};
  }
  return Ending{"policy"};
}

}  // namespace scanclock::alerts
