#pragma once

#include "core/domain/policy.hpp"

#include <optional>
#include <string_view>

namespace scanclock {

/// State of an image under a policy, best first.
enum class State { fresh, due_soon, overdue, never_scanned };

std::string_view to_string(State state);
std::optional<State> parse_state(std::string_view text);

/// How the entry of an image into a production registry is known (design.md 1, "entry").
enum class EntryBasis { initial, first_seen, push_event, platform_api };

std::string_view to_string(EntryBasis basis);
std::optional<EntryBasis> parse_entry_basis(std::string_view text);

/// Everything the state of an image depends on besides now and the policy.
struct ImageFacts {
  /// The newest accepted covering scan's effective time.
  std::optional<TimePoint> scan_finished_at;
  /// The newest accepted covering scan that finished within one window before the entry, for the
  /// anchor registry_entry.
  bool scanned_before_entry = false;
  std::optional<TimePoint> entry_at;
  EntryBasis entry_basis = EntryBasis::initial;
  TimePoint first_seen_at;
  std::optional<TimePoint> first_running_at;
  bool running = false;
};

struct Standing {
  State state = State::never_scanned;
  /// Last moment of compliance; for a never-scanned image the moment it became or becomes
  /// non-compliant.
  TimePoint deadline_at;
  /// How many of the policy's warn_before times have been reached; 0 when fresh.
  int stage = 0;
  /// When the result changes by the passing of time alone; nothing when it never does.
  std::optional<TimePoint> next_change_at;

  bool operator==(const Standing&) const = default;
};

/// An image is compliant up to and including its deadline. A pure function: an outage changes
/// nothing (design.md, rule 7).
Standing evaluate(TimePoint now, const Policy& policy, const ImageFacts& facts);

/// Verdicts on a container, best first; only the first two may run.
enum class Verdict {
  compliant,
  expiring,
  overdue,
  never_scanned,
  platform_unproven,
  ambiguous,
  conflict,
  unresolved,
};

std::string_view to_string(Verdict verdict);
std::optional<Verdict> parse_verdict(std::string_view text);
bool may_run(Verdict verdict);

/// What a state lets a container of the image be. `platform_unproven`: a scan of its index is known
/// that does not prove the image's platform, which says more than never scanned.
Verdict verdict_of(State state, bool platform_unproven);

}  // namespace scanclock
