#include "alerts/standard_webhooks.hpp"
#include "tests/component/alerts/delivery_fixture.hpp"

namespace scanclock::alerts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using State = MemoryOutbox::State;

class Delivery : public DeliveryTest {};

TEST_F(Delivery, SendsAMessageAtOnceAndOnce) {
  start();
  pass(seconds(10));
  commit("a", 1, "one");
  pass(Duration::zero());
  EXPECT_THAT(bodies(), ElementsAre("one"));
  EXPECT_EQ(outbox.row("msg_a_1").state, State::delivered);
  EXPECT_EQ(attempts[0].id, "msg_a_1");
  pass(hours(24));
  EXPECT_EQ(attempts.size(), 1u);
  EXPECT_EQ(outcomes["delivered"], 1);
}

TEST_F(Delivery, SendsWhatWasCommittedBeforeItStarted) {
  commit("a", 1, "one");
  start();
  pass(seconds(1));
  EXPECT_THAT(bodies(), ElementsAre("one"));
}

TEST_F(Delivery, SleepsWhileNothingIsDue) {
  start();
  pass(hours(1));
  EXPECT_LE(outbox.claims(), 62u);
}

TEST_F(Delivery, RetriesOnTheScheduleOfTheContractUnderTheSameId) {
  unreachable = true;
  start();
  commit("a", 1, "one");
  pass(minutes(30));
  ASSERT_GE(attempts.size(), 7u);
  const Duration waits[] = {seconds(5), seconds(15), minutes(1), minutes(5), minutes(5)};
  for (std::size_t i = 0; i < std::size(waits); ++i) {
    const Duration waited = attempts[i + 1].at - attempts[i].at;
    EXPECT_GE(waited, waits[i] * 9 / 10) << i;
    EXPECT_LE(waited, waits[i] * 11 / 10) << i;
    EXPECT_EQ(attempts[i].id, "msg_a_1");
  }
}

TEST_F(Delivery, SurvivesAReceiverThatIsDownForDays) {
  unreachable = true;
  start();
  for (int i = 0; i < 20; ++i) {
    const std::string alert = "alert" + std::to_string(i);
    commit(alert, 1, alert + ":firing");
    commit(alert, 2, alert + ":resolved");
  }
  pass(hours(72));
  EXPECT_EQ(outbox.count(State::waiting), 40u);
  unreachable = false;
  attempts.clear();
  pass(minutes(12));
  EXPECT_EQ(outbox.count(State::delivered), 40u);
  std::map<std::string, std::vector<std::string>> by_alert;
  for (const std::string& body : bodies()) {
    by_alert[body.substr(0, body.find(':'))].push_back(body);
  }
  for (const auto& [alert, heard] : by_alert) {
    EXPECT_THAT(heard, ElementsAre(alert + ":firing", alert + ":resolved"));
  }
}

TEST_F(Delivery, SetsAMessageAsideAfterSeventyFiveHours) {
  unreachable = true;
  start();
  commit("a", 1, "one");
  pass(hours(75) + minutes(6));
  EXPECT_EQ(outbox.row("msg_a_1").state, State::set_aside);
  EXPECT_EQ(outcomes["set_aside"], 1);
}

TEST_F(Delivery, SetsPoisonAsideAndDeliversWhatFollows) {
  answers_by_body["poison"] = answer(400);
  start();
  commit("a", 1, "poison");
  commit("a", 2, "after");
  commit("b", 1, "other");
  pass(seconds(2));
  EXPECT_EQ(outbox.row("msg_a_1").state, State::set_aside);
  EXPECT_EQ(outbox.row("msg_a_2").state, State::delivered);
  EXPECT_EQ(outbox.row("msg_b_1").state, State::delivered);
  EXPECT_EQ(std::count_if(attempts.begin(), attempts.end(),
                          [](const Attempt& attempt) { return attempt.body == "poison"; }),
            1);
}

TEST_F(Delivery, KeepsTheOrderOfAnAlertWhileOthersGoOn) {
  answers_by_body["a1"] = answer(503);
  start();
  commit("a", 1, "a1");
  commit("a", 2, "a2");
  commit("b", 1, "b1");
  pass(seconds(3));
  EXPECT_THAT(bodies(), ElementsAre("a1", "b1"));
  answers_by_body.clear();
  pass(seconds(10));
  EXPECT_THAT(bodies(), ElementsAre("a1", "b1", "a1", "a2"));
}

TEST_F(Delivery, RecordsTheStatusOfEveryAnswer) {
  answers_by_body["poison"] = answer(400);
  answers_by_body["gone"] = answer(410);
  answers_by_body["busy"] = answer(503);
  start();
  commit("a", 1, "poison");
  commit("b", 1, "busy");
  pass(seconds(3));
  answers_by_body.erase("busy");
  pass(seconds(10));
  unreachable = true;
  commit("c", 1, "nobody answers");
  pass(seconds(1));
  unreachable = false;
  pass(seconds(10));
  commit("d", 1, "gone");
  pass(seconds(3));
  const auto statuses = [&](const std::string& id) {
    std::vector<int> all;
    for (const NotificationAttempt& attempt : outbox.row(id).attempts) {
      all.push_back(attempt.status);
    }
    return all;
  };
  EXPECT_THAT(statuses("msg_a_1"), ElementsAre(400));
  EXPECT_THAT(statuses("msg_b_1"), ElementsAre(503, 200));
  EXPECT_THAT(statuses("msg_c_1"), ElementsAre(0, 200));
  EXPECT_THAT(statuses("msg_d_1"), ElementsAre(410));
}

TEST_F(Delivery, WaitsAsLongAsTheReceiverAsks) {
  default_answer = with_header(answer(429), "Retry-After", "90");
  start();
  commit("a", 1, "one");
  pass(seconds(89));
  EXPECT_EQ(attempts.size(), 1u);
  default_answer = answer(204);
  pass(seconds(1));
  EXPECT_EQ(attempts.size(), 2u);
  EXPECT_EQ(outbox.row("msg_a_1").state, State::delivered);
}

TEST_F(Delivery, DoesNotTakeARedirectForSuccess) {
  default_answer = with_header(answer(302), "Location", "http://elsewhere.example/");
  start();
  commit("a", 1, "one");
  pass(seconds(1));
  EXPECT_EQ(outbox.row("msg_a_1").state, State::waiting);
  EXPECT_EQ(http.count("POST", "http://elsewhere.example"), 0u);
}

TEST_F(Delivery, StopsAReceiverThatIsGoneAndKeepsItsMessages) {
  default_answer = answer(410);
  start();
  commit("a", 1, "one");
  commit("a", 2, "two");
  pass(hours(5));
  EXPECT_EQ(attempts.size(), 1u);
  EXPECT_TRUE(delivery->stopped());
  EXPECT_EQ(outbox.count(State::waiting), 2u);
  EXPECT_EQ(outcomes["stopped"], 1);

  stop();
  default_answer = answer(200);
  start();
  pass(seconds(1));
  EXPECT_THAT(bodies(), ElementsAre("one", "one", "two"));
}

TEST_F(Delivery, HasNoMoreMessagesOnTheirWayThanTheSenderAllows) {
  std::size_t present = 0;
  std::size_t most = 0;
  http.set_async_handler([&](HttpRequest) -> asio::awaitable<FakeHttpClient::Answer> {
    most = std::max(most, ++present);
    co_await clock.sleep(seconds(1));
    --present;
    co_return answer(200);
  });
  start();
  for (int i = 0; i < 200; ++i) {
    commit("alert" + std::to_string(i), 1, "x");
  }
  pass(seconds(5));
  EXPECT_EQ(most, 64u);
  EXPECT_EQ(outbox.count(State::delivered), 200u);
}

TEST_F(Delivery, ClaimsManyAtATimeFromAQuickReceiver) {
  start();
  for (int i = 0; i < 5000; ++i) {
    commit("alert" + std::to_string(i), 1, "x");
  }
  pass(seconds(10));
  EXPECT_EQ(outbox.count(State::delivered), 5000u);
  EXPECT_LE(outbox.claims(), 200u);
}

TEST_F(Delivery, GivesBackWhatWaitsBehindAReceiverThatBecameSlow) {
  Duration slowness{0};
  http.set_async_handler([&](HttpRequest request) -> asio::awaitable<FakeHttpClient::Answer> {
    Attempt attempt;
    attempt.id = find_header(request.headers, "webhook-id").value_or("");
    attempts.push_back(attempt);
    co_await clock.sleep(slowness);
    co_return answer(200);
  });
  start();
  for (int i = 0; i < 300; ++i) {
    commit("quick" + std::to_string(i), 1, "x");
  }
  pass(seconds(5));
  slowness = seconds(18);
  for (int i = 0; i < 600; ++i) {
    commit("slow" + std::to_string(i), 1, "x");
  }
  pass(minutes(10));
  EXPECT_EQ(outbox.count(State::delivered), 900u);
  std::map<std::string, int> times;
  for (const Attempt& attempt : attempts) {
    ++times[attempt.id];
  }
  for (const auto& [id, count] : times) {
    EXPECT_EQ(count, 1) << id << ": a message on its way was claimed again";
  }
}

TEST_F(Delivery, WritesDownAtTheEndWhatWasDelivered) {
  start();
  outbox.set_away(false);
  http.set_async_handler([&](HttpRequest) -> asio::awaitable<FakeHttpClient::Answer> {
    outbox.set_away(true);
    co_return answer(200);
  });
  commit("a", 1, "one");
  pass(seconds(1));
  EXPECT_EQ(outbox.row("msg_a_1").state, State::waiting);
  outbox.set_away(false);
  stop();
  EXPECT_EQ(outbox.row("msg_a_1").state, State::delivered);
}

TEST_F(Delivery, KnowsSinceWhenAReceiverFails) {
  start();
  pass(seconds(1));
  EXPECT_FALSE(delivery->failing_since());
  unreachable = true;
  const TimePoint began = clock.now();
  commit("a", 1, "one");
  pass(minutes(3));
  EXPECT_EQ(delivery->failing_since(), began);
  EXPECT_EQ(delivery->last_error(), "the receiver cannot be reached: connect");
  EXPECT_FALSE(delivery->last_delivered_at());
  unreachable = false;
  pass(minutes(6));
  EXPECT_FALSE(delivery->failing_since());
  EXPECT_EQ(delivery->last_error(), "");
  EXPECT_TRUE(delivery->last_delivered_at());
}

TEST_F(Delivery, SignsEveryAttemptWithItsOwnTime) {
  stop();
  Receiver signed_receiver = receiver();
  signed_receiver.webhook->signing_secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
  const std::vector<std::string> keys{
      decode_signing_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")};
  default_answer = answer(503);
  tasks = std::make_unique<TaskGroup>(io.get_executor(), nullptr);
  start_delivery(signed_receiver);
  commit("a", 1, "body");
  pass(minutes(1));
  const auto& requests = http.requests();
  ASSERT_GE(requests.size(), 2u);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(find_header(requests[i].headers, "webhook-signature"),
              webhook_signature(keys, "msg_a_1", attempts[i].at, "body"));
  }
}

TEST_F(Delivery, GoesOnWhenTheDatabaseComesBack) {
  outbox.set_away(true);
  start();
  commit("a", 1, "one");
  pass(minutes(10));
  EXPECT_THAT(attempts, IsEmpty());
  outbox.set_away(false);
  pass(minutes(1));
  EXPECT_THAT(bodies(), ElementsAre("one"));
}

TEST_F(Delivery, DoesNotSendTwiceWhatItCouldNotWriteDown) {
  http.set_async_handler([&](HttpRequest request) -> asio::awaitable<FakeHttpClient::Answer> {
    Attempt attempt;
    attempt.body = request.body;
    attempts.push_back(attempt);
    outbox.set_away(true);
    co_return answer(200);
  });
  start();
  commit("a", 1, "one");
  pass(minutes(30));
  EXPECT_EQ(attempts.size(), 1u);
  outbox.set_away(false);
  pass(minutes(5));
  EXPECT_EQ(outbox.row("msg_a_1").state, State::delivered);
  EXPECT_EQ(attempts.size(), 1u);
}

TEST_F(Delivery, RepeatsUnderTheSameIdWhatACrashInterrupted) {
  http.set_async_handler([&](HttpRequest request) -> asio::awaitable<FakeHttpClient::Answer> {
    Attempt attempt;
    attempt.id = find_header(request.headers, "webhook-id").value_or("");
    attempts.push_back(attempt);
    co_await clock.sleep(seconds(10));
    co_return answer(200);
  });
  start();
  commit("a", 1, "one");
  pass(seconds(5));
  stop();
  EXPECT_EQ(outbox.row("msg_a_1").state, State::waiting);
  start();
  pass(delivery_lease + seconds(15));
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[0].id, attempts[1].id);
  EXPECT_EQ(outbox.row("msg_a_1").state, State::delivered);
}

TEST_F(Delivery, EndsWhenAnotherDaemonHoldsTheLease) {
  start();
  pass(seconds(1));
  outbox.set_lease_lost(true);
  commit("a", 1, "one");
  pass(seconds(1));
  EXPECT_TRUE(lease_lost);
  EXPECT_THAT(attempts, IsEmpty());
}

TEST(WebhookSender, RefusesASecretThatIsNone) {
  SimClock clock;
  FakeHttpClient http;
  Receiver receiver;
  receiver.name = "oncall";
  receiver.webhook.emplace();
  receiver.webhook->signing_secrets = {"hunter2"};
  const SenderTools tools{clock, http, nullptr};
  EXPECT_THROW(make_sender(receiver, tools), std::invalid_argument);
}

}  // namespace
}  // namespace scanclock::alerts
