#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/source_book.hpp"
#include "core/domain/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::alerts {

/// The alert rules of contract.md, "Alert rules and what receivers get", as pure functions: which
/// conditions hold for a subject, and whether an open alert whose condition no longer holds may
/// end. Absence of knowledge ends nothing (design.md, rule 7).

inline constexpr std::string_view rule_scan_due_soon = "ScanclockScanDueSoon";
inline constexpr std::string_view rule_scan_overdue = "ScanclockScanOverdue";
inline constexpr std::string_view rule_never_scanned = "ScanclockNeverScanned";
inline constexpr std::string_view rule_ran_before_scan = "ScanclockRanBeforeScan";
inline constexpr std::string_view rule_unmonitored_registry = "ScanclockUnmonitoredRegistry";
inline constexpr std::string_view rule_image_unresolved = "ScanclockImageUnresolved";
inline constexpr std::string_view rule_source_blind = "ScanclockSourceBlind";
inline constexpr std::string_view rule_evidence_rejected = "ScanclockEvidenceRejected";
inline constexpr std::string_view rule_clock_step = "ScanclockClockStep";
inline constexpr std::string_view rule_receiver_failing = "ScanclockReceiverFailing";
inline constexpr std::string_view rule_watchdog = "ScanclockWatchdog";

/// A container that starts is given this long to be joined to its image.
inline constexpr Duration unresolved_hold = std::chrono::minutes(5);
/// How long something must have been absent, in a complete view, to count as not running.
inline constexpr Duration not_running_hold = std::chrono::minutes(10);
/// Rejected evidence is reported for this long after it was last collected.
inline constexpr Duration rejected_evidence_shown = std::chrono::hours(24);

/// That an image ran before its first scan is reported for this long after the scan became known.
inline constexpr Duration ran_before_scan_shown = std::chrono::hours(24);

/// Annotations that the endings of later evaluations read again.
inline constexpr std::string_view annotation_deadline = "deadline_at";
inline constexpr std::string_view annotation_policy_version = "policy_version";
inline constexpr std::string_view annotation_clusters = "clusters";
inline constexpr std::string_view annotation_observation = "observation";

/// Why a DueSoon alert ends when the image is overdue.
inline constexpr std::string_view superseded = "superseded";

struct RuleSettings {
  /// Two evidence cycles: how long NeverScanned waits for the evidence sources of a running image.
  Duration never_scanned_hold = std::chrono::hours(2);
  /// How long after a start new alerts about an image wait until its registries have been asked
  /// once, where nobody watched them for longer than `unwatched_max` before: what was scanned
  /// meanwhile is not known yet. A dead registry does not silence them for longer.
  Duration first_answer_hold = std::chrono::hours(2);
  Duration unwatched_max = std::chrono::hours(1);
  /// Start of `runbook_url`; the lower-case rule name follows behind a `#`. Empty: none is given.
  std::string runbook_base;
};

/// What the rules look at. Only references: use it within one evaluation.
struct RuleInput {
  const Inventory& inventory;
  const SourceBook& sources;
  const RuleSettings& settings;
  TimePoint now;
};

/// A rule that holds for a subject.
struct Condition {
  AlertKey key;
  Severity severity = Severity::warning;
  std::string environment;
  std::string owner;
  int stage = 0;
  /// Identity labels; empty values are left out, as Prometheus treats them.
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
};

/// What holds for a subject, and when time alone may change that.
struct Assessment {
  std::vector<Condition> conditions;
  std::optional<TimePoint> next_change_at;
};

/// An alert whose condition does not hold may end for `reason`, once that has been so for `after`.
struct Ending {
  std::string reason;
  Duration after{0};

  bool operator==(const Ending&) const = default;
};

/// ScanDueSoon, ScanOverdue and NeverScanned of one unique image, under every policy that binds it.
Assessment assess_image(const RuleInput& input, const Digest& digest);
/// Nothing: the alert goes on.
std::optional<Ending> image_ending(const RuleInput& input, const Alert& alert);

/// The name that unresolved containers of one image share: the reference as printed, else the
/// digest, else source and container ID.
std::string reference_of(const ContainerRecord& container);
/// Of a container about whose image nothing was printed.
std::string reference_of(const ContainerKey& container);
/// Of all containers of a group; empty where each of them has its own.
std::string reference_of(const ContainerImage& printed);
bool is_unresolved(const ContainerRecord& container);
/// Live containers that bear a name. Groups are not walked over: one may be a whole cluster.
struct Bearers {
  std::vector<const ImageGroup*> groups;
  /// About whose image nothing was printed.
  const ContainerRecord* single = nullptr;
};
Bearers bearers_of(const Inventory& inventory, const std::string& reference);
/// ImageUnresolved of one reference.
Assessment assess_reference(const RuleInput& input, const std::string& reference,
                            const Bearers& bearers);
std::optional<Ending> reference_ending(const RuleInput& input, const Alert& alert,
                                       const Bearers& bearers);

/// RanBeforeScan of one unique image that came in while its registry was monitored: of one that was
/// there before, earlier scans may have been replaced, and nothing is claimed.
Assessment assess_order(const RuleInput& input, const Digest& digest);
std::optional<Ending> order_ending(const RuleInput& input, const Alert& alert);

/// UnmonitoredRegistry of one registry host, as references name it. Containers whose content is
/// known from a monitored registry, as behind a mirror, do not count.
Assessment assess_registry_host(const RuleInput& input, const std::string& host);
std::optional<Ending> registry_host_ending(const RuleInput& input, const Alert& alert);
/// Live containers from the host that are not ignored and whose image no monitored registry knows;
/// none where the host is monitored.
std::vector<const ContainerRecord*> unmonitored_from(const Inventory& inventory,
                                                     const std::string& host);

/// SourceBlind of one source.
Assessment assess_source(const RuleInput& input, const std::string& name);
std::optional<Ending> source_ending(const RuleInput& input, const Alert& alert);

/// EvidenceRejected of one piece of evidence, whatever the number of its places: evidence dated in
/// the future, about another subject than it is attached to, or with a signature that no key of its
/// place verifies.
Assessment assess_evidence(const RuleInput& input, const Digest& evidence);
std::optional<Ending> evidence_ending(const RuleInput& input, const Alert& alert);

/// Always holds; for receivers that want a heartbeat.
Condition watchdog(const RuleSettings& settings);

/// What a rule tells people, the same for every subject.
struct RuleText {
  std::string_view rule;
  std::string_view meaning;
  std::string_view remediation;
};

/// Every rule of this program, in the contract's order: also the content of the runbook page.
const std::vector<RuleText>& rule_texts();

}  // namespace scanclock::alerts
