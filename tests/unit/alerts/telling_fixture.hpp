#pragma once

#include "tests/unit/alerts/rules_fixture.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace scanclock::alerts {

/// A daemon's alerting with a record that outlives it: what one evaluation hands over is stored,
/// and a restart begins with what was stored. Facts stay known over a restart.
class Pager {
 public:
  explicit Pager(EvaluatorOptions evaluator_options) : options(std::move(evaluator_options)) {
    start();
  }

  static Receiver webhook(const std::string& name) {
    Receiver receiver;
    receiver.name = name;
    receiver.webhook.emplace();
    receiver.webhook->url = "http://127.0.0.1:1/hook";
    return receiver;
  }
  static Route route_to(const std::string& receiver, std::vector<std::string> group_by = {}) {
    Route route;
    route.receivers = {receiver};
    route.group_by = std::move(group_by);
    return route;
  }
  static EvaluatorOptions options_with(std::vector<std::string> receivers,
                                       std::vector<Route> routes) {
    EvaluatorOptions options;
    for (const std::string& name : receivers) {
      options.receivers.push_back(webhook(name));
    }
    options.routes = std::move(routes);
    return options;
  }

  void restart() { start(); }
  void reload(EvaluatorOptions changed) {
    options = std::move(changed);
    evaluator->configure(options);
  }

  void evaluate() {
    const Touched touched = world.reevaluate();
    const ChangeSet learned = world.inventory.take_changes();
    ChangeSet changes =
        evaluator->evaluate(world.inventory, world.sources, touched, learned.decisions, world.now);
    for (Alert& alert : changes.alerts) {
      alerts[alert.id] = std::move(alert);
    }
    for (AlertGroup& group : changes.alert_groups) {
      groups[group.id] = std::move(group);
    }
    for (Acknowledgement& acknowledgement : changes.acknowledgements) {
      acknowledgements[acknowledgement.alert_id] = std::move(acknowledgement);
    }
    for (Silence& silence : changes.silences) {
      silences[silence.id] = std::move(silence);
    }
    for (OutboxMessage& message : changes.messages) {
      messages.push_back(std::move(message));
    }
  }

  /// Lets time pass, evaluating when alerting or the inventory asks for it, as the daemon does.
  void pass(Duration duration) {
    evaluate();
    const TimePoint end = world.now + duration;
    for (;;) {
      std::optional<TimePoint> next = evaluator->next_change_at();
      const auto inventory_next = world.inventory.next_change_at();
      if (inventory_next && (!next || *inventory_next < *next)) {
        next = inventory_next;
      }
      if (!next || *next > end) {
        break;
      }
      world.now = std::max(*next, world.now + Duration(1));
      evaluate();
      ++evaluations;
    }
    world.now = std::max(world.now, end);
    evaluate();
  }

  /// `a ScanOverdue` runs without a scan within the last 30 days.
  void add_overdue(char letter) {
    world.add_image(letter);
    world.scan(letter, world.now - days(31));
  }
  void add_due_soon(char letter) {
    world.add_image(letter);
    world.scan(letter, world.now - days(24));
  }

  const Alert& alert(std::string_view rule, char letter) const {
    const auto keys = evaluator->book().keys_of(rule, AlertWorld::digest(letter).str());
    return *evaluator->book().find(keys.at(0));
  }

  void silence(const std::string& label, const std::string& value, Duration duration) {
    Silence silence;
    silence.id = "sil_" + std::to_string(++silence_count);
    silence.matchers = {{label, MatchOperator::equal, value}};
    silence.created_at = silence.starts_at = world.now;
    silence.expires_at = world.now + duration;
    evaluator->put(silence);
  }
  void take(const Alert& alert, Duration duration) {
    Acknowledgement taken;
    taken.alert_id = alert.id;
    taken.at = world.now;
    taken.expires_at = world.now + duration;
    evaluator->put(taken);
  }

  /// What a receiver was sent since it was last asked, an alert as `a ScanOverdue firing`, a group
  /// as `1+1 (firing): a ScanOverdue firing; …` with the numbers of firing and of resolved ones.
  std::vector<std::string> heard(const std::string& receiver) {
    std::vector<std::string> texts;
    std::size_t& from = read[receiver];
    for (; from < messages.size(); ++from) {
      if (messages[from].receiver == receiver) {
        texts.push_back(text_of(nlohmann::json::parse(messages[from].body)));
      }
    }
    return texts;
  }

  static std::string text_of(const nlohmann::json& body) {
    const nlohmann::json& data = body["data"];
    if (body["type"] != "scanclock.group") {
      const std::string type = body["type"].get<std::string>().substr(16);
      const bool repeated = type == "firing" && data["changed"].empty();
      return text_of_alert(data, repeated ? "repeated" : type);
    }
    std::string text = std::to_string(data["counts"]["firing"].get<int>()) + "+" +
                       std::to_string(data["counts"]["resolved"].get<int>()) + " (" +
                       data["cause"].get<std::string>() + "):";
    for (const nlohmann::json& alert : data["alerts"]) {
      const std::string state = alert["state"];
      text += " " + text_of_alert(alert, alert["changed"].empty() ? "goes on" : state) + ";";
    }
    return text.substr(0, text.size() - 1);
  }

  static std::string text_of_alert(const nlohmann::json& data, const std::string& state) {
    const std::string rule = data["rule"].get<std::string>().substr(9);
    const std::string digest = data["labels"].value("digest", "sha256:?");
    const std::string reason =
        data["resolved_reason"].is_null() ? "" : ":" + data["resolved_reason"].get<std::string>();
    return digest.substr(7, 1) + " " + rule + " " + state + reason;
  }

  AlertWorld world;
  EvaluatorOptions options;
  int ids = 0;
  int silence_count = 0;
  int evaluations = 0;
  std::unique_ptr<Evaluator> evaluator;
  /// The record.
  std::map<std::string, Alert> alerts;
  std::map<std::string, AlertGroup> groups;
  std::map<std::string, Silence> silences;
  std::map<std::string, Acknowledgement> acknowledgements;
  std::vector<OutboxMessage> messages;
  std::map<std::string, std::size_t> read;

 private:
  void start() {
    Snapshot snapshot;
    for (const auto& [id, alert] : alerts) {
      snapshot.alerts.push_back(alert);
    }
    for (const auto& [id, group] : groups) {
      snapshot.alert_groups.push_back(group);
    }
    for (const auto& [id, silence] : silences) {
      snapshot.silences.push_back(silence);
    }
    for (const auto& [id, acknowledgement] : acknowledgements) {
      snapshot.acknowledgements.push_back(acknowledgement);
    }
    evaluator =
        std::make_unique<Evaluator>(options, [this] { return "alert-" + std::to_string(++ids); });
    evaluator->restore(snapshot);
  }
};

}  // namespace scanclock::alerts
