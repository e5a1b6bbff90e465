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

/// An evaluation looks at so many images, references, hosts and pieces of evidence: some
/// milliseconds where none alerts.
inline constexpr std::size_t subjects_at_once = 128;

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

  /// Notes what was touched and decided, so that the next evaluate() looks at it. Call it directly
  /// behind the Inventory::reevaluate() that touched it, and evaluate() once the inventory is no
  /// longer behind.
  void touch(const Inventory& inventory, const Touched& touched,
             const std::vector<DecisionRow>& decided);
  /// The last evaluate() looked at subjects_at_once subjects and left others for the next one: call
  /// it soon, and tell nobody before that everything was looked at.
  bool is_behind() const { return !waiting_.empty(); }
  /// Everything was looked at since the start. Before that nobody knows which of the restored
  /// alerts is held back by a silence.
  bool has_looked_at_all() const { return has_looked_at_all_; }

 private:
  struct Step;
  /// What is looked at again.
  struct Subjects {
    std::set<Digest> images;
    std::set<std::string> references;
    std::set<std::string> registry_hosts;
    std::set<Digest> evidence;

    bool empty() const {
      return images.empty() && references.empty() && registry_hosts.empty() && evidence.empty();
    }
  };

  bool is_open(std::string_view rule, const std::string& subject) const;
  void touch_container(const Inventory& inventory, const ContainerKey& key);
  void touch_left(const ContainerImage& printed);
  void collect(Step& step);
  void collect_due(Step& step);
  void collect_all(const Inventory& inventory);
  void look_at(const AlertKey& key);
  void look_at_timer(const std::string& timer);
  void step_image(Step& step, const Digest& digest);
  void step_references(Step& step);
  void step_registry_host(Step& step, const std::string& host);
  void step_source(Step& step, const std::string& name);
  void step_evidence(Step& step, const Digest& digest);
  void step_receivers(Step& step);
  void step_clock(Step& step);
  void close(Step& step);
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
  Subjects waiting_;
  /// Those beside the ones that the SourceBook knows, which are looked at each time.
  std::set<std::string> waiting_sources_;
  /// Alerts that a silence or an acknowledgement of the last moment concerns.
  std::set<AlertKey> look_at_;
  bool look_at_all_ = true;
  /// The last evaluate() left something of what was due when its round began.
  bool in_round_ = false;
  bool has_looked_at_all_ = false;
};

}  // namespace scanclock::alerts
