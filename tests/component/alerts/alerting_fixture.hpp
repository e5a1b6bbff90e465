#pragma once

#include "alerts/alerting.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/support/alert_world.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/memory_outbox.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace scanclock::alerts {

inline constexpr const char* hook = "http://hooks.example/scanclock";
inline constexpr const char* alertmanager = "http://127.0.0.1:9093";

/// The alerts room as the daemon uses it: facts, evaluation, commit, delivery, in virtual time.
class AlertingTest : public testing::Test {
 protected:
  AlertingTest() {
    options.evaluator.external_url = "https://scanclock.example";
    Receiver webhook;
    webhook.name = "oncall";
    webhook.webhook.emplace();
    webhook.webhook->url = hook;
    options.evaluator.receivers.push_back(webhook);
    options.new_id = [this] { return "alert-" + std::to_string(++ids); };
    http.set_handler([this](const HttpRequest& request) -> FakeHttpClient::Answer {
      if (!reachable) {
        return FakeHttpClient::failure(HttpFailureReason::connect, "refused");
      }
      heard[request.url].push_back(nlohmann::json::parse(request.body));
      return answer(status);
    });
    world.add_image('a');
    world.scan('a', world.now - std::chrono::hours(24 * 31));
    world.run("a");
  }

  ~AlertingTest() override { stop(); }

  void start() {
    alerting = std::make_unique<Alerting>(io.get_executor(), clock, http, outbox, options);
    Snapshot snapshot;
    snapshot.alerts = stored_alerts();
    alerting->restore(snapshot);
    tasks = std::make_unique<TaskGroup>(
        io.get_executor(),
        [](std::string_view name, std::exception_ptr) { ADD_FAILURE() << name << " ended"; });
    tasks->spawn("alerting", alerting->run(world.inventory));
  }

  void stop() {
    if (tasks) {
      run(io, clock, tasks->stop());
      tasks.reset();
      alerting.reset();
    }
  }

  /// One step of the daemon: conclude, store, wake.
  void step() {
    world.now = clock.now();
    const Touched touched = world.reevaluate();
    const ChangeSet learned = world.inventory.take_changes();
    const ChangeSet changes =
        alerting->evaluate(world.inventory, world.sources, touched, learned.decisions, clock.now());
    for (const Alert& alert : changes.alerts) {
      alerts[alert.id] = alert;
    }
    outbox.add(changes.messages);
    alerting->committed();
    clock.advance(io, Duration::zero());
  }

  std::vector<Alert> stored_alerts() const {
    std::vector<Alert> list;
    for (const auto& [id, alert] : alerts) {
      list.push_back(alert);
    }
    return list;
  }

  std::vector<std::string> types() {
    std::vector<std::string> list;
    for (const nlohmann::json& message : heard[hook]) {
      list.push_back(message["data"]["rule"].get<std::string>() + " " +
                     message["type"].get<std::string>());
    }
    return list;
  }

  asio::io_context io;
  SimClock clock;
  FakeHttpClient http;
  MemoryOutbox outbox;
  AlertWorld world;
  AlertingOptions options;
  int ids = 0;
  std::unique_ptr<TaskGroup> tasks;
  std::unique_ptr<Alerting> alerting;
  std::map<std::string, Alert> alerts;
  std::map<std::string, std::vector<nlohmann::json>> heard;
  bool reachable = true;
  int status = 200;
};

}  // namespace scanclock::alerts
