#include "alerts/image_rules.hpp"
#include "alerts/rule_parts.hpp"

#include <algorithm>

namespace scanclock::alerts {
namespace {

/// The state in which a rule's condition holds.
State state_of_rule(std::string_view rule) {
  if (rule == rule_scan_due_soon) {
    return State::due_soon;
  }
  return rule == rule_scan_overdue ? State::overdue : State::never_scanned;
}

/// Accepted evidence came in after the alert began.
bool scanned_since(const RuleInput& input, const Alert& alert, const Digest& digest) {
  const std::vector<const EvidenceRecord*> evidence = input.inventory.evidence_of(digest);
  return std::any_of(evidence.begin(), evidence.end(), [&](const EvidenceRecord* record) {
    const auto decision = record->decisions.find(alert.key.policy);
    return record->evidence.collected_at > alert.started_at &&
           decision != record->decisions.end() && decision->second.accepted;
  });
}

/// The state left the rule's. Only evidence or another policy do that; a clock that was set back
/// does, too, and must not read as a scan.
std::optional<Ending> ending_by_state(const RuleInput& input, const Alert& alert,
                                      const ImageRecord& image, const PolicyStanding& standing) {
  const State state = standing.standing.state;
  if (alert.key.rule == rule_scan_due_soon && state == State::overdue) {
    return Ending{std::string(superseded)};
  }
  const bool same_policy =
      annotation(alert, annotation_policy_version) == std::to_string(standing.version);
  if (!same_policy) {
    return Ending{state != State::never_scanned && scanned_since(input, alert, image.digest)
                      ? "scanned"
                      : "policy"};
  }
  if (state == State::never_scanned) {
    return std::nullopt;
  }
  if (alert.key.rule == rule_never_scanned) {
    return Ending{"scanned"};
  }
  const auto deadline = parse_rfc3339(annotation(alert, annotation_deadline));
  if (deadline && standing.standing.deadline_at > *deadline) {
    return Ending{"scanned"};
  }
  return std::nullopt;
}

/// The image does not run, or the policy does not bind it where it does. Believed only while
/// everything that could say otherwise answers.
std::optional<Ending> ending_by_absence(const RuleInput& input, const Alert& alert,
                                        const ImageRecord& image, std::string reason) {
  const bool unobservable = stands_anywhere(image) && input.inventory.observation(image).status ==
                                                          Observation::Status::unknown;
  if (unobservable || !views_complete(input.sources, annotation(alert, annotation_clusters))) {
    return std::nullopt;
  }
  return Ending{std::move(reason), not_running_hold};
}

}  // namespace

std::optional<Ending> image_ending(const RuleInput& input, const Alert& alert) {
  const VersionedPolicy* policy = find_policy(input.inventory.scope(), alert.key.policy);
  if (policy == nullptr) {
    return Ending{"policy"};
  }
  const auto digest = Digest::parse(alert.key.subject);
  const ImageRecord* image = digest ? input.inventory.image(*digest) : nullptr;
  const PolicyStanding* standing =
      image == nullptr ? nullptr : find_standing(*image, alert.key.policy);
  if (standing == nullptr) {
    // Not evaluated under this policy yet, or past its retention; neither is a recovery.
    return std::nullopt;
  }
  const Running running = running_of(input.inventory, *digest);
  const bool same_policy =
      annotation(alert, annotation_policy_version) == std::to_string(standing->version);
  if (alerts_about(input.inventory, *standing, *policy, *image, running)) {
    return standing->standing.state == state_of_rule(alert.key.rule)
               ? std::nullopt
               : ending_by_state(input, alert, *image, *standing);
  }
  // A scan that came in after the image stopped ends the alert at once, and says more.
  if (standing->bound && standing->standing.state < State::overdue) {
    const auto scanned = ending_by_state(input, alert, *image, *standing);
    if (scanned && scanned->reason == "scanned") {
      return scanned;
    }
  }
  if (running.only_ignored || (running.any() && !same_policy)) {
    return Ending{"policy"};
  }
  if (running.any()) {
    return ending_by_absence(input, alert, *image, "policy");
  }
  const bool gone = !stands_anywhere(*image);
  return ending_by_absence(input, alert, *image, gone ? "removed" : "not_running");
}

}  // namespace scanclock::alerts
