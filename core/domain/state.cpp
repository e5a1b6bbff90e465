#include "core/domain/state.hpp"

#include "core/domain/names.hpp"

#include <algorithm>

namespace scanclock {
namespace {

constexpr EnumNames<State, 4> state_names{{{State::fresh, "fresh"},
                                           {State::due_soon, "due_soon"},
                                           {State::overdue, "overdue"},
                                           {State::never_scanned, "never_scanned"}}};

constexpr EnumNames<EntryBasis, 4> basis_names{{{EntryBasis::initial, "initial"},
                                                {EntryBasis::first_seen, "first_seen"},
                                                {EntryBasis::push_event, "push_event"},
                                                {EntryBasis::platform_api, "platform_api"}}};

constexpr EnumNames<Verdict, 8> verdict_names{{{Verdict::compliant, "compliant"},
                                               {Verdict::expiring, "expiring"},
                                               {Verdict::overdue, "overdue"},
                                               {Verdict::never_scanned, "never_scanned"},
                                               {Verdict::platform_unproven, "platform_unproven"},
                                               {Verdict::ambiguous, "ambiguous"},
                                               {Verdict::conflict, "conflict"},
                                               {Verdict::unresolved, "unresolved"}}};

constexpr Duration resolution = Duration(1);

/// Running images get no grace; others get it from their entry, if the entry is a known one.
TimePoint never_scanned_deadline(const Policy& policy, const ImageFacts& facts) {
  TimePoint deadline = facts.first_seen_at;
  if (facts.entry_at && facts.entry_basis != EntryBasis::initial) {
    deadline = *facts.entry_at + policy.never_scanned_grace;
  }
  if (facts.running) {
    deadline = std::min(deadline, facts.first_running_at.value_or(facts.first_seen_at));
  }
  return deadline;
}

TimePoint scanned_deadline(const Policy& policy, const ImageFacts& facts) {
  TimePoint deadline = *facts.scan_finished_at + policy.window;
  const bool anchored_at_entry = policy.anchor == Anchor::registry_entry &&
                                 facts.scanned_before_entry && facts.entry_at &&
                                 facts.entry_basis != EntryBasis::initial;
  if (anchored_at_entry) {
    deadline = std::max(deadline, *facts.entry_at + policy.window);
  }
  return deadline;
}

}  // namespace

std::string_view to_string(State state) { return name_of(state_names, state); }
std::optional<State> parse_state(std::string_view text) { return value_of(state_names, text); }
std::string_view to_string(EntryBasis basis) { return name_of(basis_names, basis); }
std::optional<EntryBasis> parse_entry_basis(std::string_view text) {
  return value_of(basis_names, text);
}
std::string_view to_string(Verdict verdict) { return name_of(verdict_names, verdict); }
std::optional<Verdict> parse_verdict(std::string_view text) {
  return value_of(verdict_names, text);
}
bool may_run(Verdict verdict) { return verdict <= Verdict::expiring; }

Verdict verdict_of(State state, bool platform_unproven) {
  switch (state) {
    case State::fresh:
      return Verdict::compliant;
    case State::due_soon:
      return Verdict::expiring;
    case State::overdue:
      return Verdict::overdue;
    case State::never_scanned:
      break;
  }
  return platform_unproven ? Verdict::platform_unproven : Verdict::never_scanned;
}

Standing evaluate(TimePoint now, const Policy& policy, const ImageFacts& facts) {
  Standing standing;
  if (!facts.scan_finished_at) {
    standing.state = State::never_scanned;
    standing.deadline_at = never_scanned_deadline(policy, facts);
    if (now <= standing.deadline_at) {
      standing.next_change_at = standing.deadline_at + resolution;
    }
    return standing;
  }
  standing.deadline_at = scanned_deadline(policy, facts);
  if (now > standing.deadline_at) {
    standing.state = State::overdue;
    standing.stage = static_cast<int>(policy.warn_before.size());
    return standing;
  }
  standing.state = State::fresh;
  standing.next_change_at = standing.deadline_at + resolution;
  for (const Duration warning : policy.warn_before) {
    const TimePoint reached_at = standing.deadline_at - warning;
    if (now >= reached_at) {
      standing.state = State::due_soon;
      ++standing.stage;
    } else {
      standing.next_change_at = std::min(*standing.next_change_at, reached_at);
    }
  }
  return standing;
}

}  // namespace scanclock
