#pragma once

#include "alerts/evaluator.hpp"
#include "tests/support/alert_world.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scanclock::alerts {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration days(int count) { return hours(24 * count); }

/// What a daemon finds when it starts: this alert.
inline Snapshot with_alert(const Alert& alert) {
  Snapshot snapshot;
  snapshot.alerts.push_back(alert);
  return snapshot;
}

/// An evaluator over a world, with one webhook receiver `oncall` and no routes.
class Episode {
 public:
  Episode() : Episode(AlertWorld::default_scope(), default_options()) {}
  explicit Episode(Scope scope) : Episode(std::move(scope), default_options()) {}
  Episode(Scope scope, EvaluatorOptions evaluator_options)
      : world(std::move(scope)),
        options(evaluator_options),
        evaluator(std::move(evaluator_options), [this] { return new_id(); }) {}

  static EvaluatorOptions default_options() {
    EvaluatorOptions options;
    options.external_url = "https://scanclock.example";
    options.rules.runbook_base = "https://scanclock.example/runbook";
    Receiver receiver;
    receiver.name = "oncall";
    receiver.webhook.emplace();
    receiver.webhook->url = "http://127.0.0.1:1/hook";
    options.receivers.push_back(receiver);
    return options;
  }

  std::string new_id() { return "alert-" + std::to_string(++ids); }

  /// What one evaluation at `world.now` produces.
  ChangeSet evaluate() {
    const Touched touched = world.reevaluate();
    const ChangeSet learned = world.inventory.take_changes();
    return evaluator.evaluate(world.inventory, world.sources, touched, learned.decisions,
                              world.now);
  }

  /// Lets time pass, evaluating only when the evaluator or the inventory asks for it, as the
  /// daemon does.
  ChangeSet pass(Duration duration) {
    ChangeSet all = evaluate();
    const TimePoint end = world.now + duration;
    for (;;) {
      std::optional<TimePoint> next = evaluator.next_change_at();
      const auto inventory_next = world.inventory.next_change_at();
      if (inventory_next && (!next || *inventory_next < *next)) {
        next = inventory_next;
      }
      if (!next || *next > end) {
        break;
      }
      world.now = std::max(*next, world.now);
      all.append(evaluate());
    }
    world.now = end;
    all.append(evaluate());
    return all;
  }

  /// `Rule:state` of each message, in order: what a receiver hears.
  static std::vector<std::string> heard(const ChangeSet& changes) {
    std::vector<std::string> texts;
    for (const AlertEvent& event : changes.alert_events) {
      for (const Alert& alert : changes.alerts) {
        if (alert.id == event.alert_id && alert.sequence == event.sequence) {
          std::string text = alert.key.rule + ":" + std::string(to_string(event.kind));
          texts.push_back(alert.firing ? text : text + ":" + alert.resolved_reason);
          break;
        }
      }
    }
    return texts;
  }

  std::vector<std::string> open_rules() const {
    std::vector<std::string> rules;
    for (const Alert& alert : evaluator.book().open()) {
      rules.push_back(alert.key.rule);
    }
    return rules;
  }

  const Alert* find(std::string_view rule, const std::string& subject) const {
    const auto keys = evaluator.book().keys_of(rule, subject);
    return keys.empty() ? nullptr : evaluator.book().find(keys.front());
  }
  const Alert* find(std::string_view rule, char letter) const {
    return find(rule, AlertWorld::digest(letter).str());
  }

  AlertWorld world;
  EvaluatorOptions options;
  int ids = 0;
  Evaluator evaluator;
};

using Texts = std::vector<std::string>;

}  // namespace scanclock::alerts
