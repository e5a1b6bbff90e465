#pragma once

#include "core/domain/acceptance.hpp"
#include "core/domain/container.hpp"
#include "core/domain/evidence.hpp"
#include "core/domain/history.hpp"
#include "core/domain/join.hpp"
#include "core/domain/state.hpp"
#include "core/domain/workload.hpp"

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

/// A repository of a configured registry. `registry` is the name in the settings.
struct RepositoryKey {
  std::string registry;
  std::string repository;

  auto operator<=>(const RepositoryKey&) const = default;
};

/// A place of a unique image.
struct Location {
  RepositoryKey key;
  std::string host;
  std::string environment;
  /// Tags that point at the image or at an index above it.
  std::set<std::string> tags;
  TimePoint first_seen_at;
  TimePoint entry_at;
  EntryBasis entry_basis = EntryBasis::initial;
  /// Two 404s by digest, a cycle apart, or nothing (design.md, rule 8).
  std::optional<TimePoint> removed_at;
  std::optional<TimePoint> missing_since;
  /// Last time every evidence source of this place answered for the image; only the first time is
  /// stored.
  std::optional<TimePoint> evidence_answered_at;
  std::optional<TimePoint> evidence_failing_since;
  std::string evidence_failure;
};

struct PolicyStanding {
  std::string policy;
  int version = 1;
  /// False: no place of the image is bound by the policy; shown, but never alerted.
  bool bound = true;
  Standing standing;
};

/// Whether the sources answered for an image. Stands beside its state, never in it.
struct Observation {
  enum class Status { ok, not_asked_yet, unknown };
  Status status = Status::not_asked_yet;
  std::string reason;
  std::optional<TimePoint> since;
  std::optional<TimePoint> last_success_at;
};

std::string_view to_string(Observation::Status status);

/// Evidence bytes may be attached to several subjects and come in with several trusts; each is
/// judged by itself.
struct EvidenceKey {
  Digest digest;
  Digest attached_to;
  Trust trust = Trust::unsigned_;

  auto operator<=>(const EvidenceKey&) const = default;
};

EvidenceKey key_of(const Evidence& evidence);

struct EvidenceRecord {
  Evidence evidence;
  /// By policy name, of the policy's present version.
  std::map<std::string, Decision> decisions;
};

/// What a container is told that was joined to an image; the same for all of them.
struct Judgement {
  Verdict verdict = Verdict::unresolved;
  std::string reason;
  std::optional<TimePoint> deadline_at;

  bool operator==(const Judgement&) const = default;
};

/// A unique image.
struct ImageRecord {
  Digest digest;
  TimePoint first_seen_at;
  std::optional<TimePoint> first_running_at;
  /// Finish of the earliest accepted covering scan.
  std::optional<TimePoint> first_scan_at;
  std::map<RepositoryKey, Location> locations;

  /// Derived by Inventory::reevaluate; not stored.
  std::vector<PolicyStanding> standings;
  State state = State::never_scanned;
  TimePoint deadline_at;
  Judgement judgement;
  bool running = false;
  bool platform_unproven = false;
  std::optional<EvidenceKey> last_scan;
  std::string owner;
  /// `production` when any place of it is.
  std::string environment;

  /// The observation that the record holds at present.
  Recorded recorded;
};

/// What a tag pointed at from a moment on; an empty digest says that the tag was gone.
struct TagChange {
  RepositoryKey repository;
  std::string tag;
  Digest digest;
  TimePoint at;
};

}  // namespace scanclock
