#pragma once

#include "alerts/digest_book.hpp"
#include "alerts/evaluator_options.hpp"
#include "alerts/lifecycle.hpp"
#include "alerts/own_rules.hpp"
#include "alerts/rules.hpp"
#include "alerts/silence_book.hpp"
#include "alerts/telling.hpp"
#include "core/domain/changes.hpp"
#include "core/domain/deadline_queue.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/source_book.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::alerts {

/// Turns what the inventory knows into alerts, their history and messages, as rows that the caller
/// stores together with their cause. Pure but for the id generator: no I/O, no clock.
class Evaluator {
 public:
  Evaluator(EvaluatorOptions options, AlertBook::NewId new_id);

  /// Other rules, routes or receivers from now on; every open alert is looked at again.
  void configure(EvaluatorOptions options);
  /// Once, before the first evaluate(): alerts, groups, silences and acknowledgements.
  void restore(const Snapshot& snapshot);

  /// Takes effect, and is handed over to be stored, with the next evaluate().
  void put(Silence silence);
  void put(Acknowledgement acknowledgement);
  const SilenceBook& silences() const { return silences_; }

  /// What delivery knows of the receivers, all of them; and that the wall clock was set. The next
  /// evaluate() looks at it.
  void note(std::vector<ReceiverHealth> receivers, TimePoint now);
  void note_clock_step(Duration by, TimePoint now);

  /// Looks at what was touched, at `decided` evidence, at every source and at what is due by time.
  /// Call it after every Inventory::reevaluate() and after every change of the SourceBook.
  ChangeSet evaluate(const Inventory& inventory, const SourceBook& sources, const Touched& touched,
                     const std::vector<DecisionRow>& decided, TimePoint now);

  /// When time alone may change something here; the SourceBook as of the last evaluate() included.
  std::optional<TimePoint> next_change_at() const;

  const AlertBook& book() const { return book_; }
  bool notifies() const { return options_.notify; }
  /// Of receivers without the outbox: whether a route sends the alert there, and it was not
  /// silenced ever since it began.
  bool is_shown_to(const Alert& alert, std::string_view receiver) const {
    return telling_.is_recipient(alert, receiver) && !telling_.is_held_back(alert);
  }

 private:
  struct Step;

  void collect(Step& step, const Touched& touched, const std::vector<DecisionRow>& decided);
  void collect_due(Step& step);
  void collect_all(Step& step) const;
  void look_at(Step& step, const AlertKey& key) const;
  void look_at_timer(Step& step, const std::string& timer) const;
  void step_image(Step& step, const Digest& digest);
  void step_references(Step& step);
  void step_registry_host(Step& step, const std::string& host);
  void step_source(Step& step, const std::string& name);
  void step_evidence(Step& step, const Digest& digest);
  void step_receivers(Step& step);
  void step_clock(Step& step);
  /// Applies what was found about a subject. Alerts that end come first: a superseded one is told
  /// of before the one that supersedes it.
  template <class EndingOf>
  void apply(Step& step, const std::string& timer, const std::vector<AlertKey>& open,
             const Assessment& assessment, const EndingOf& ending_of);
  /// Stores the transition; of an ended alert its receivers are told.
  void emit(Step& step, Transition transition);
  /// Who has taken an alert that grows worse has not taken that.
  void end_acknowledgement(Step& step, const Alert& alert);
  void tell_ends(Step& step);

  EvaluatorOptions options_;
  AlertBook book_;
  SilenceBook silences_;
  Telling telling_{book_, silences_};
  DigestBook digests_;
  /// Silences and acknowledgements that came since the last evaluate().
  ChangeSet noted_;
  ReceiverBook receivers_;
  std::optional<ClockStep> clock_step_;
  DeadlineQueue timers_;
  std::optional<TimePoint> sources_change_at_;
  std::optional<TimePoint> silences_change_at_;
  std::optional<TimePoint> last_evaluation_at_;
  /// Alerts that a silence or an acknowledgement of the last moment concerns.
  std::set<AlertKey> look_at_;
  bool look_at_all_ = true;
};

}  // namespace scanclock::alerts
