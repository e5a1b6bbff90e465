#include "alerts/rule_parts.hpp"
#include "alerts/rules.hpp"

namespace scanclock::alerts {

const std::vector<RuleText>& rule_texts() {
  static const std::vector<RuleText> texts{
      {rule_scan_due_soon,
       "the last accepted vulnerability scan of a running image is close to the end of its window",
       "scan the image again, or deploy a newer image that was scanned; the alert ends with the "
       "new scan"},
      {rule_scan_overdue,
       "an image's last accepted vulnerability scan is older than its policy's window",
       "scan the image now, or stop running it; check the scanner's schedule for this repository"},
      {rule_never_scanned, "an image runs although no accepted vulnerability scan of it is known",
       "scan the image, or stop running it; look at the image's rejected evidence if it was "
       "scanned"},
      {rule_ran_before_scan,
       "an image ran before its first accepted vulnerability scan had finished",
       "scan images before they are deployed: let the pipeline ask /api/v1/check, or refuse "
       "unscanned images at admission"},
      {rule_image_unresolved,
       "a running container cannot be joined to a unique image of a monitored registry",
       "check that the image's registry and repository are monitored and that the digest still "
       "exists there; images built or loaded on the host never pass through a registry"},
      {rule_unmonitored_registry,
       "images run from a registry that no entry of the settings monitors",
       "add the registry to the settings, move the images to one that is monitored, or put what "
       "needs no scan into ignore_images"},
      {rule_source_blind,
       "a registry or an orchestrator does not answer, so that what it holds is not observed",
       "check the address, the credentials and the network path of the source; confirm a "
       "suspicious drop when it is real"},
      {rule_evidence_rejected,
       "scan evidence is dated in the future, about another image than it is attached to, or "
       "signed "
       "by none of the keys that may speak for its place",
       "find out who attached the evidence; correct the clock, the pipeline or the keys in the "
       "settings"},
      {rule_clock_step,
       "the wall clock of the daemon's host was set forward or back by more than two seconds",
       "check the host's time synchronisation; ages of scans and deadlines follow the wall clock, "
       "and are right again when it is"},
      {rule_receiver_failing,
       "a receiver answered 410, or nothing could be delivered to it for 15 minutes",
       "check the receiver's address, secret and network path with scanclock notifications list; "
       "after 410 correct its entry and reload; what waits is delivered by itself, what was set "
       "aside with scanclock notifications retry"},
      {rule_watchdog,
       "Scanclock is alive; this message comes all the time and its absence is the alarm",
       "nothing to do while it arrives"},
  };
  return texts;
}

Condition watchdog(const RuleSettings& settings) {
  Condition condition;
  condition.key.rule = rule_watchdog;
  condition.severity = Severity::none;
  complete(condition, "source", settings);
  set_annotation(condition, "summary", "Scanclock is alive");
  set_annotation(condition, "description",
                 "This alert always fires. When it stops arriving, Scanclock or the way to this "
                 "receiver is broken.");
  return condition;
}

}  // namespace scanclock::alerts
