#include "alerts/message.hpp"
#include "alerts/receiver_trial.hpp"
#include "alerts/receivers/opsgenie.hpp"
#include "alerts/sender.hpp"
#include "core/domain/inventory.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"
#include "tests/support/stub_http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace scanclock::alerts {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// A receiver of each kind that leads to one HTTP server over loopback, which answers as the vendor
/// says that it does.
class Senders : public testing::Test {
 protected:
  Senders() {
    clock.set_io_patience(std::chrono::milliseconds(5));
    http = make_http_client(clock, make_dns_resolver(clock), HttpClientOptions());
    server = std::make_unique<StubHttpServer>(io, clock);
  }

  ~Senders() override { http.reset(); }

  SenderTools tools() { return {clock, *http, nullptr}; }

  Receiver pagerduty() const {
    Receiver receiver;
    receiver.name = "pager";
    receiver.pagerduty.emplace();
    receiver.pagerduty->url = server->url("");
    receiver.pagerduty->routing_key = "hunter2hunter2hunter2hunter2hunt";
    return receiver;
  }
  Receiver slack() const {
    Receiver receiver;
    receiver.name = "chat";
    receiver.slack.emplace();
    receiver.slack->url = server->url("/services/T0/B0/hunter3");
    return receiver;
  }
  Receiver teams() const {
    Receiver receiver;
    receiver.name = "rooms";
    receiver.teams.emplace();
    receiver.teams->url = server->url("/workflows/hunter4");
    return receiver;
  }
  Receiver opsgenie() const {
    Receiver receiver;
    receiver.name = "genie";
    receiver.opsgenie.emplace();
    receiver.opsgenie->url = server->url("");
    receiver.opsgenie->api_key = "hunter5";
    return receiver;
  }

  static OutboxMessage message_with(const std::string& body) {
    OutboxMessage message;
    message.id = "msg_1";
    message.body = body;
    return message;
  }

  SendOutcome send(const Receiver& receiver, const std::string& body) {
    return run(io, clock, make_sender(receiver, tools())->send(message_with(body)));
  }

  asio::io_context io;
  SimClock clock;
  std::unique_ptr<HttpClient> http;
  std::unique_ptr<StubHttpServer> server;
};

TEST_F(Senders, GivePagerDutyItsKeyWithinTheEvent) {
  server->on("/v2/enqueue", answer(202, R"({"status":"success","dedup_key":"a"})"));
  const SendOutcome outcome = send(pagerduty(), R"({"event_action":"trigger","dedup_key":"a"})");
  EXPECT_EQ(outcome.status, 202);
  const json event = json::parse(server->requests().at(0).body);
  EXPECT_EQ(event["routing_key"], "hunter2hunter2hunter2hunter2hunt");
  EXPECT_EQ(event["dedup_key"], "a");
}

TEST_F(Senders, ShowWhatAVendorAnsweredAndNoSecretInIt) {
  server->on("/v2/enqueue", answer(400,
                                   "{\"status\":\"invalid event\",\n\"errors\":[\"routing_key "
                                   "hunter2hunter2hunter2hunter2hunt is unknown\"]}"));
  const SendOutcome refused = send(pagerduty(), "{\"a\":1}");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.answer, HasSubstr("invalid event"));
  EXPECT_THAT(refused.answer, HasSubstr("<secret>"));
  EXPECT_THAT(refused.answer, Not(HasSubstr("hunter2")));
  server->on("/services", answer(404, "no route for /services/T0/B0/hunter3"));
  EXPECT_THAT(send(slack(), "{}").answer, Not(HasSubstr("hunter3")));
  server->stop();
  for (const Receiver& receiver : {pagerduty(), slack(), teams()}) {
    const SendOutcome away = send(receiver, "{\"a\":1}");
    EXPECT_EQ(away.status, 0);
    EXPECT_THAT(away.failure, Not(HasSubstr("hunter")));
    EXPECT_THAT(away.failure, HasSubstr("connect"));
  }
}

TEST_F(Senders, PassOnHowLongToWait) {
  server->on("/services", with_header(answer(429, "rate_limited"), "Retry-After", "30"));
  EXPECT_EQ(send(slack(), "{}").retry_after, "30");
  server->on("/workflows",
             with_header(answer(429, ""), "Retry-After", "Sun, 01 Nov 2026 13:00:00 GMT"));
  EXPECT_EQ(send(teams(), "{}").retry_after, "Sun, 01 Nov 2026 13:00:00 GMT");
}

TEST_F(Senders, FollowNoRedirectAndReadNoEndlessAnswer) {
  server->on("/services", with_header(answer(302, ""), "Location", server->url("/elsewhere")));
  EXPECT_EQ(send(slack(), "{}").status, 302);
  EXPECT_EQ(server->count("POST", "/elsewhere"), 0u);
  server->on("/services", answer(200, std::string(response_bytes_max + 1, 'x')));
  const SendOutcome outcome = send(slack(), "{}");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.failure, HasSubstr("body_too_large"));
}

TEST_F(Senders, SendOpsgenieEveryRequestOfAMessageInOrder) {
  server->on("/v2/alerts", answer(202, R"({"result":"Request will be processed"})"));
  const std::string body =
      R"({"opsgenie":[{"method":"POST","path":"/v2/alerts","body":{"alias":"a"}},)"
      R"({"method":"PUT","path":"/v2/alerts/a/message?identifierType=alias","body":{}}]})";
  EXPECT_EQ(send(opsgenie(), body).status, 202);
  ASSERT_EQ(server->requests().size(), 2u);
  EXPECT_EQ(server->requests()[0].method, "POST");
  EXPECT_EQ(server->requests()[1].method, "PUT");
  EXPECT_EQ(server->requests()[1].target, "/v2/alerts/a/message?identifierType=alias");
  EXPECT_EQ(find_header(server->requests()[0].headers, "Authorization"), "GenieKey hunter5");
  EXPECT_EQ(server->requests()[0].body, R"({"alias":"a"})");
}

TEST_F(Senders, StopAtTheFirstRequestThatOpsgenieRefuses) {
  server->on("/v2/alerts", answer(422, R"({"message":"Key format is not valid!"})"));
  const std::string body = R"({"opsgenie":[{"method":"POST","path":"/v2/alerts","body":{}},)"
                           R"({"method":"PUT","path":"/v2/alerts/a/message","body":{}}]})";
  const SendOutcome outcome = send(opsgenie(), body);
  EXPECT_EQ(outcome.status, 422);
  EXPECT_THAT(outcome.answer, HasSubstr("Key format"));
  EXPECT_EQ(server->requests().size(), 1u);
}

TEST_F(Senders, SetAMessageOfAnotherKindAside) {
  const SendOutcome outcome = send(opsgenie(), R"({"type":"scanclock.alert.firing"})");
  EXPECT_EQ(outcome.status, 422);
  EXPECT_THAT(outcome.answer, HasSubstr("another kind"));
  EXPECT_TRUE(server->requests().empty());
}

struct PaceCase {
  const char* what;
  Receiver receiver;
  Duration interval;
};

TEST_F(Senders, KeepThePaceThatAVendorAllows) {
  const std::string body =
      R"({"opsgenie":[{"method":"POST","path":"/v2/alerts","body":{"alias":"a"}}]})";
  const PaceCase cases[] = {
      {"pagerduty", pagerduty(), std::chrono::milliseconds(500)},
      {"slack", slack(), seconds(1)},
      {"teams", teams(), std::chrono::milliseconds(250)},
      {"opsgenie", opsgenie(), std::chrono::milliseconds(250)},
  };
  std::vector<TimePoint> times;
  server->on("/", [&](const HttpServerRequest&) {
    times.push_back(clock.now());
    return answer(202, "ok");
  });
  for (const PaceCase& one : cases) {
    times.clear();
    const auto sender = make_sender(one.receiver, tools());
    TaskGroup tasks(io.get_executor(), nullptr);
    const auto task = [](Sender& with, OutboxMessage message) -> asio::awaitable<void> {
      co_await with.send(std::move(message));
    };
    for (int i = 0; i < 5; ++i) {
      tasks.spawn("send", task(*sender, message_with(body)));
    }
    run(io, clock, tasks.join());
    ASSERT_EQ(times.size(), 5u) << one.what;
    for (std::size_t i = 1; i < times.size(); ++i) {
      EXPECT_GE(times[i] - times[i - 1], one.interval * 9 / 10) << one.what;
    }
    EXPECT_LE(times.back() - times.front(), one.interval * 5) << one.what;
  }
}

TEST_F(Senders, TryAReceiverWithAMessageThatSaysWhatItIs) {
  server->on("/v2/enqueue", answer(202, "{}"));
  const Inventory inventory{Scope()};
  const std::string external_url = "https://scanclock.example";
  const MessageInput input{inventory, external_url, clock.now()};
  const Receiver pager = pagerduty();
  const SenderTools with = tools();
  const ReceiverTrial trial = run(io, clock, try_receiver(pager, with, input));
  EXPECT_TRUE(trial.delivered) << trial.error;
  EXPECT_EQ(trial.receiver, "pager");
  EXPECT_EQ(trial.kind, "pagerduty");
  EXPECT_EQ(trial.status, 202);
  const json event = json::parse(server->requests().at(0).body);
  EXPECT_EQ(event["payload"]["summary"], "[INFO] TEST of receiver pager: nothing is wrong");
  EXPECT_EQ(event["payload"]["severity"], "info");
  EXPECT_THAT(event["dedup_key"].get<std::string>(), testing::StartsWith("test_"));

  server->on("/services", answer(404, "no_service"));
  const Receiver chat = slack();
  const ReceiverTrial refused = run(io, clock, try_receiver(chat, with, input));
  EXPECT_FALSE(refused.delivered);
  EXPECT_EQ(refused.status, 404);
  EXPECT_EQ(refused.error, "the receiver answered 404: no_service");
}

TEST_F(Senders, TryEveryAlertmanagerOfAReceiver) {
  server->on("/api/v2/alerts", answer(200, ""));
  Receiver receiver;
  receiver.name = "managers";
  receiver.alertmanager.emplace();
  receiver.alertmanager->urls = {server->url(""), server->url("/second")};
  const Inventory inventory{Scope()};
  const std::string external_url;
  const MessageInput input{inventory, external_url, clock.now()};
  const SenderTools with = tools();
  const ReceiverTrial trial = run(io, clock, try_receiver(receiver, with, input));
  EXPECT_FALSE(trial.delivered);
  EXPECT_EQ(trial.status, 404);
  EXPECT_EQ(trial.error, server->address() + ": answered 404");
  const json alerts = json::parse(server->requests().at(0).body);
  EXPECT_EQ(alerts[0]["labels"]["alertname"], "ScanclockTest");
  EXPECT_EQ(alerts[0]["labels"]["severity"], "none");
}

}  // namespace
}  // namespace scanclock::alerts
