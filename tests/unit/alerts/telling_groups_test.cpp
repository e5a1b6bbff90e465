#include "alerts/rule_parts.hpp"
#include "tests/unit/alerts/telling_fixture.hpp"

#include <gmock/gmock.h>

namespace scanclock::alerts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// `oncall`, told of alerts by owner: 30 s of waiting, 5 min between messages, repeats after 4 h.
class GroupedNews : public testing::Test {
 protected:
  GroupedNews() : pager(Pager::options_with({"oncall"}, {Pager::route_to("oncall", {"owner"})})) {}

  AlertWorld& world() { return pager.world; }
  nlohmann::json last_data() { return nlohmann::json::parse(pager.messages.back().body)["data"]; }

  Pager pager;
};

TEST_F(GroupedNews, WaitForCompanyAndShareAMessage) {
  pager.add_overdue('a');
  pager.add_overdue('b');
  world().run("a");
  pager.pass(seconds(20));
  world().run("ab");
  pager.pass(seconds(10) - Duration(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  pager.pass(Duration(1));
  EXPECT_THAT(pager.heard("oncall"),
              ElementsAre("2+0 (firing): a ScanOverdue firing; b ScanOverdue firing"));
  const OutboxMessage& message = pager.messages.back();
  EXPECT_EQ(message.type, "scanclock.group");
  EXPECT_EQ(message.alert_id, group_id_of("oncall", "{owner=\"payments\"}"));
  EXPECT_EQ(message.id, "msg_" + message.alert_id + "_1");
  EXPECT_THAT(message.alert_ids, ElementsAre("alert-1", "alert-2"));
  EXPECT_EQ(last_data()["group_key"], "{owner=\"payments\"}");
  EXPECT_EQ(last_data()["truncated_alerts"], 0);
}

TEST_F(GroupedNews, WaitForTheIntervalAfterTheLastMessage) {
  pager.add_overdue('a');
  pager.add_overdue('b');
  world().run("a");
  pager.pass(seconds(30));
  pager.heard("oncall");
  world().run("ab");
  pager.pass(minutes(5) - Duration(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  pager.pass(Duration(1));
  EXPECT_THAT(pager.heard("oncall"),
              ElementsAre("2+0 (updated): b ScanOverdue firing; a ScanOverdue goes on"));
  world().scan('a', world().now);
  pager.pass(hours(1));
  EXPECT_THAT(pager.heard("oncall"),
              ElementsAre("1+1 (updated): a ScanOverdue resolved:scanned; b ScanOverdue goes on"));
  world().scan('b', world().now);
  pager.evaluate();
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("0+1 (resolved): b ScanOverdue resolved:scanned"))
      << "the interval was over";
  EXPECT_EQ(last_data()["state"], "resolved");
}

TEST_F(GroupedNews, OfAGroupThatWasClosedWaitAsTheFirstDid) {
  pager.add_overdue('a');
  pager.add_overdue('b');
  world().run("a");
  pager.pass(minutes(10));
  world().scan('a', world().now);
  pager.pass(seconds(10));
  pager.heard("oncall");
  world().run("ab");
  pager.pass(seconds(30));
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("1+0 (firing): b ScanOverdue firing"));
  EXPECT_EQ(pager.messages.back().sequence, 3);
}

TEST_F(GroupedNews, AreRepeatedAsAWhole) {
  pager.add_overdue('a');
  pager.add_overdue('b');
  world().run("ab");
  pager.pass(seconds(30));
  pager.heard("oncall");
  pager.pass(hours(4) - Duration(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  pager.pass(hours(4) + Duration(1));
  EXPECT_THAT(pager.heard("oncall"),
              ElementsAre("2+0 (repeated): a ScanOverdue goes on; b ScanOverdue goes on",
                          "2+0 (repeated): a ScanOverdue goes on; b ScanOverdue goes on"));
  EXPECT_THAT(pager.messages.back().alert_ids, ElementsAre("alert-1", "alert-2"));
}

TEST_F(GroupedNews, AreNotRepeatedWhenAllOfItIsSilenced) {
  pager.add_overdue('a');
  world().run("a");
  pager.pass(seconds(30));
  pager.heard("oncall");
  pager.silence("owner", "payments", hours(10));
  pager.pass(hours(10) - seconds(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  pager.pass(seconds(1));
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("1+0 (repeated): a ScanOverdue goes on"));
}

TEST_F(GroupedNews, CountWhatIsSilencedAndNeverCallItResolved) {
  pager.add_overdue('a');
  pager.add_overdue('b');
  world().run("ab");
  pager.pass(seconds(30));
  pager.heard("oncall");
  pager.silence("digest", AlertWorld::digest('a').str(), hours(3));
  world().scan('b', world().now);
  pager.pass(hours(1));
  EXPECT_THAT(pager.heard("oncall"),
              ElementsAre("1+1 (updated): b ScanOverdue resolved:scanned; a ScanOverdue goes on"));
}

TEST_F(GroupedNews, AreLookedAtAgainWhenTheirMessageIsDue) {
  pager.add_overdue('a');
  pager.add_overdue('b');
  world().run("ab");
  pager.evaluate();
  pager.silence("digest", AlertWorld::digest('a').str(), hours(1));
  pager.pass(minutes(30));
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("1+0 (firing): b ScanOverdue firing"));
  pager.pass(minutes(30));
  EXPECT_THAT(pager.heard("oncall"),
              ElementsAre("2+0 (updated): a ScanOverdue firing; b ScanOverdue goes on"));
}

TEST_F(GroupedNews, SurviveARestartBeforeTheirMessage) {
  pager.add_overdue('a');
  world().run("a");
  pager.pass(seconds(10));
  pager.restart();
  world().now += seconds(5);
  pager.pass(seconds(15) - Duration(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  pager.pass(Duration(1));
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("1+0 (firing): a ScanOverdue firing"));
}

TEST_F(GroupedNews, OfAnEndSurviveARestartBeforeTheirMessage) {
  pager.add_overdue('a');
  pager.add_overdue('b');
  world().run("ab");
  pager.pass(seconds(30));
  pager.heard("oncall");
  world().scan('a', world().now);
  pager.pass(minutes(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  pager.restart();
  pager.pass(minutes(4));
  EXPECT_THAT(pager.heard("oncall"),
              ElementsAre("1+1 (updated): a ScanOverdue resolved:scanned; b ScanOverdue goes on"));
  pager.restart();
  pager.pass(hours(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
}

TEST_F(GroupedNews, StayInTheGroupThatToldOfThem) {
  pager.add_overdue('a');
  world().run("a");
  pager.pass(seconds(30));
  pager.heard("oncall");
  pager.reload(Pager::options_with({"oncall"}, {Pager::route_to("oncall", {"rule"})}));
  pager.add_overdue('b');
  world().run("ab");
  pager.pass(minutes(1));
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("1+0 (firing): b ScanOverdue firing"))
      << "new alerts make new groups";
  world().scan('a', world().now);
  pager.pass(minutes(10));
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("0+1 (resolved): a ScanOverdue resolved:scanned"));
  EXPECT_EQ(last_data()["group_key"], "{owner=\"payments\"}");
}

TEST_F(GroupedNews, GoOnAloneWhereTheyWereToldOfAlone) {
  pager.reload(Pager::options_with({"oncall"}, {Pager::route_to("oncall")}));
  pager.add_overdue('a');
  world().run("a");
  pager.evaluate();
  pager.reload(Pager::options_with({"oncall"}, {Pager::route_to("oncall", {"owner"})}));
  world().scan('a', world().now);
  pager.evaluate();
  EXPECT_THAT(pager.heard("oncall"),
              ElementsAre("a ScanOverdue firing", "a ScanOverdue resolved:scanned"));
}

TEST_F(GroupedNews, TellOfASupersededWarningWithWhatSupersedesIt) {
  Route rarely = Pager::route_to("oncall", {"owner"});
  rarely.repeat_every = days(30);
  pager.reload(Pager::options_with({"oncall"}, {rarely}));
  pager.add_due_soon('a');
  world().run("a");
  pager.pass(days(6) - minutes(10));
  pager.heard("oncall");
  pager.pass(minutes(20));
  EXPECT_THAT(
      pager.heard("oncall"),
      ElementsAre("1+1 (updated): a ScanOverdue firing; a ScanDueSoon resolved:superseded"));
}

TEST_F(GroupedNews, WaitNoLongerWhenTheClockIsSetBack) {
  pager.add_overdue('a');
  pager.add_overdue('b');
  world().run("a");
  pager.pass(days(10));
  pager.heard("oncall");
  world().now -= days(9);
  pager.evaluate();
  world().run("ab");
  pager.pass(minutes(5));
  EXPECT_THAT(pager.heard("oncall"),
              ElementsAre("2+0 (updated): b ScanOverdue firing; a ScanOverdue goes on"));
}

TEST(GroupOfThousands, IsOneMessage) {
  constexpr int count = 10000;
  const AlertWorld world;
  const SilenceBook silences;
  int ids = 0;
  AlertBook book([&] { return "alert-" + std::to_string(++ids); });
  Telling telling(book, silences);
  telling.configure(Pager::options_with({"oncall"}, {Pager::route_to("oncall", {"owner"})}));
  ChangeSet changes;
  TellingStep step{world.inventory, world.now, changes};
  for (int i = 0; i < count; ++i) {
    Condition condition;
    condition.key = {std::string(rule_scan_overdue), "image-" + std::to_string(i), "policy"};
    condition.severity = i == 7777 ? Severity::critical : Severity::warning;
    condition.labels = {{"alertname", condition.key.rule}, {"owner", "payments"}};
    book.holds(condition, world.now);
    telling.tell(step, condition.key);
  }
  EXPECT_THAT(changes.messages, IsEmpty());
  ASSERT_EQ(telling.next_change_at(), world.now + seconds(30));
  step.now += seconds(30);
  telling.flush_groups(step);
  ASSERT_EQ(changes.messages.size(), 1u);
  const auto data = nlohmann::json::parse(changes.messages[0].body)["data"];
  EXPECT_EQ(data["counts"]["firing"], count);
  EXPECT_EQ(data["alerts"].size(), group_alerts_max);
  EXPECT_EQ(data["alerts"][0]["severity"], "critical") << "the worst first";
  EXPECT_EQ(data["truncated_alerts"], count - 50);
  EXPECT_EQ(changes.messages[0].alert_ids.size(), static_cast<std::size_t>(count));
  for (const Alert& alert : book.open()) {
    ASSERT_EQ(alert.told.at("oncall"), 1);
  }
}

TEST(AlertmanagerWebhook, OfAGroupHasItsLabelsAndAlerts) {
  EvaluatorOptions options =
      Pager::options_with({"oncall"}, {Pager::route_to("oncall", {"owner", "rule"})});
  options.receivers[0].webhook->format = WebhookFormat::alertmanager;
  Pager pager(options);
  pager.add_overdue('a');
  pager.add_overdue('b');
  pager.world.run("ab");
  pager.pass(minutes(1));
  ASSERT_EQ(pager.messages.size(), 1u);
  const auto body = nlohmann::json::parse(pager.messages[0].body);
  EXPECT_EQ(body["groupKey"], "{}:{owner=\"payments\",rule=\"ScanclockScanOverdue\"}");
  EXPECT_EQ(body["groupLabels"],
            (nlohmann::json{{"owner", "payments"}, {"rule", "ScanclockScanOverdue"}}));
  EXPECT_EQ(body["alerts"].size(), 2u);
  EXPECT_EQ(body["commonLabels"]["owner"], "payments");
  EXPECT_FALSE(body["commonLabels"].contains("digest")) << "their digests differ";
}

}  // namespace
}  // namespace scanclock::alerts
