#pragma once

#include "alerts/delivery.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/memory_outbox.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace scanclock::alerts {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// A receiver whose answers a test decides, an outbox in memory, and virtual time.
class DeliveryTest : public testing::Test {
 protected:
  static constexpr const char* url = "http://hooks.example/scanclock";

  struct Attempt {
    std::string id;
    std::string body;
    TimePoint at;
  };

  DeliveryTest() {
    http.set_handler([this](const HttpRequest& request) -> FakeHttpClient::Answer {
      Attempt attempt;
      attempt.id = find_header(request.headers, "webhook-id").value_or("");
      attempt.body = request.body;
      attempt.at = clock.now();
      attempts.push_back(attempt);
      if (unreachable) {
        return FakeHttpClient::failure(HttpFailureReason::connect, "refused");
      }
      const auto own = answers_by_body.find(request.body);
      return own == answers_by_body.end() ? default_answer : own->second;
    });
  }

  ~DeliveryTest() override { stop(); }

  static Receiver receiver() {
    Receiver one;
    one.name = "oncall";
    one.webhook.emplace();
    one.webhook->url = url;
    return one;
  }

  void start() {
    tasks = std::make_unique<TaskGroup>(io.get_executor(),
                                        [this](std::string_view, std::exception_ptr failure) {
                                          try {
                                            std::rethrow_exception(failure);
                                          } catch (const LeaseLostError&) {
                                            lease_lost = true;
                                          } catch (const std::exception& error) {
                                            ADD_FAILURE() << error.what();
                                          }
                                        });
    start_delivery(receiver());
  }

  void start_delivery(const Receiver& to) {
    const SenderTools tools{clock, http, nullptr};
    delivery = std::make_unique<OutboxDelivery>(
        io.get_executor(), clock, outbox, to.name, make_sender(to, tools),
        [this](std::string_view, std::string_view outcome) { ++outcomes[std::string(outcome)]; });
    tasks->spawn("delivery", delivery->run());
  }

  void stop() {
    if (tasks) {
      run(io, clock, tasks->stop());
      delivery.reset();
      tasks.reset();
    }
  }

  void commit(const std::string& alert, int sequence, const std::string& body) {
    OutboxMessage message;
    message.id = "msg_" + alert + "_" + std::to_string(sequence);
    message.alert_id = alert;
    message.sequence = sequence;
    message.receiver = "oncall";
    message.type = "scanclock.alert.firing";
    message.body = body;
    message.created_at = clock.now();
    message.next_attempt_at = clock.now();
    outbox.add({message});
    if (delivery) {
      delivery->notify();
    }
  }

  void pass(Duration duration) { clock.advance(io, duration); }

  std::vector<std::string> bodies() const {
    std::vector<std::string> texts;
    for (const Attempt& attempt : attempts) {
      texts.push_back(attempt.body);
    }
    return texts;
  }

  asio::io_context io;
  SimClock clock;
  FakeHttpClient http;
  MemoryOutbox outbox;
  std::unique_ptr<TaskGroup> tasks;
  std::unique_ptr<OutboxDelivery> delivery;
  std::vector<Attempt> attempts;
  std::map<std::string, int> outcomes;
  std::map<std::string, HttpResponse> answers_by_body;
  HttpResponse default_answer = answer(200);
  bool unreachable = false;
  bool lease_lost = false;
};

}  // namespace scanclock::alerts
