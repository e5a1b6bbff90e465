#pragma once

#include "alerts/lifecycle.hpp"
#include "alerts/receiver.hpp"
#include "alerts/routing.hpp"
#include "alerts/rules.hpp"
#include "alerts/silence_book.hpp"
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

struct EvaluatorOptions {
  RuleSettings rules;
  /// Links in messages; without a trailing slash.
  std::string external_url;
  std::vector<Route> routes;
  std::vector<Receiver> receivers;
  /// False in mode observe: alerts are recorded and nobody is told.
  bool notify = true;
};

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

  /// Looks at what was touched, at `decided` evidence, at every source and at what is due by time.
  /// Call it after every Inventory::reevaluate() and after every change of the SourceBook.
  ChangeSet evaluate(const Inventory& inventory, const SourceBook& sources, const Touched& touched,
                     const std::vector<DecisionRow>& decided, TimePoint now);

  /// When time alone may change something here; the SourceBook as of the last evaluate() included.
  std::optional<TimePoint> next_change_at() const;

  const AlertBook& book() const { return book_; }
  bool notifies() const { return options_.notify; }
  bool is_recipient(const Alert& alert, std::string_view receiver) const;

 private:
  struct Step;

  void collect(Step& step, const Touched& touched, const std::vector<DecisionRow>& decided);
  void collect_due(Step& step);
  void step_image(Step& step, const Digest& digest);
  void step_references(Step& step);
  void step_registry_host(Step& step, const std::string& host);
  void step_source(Step& step, const std::string& name);
  void step_evidence(Step& step, const Digest& digest);
  /// Applies what was found about a subject. Alerts that end come first: a superseded one is told
  /// of before the one that supersedes it.
  template <class EndingOf>
  void apply(Step& step, const std::string& timer, const std::vector<AlertKey>& open,
             const Assessment& assessment, const EndingOf& ending_of);
  void repeat(Step& step, const AlertKey& key);
  void note_timers(std::optional<TimePoint>& next, const AlertKey& key, TimePoint now) const;
  /// Stores the transition and, unless it is a silent one, tells its receivers.
  void emit(Step& step, Transition transition);
  void publish(Step& step, Transition transition, const std::vector<std::string>& told);
  void write_messages(Step& step, const Transition& transition,
                      const std::vector<std::string>& told) const;
  std::vector<std::string> told_receivers(const Transition& transition) const;
  bool is_webhook(std::string_view receiver) const;

  EvaluatorOptions options_;
  std::unique_ptr<Router> router_;
  std::map<std::string, WebhookFormat> webhooks_;
  AlertBook book_;
  SilenceBook silences_;
  /// Silences and acknowledgements that came since the last evaluate().
  ChangeSet noted_;
  DeadlineQueue timers_;
  std::optional<TimePoint> sources_change_at_;
  bool look_at_all_ = true;
};

}  // namespace scanclock::alerts
