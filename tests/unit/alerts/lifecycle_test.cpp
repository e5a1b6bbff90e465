#include "alerts/lifecycle.hpp"

#include "tests/unit/alerts/rules_fixture.hpp"

#include <gmock/gmock.h>

namespace scanclock::alerts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr TimePoint start{std::chrono::hours(24 * 20000)};

Condition sample_condition() {
  Condition condition;
  condition.key = {"Rule", "subject", "policy"};
  condition.severity = Severity::warning;
  condition.environment = "production";
  condition.owner = "payments";
  condition.stage = 1;
  condition.labels = {{"alertname", "Rule"}, {"owner", "payments"}, {"severity", "warning"}};
  condition.annotations = {{"summary", "something"}, {"deadline_at", "2026-11-08T12:00:00Z"}};
  return condition;
}

class Book : public testing::Test {
 protected:
  int ids = 0;
  AlertBook book{[this] { return "id-" + std::to_string(++ids); }};
  Condition condition = sample_condition();
};

TEST_F(Book, OpensAnEpisodeOnceUnderANewId) {
  const auto opened = book.holds(condition, start);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->kind, AlertEventKind::firing);
  EXPECT_EQ(opened->alert.id, "id-1");
  EXPECT_EQ(opened->alert.sequence, 1);
  EXPECT_FALSE(book.holds(condition, start + minutes(1)));
  EXPECT_EQ(ids, 1);
}

TEST_F(Book, GivesTheNextEpisodeAnotherId) {
  book.holds(condition, start);
  book.lapsed(condition.key, Ending{"scanned"}, start + minutes(1));
  const auto again = book.holds(condition, start + minutes(2));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->alert.id, "id-2");
  EXPECT_EQ(again->alert.sequence, 1);
}

struct UpdateCase {
  const char* name;
  void (*change)(Condition&);
  std::vector<std::string> changed;
};

class BookUpdates : public testing::TestWithParam<UpdateCase> {};

TEST_P(BookUpdates, NameWhatChanged) {
  AlertBook book([] { return std::string("id"); });
  Condition condition = sample_condition();
  book.holds(condition, start);
  GetParam().change(condition);
  const auto updated = book.holds(condition, start + minutes(1));
  ASSERT_TRUE(updated);
  EXPECT_EQ(updated->changed, GetParam().changed);
  if (GetParam().changed.empty()) {
    EXPECT_FALSE(updated->kind) << "only told of what matters";
    EXPECT_EQ(updated->alert.sequence, 1);
  } else {
    EXPECT_EQ(updated->kind, AlertEventKind::updated);
    EXPECT_EQ(updated->alert.sequence, 2);
  }
  EXPECT_EQ(updated->alert.id, "id");
  EXPECT_EQ(updated->alert.started_at, start);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BookUpdates,
    testing::Values(
        UpdateCase{"Stage", [](Condition& c) { c.stage = 2; }, {"stage"}},
        UpdateCase{"Severity", [](Condition& c) { c.severity = Severity::critical; }, {"severity"}},
        UpdateCase{"Owner", [](Condition& c) { c.owner = "web"; }, {"owner"}},
        UpdateCase{"Environment", [](Condition& c) { c.environment = "test"; }, {"environment"}},
        UpdateCase{"Deadline",
                   [](Condition& c) { c.annotations["deadline_at"] = "2026-12-01T00:00:00Z"; },
                   {"deadline_at"}},
        UpdateCase{"Several",
                   [](Condition& c) {
                     c.stage = 3;
                     c.severity = Severity::critical;
                   },
                   {"severity", "stage"}},
        UpdateCase{"AnnotationAlone", [](Condition& c) { c.annotations["clusters"] = "x"; }, {}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(Book, KeepsTheOldLabelSetForAlertmanagersWhenAnIdentityLabelChanges) {
  book.holds(condition, start);
  const auto before = condition.labels;
  condition.severity = Severity::critical;
  condition.labels["severity"] = "critical";
  const auto updated = book.holds(condition, start + minutes(1));
  EXPECT_EQ(updated->labels_before, before);
  ASSERT_EQ(book.ended().size(), 1u);
  EXPECT_EQ(book.ended()[0].labels, before);
  EXPECT_EQ(book.ended()[0].ended_at, start + minutes(1));
}

TEST_F(Book, ResolvesNothingWithoutAnEnding) {
  book.holds(condition, start);
  EXPECT_FALSE(book.lapsed(condition.key, std::nullopt, start + days(100)));
  EXPECT_EQ(book.open_count(), 1u);
}

TEST_F(Book, ResolvesAfterTheHoldAndForgetsAHoldWhenTheConditionComesBack) {
  const Ending ending{"not_running", minutes(10)};
  book.holds(condition, start);
  EXPECT_FALSE(book.lapsed(condition.key, ending, start));
  EXPECT_EQ(book.hold_ends_at(condition.key), start + minutes(10));
  book.holds(condition, start + minutes(9));
  EXPECT_FALSE(book.lapsed(condition.key, ending, start + minutes(10)));
  EXPECT_FALSE(book.lapsed(condition.key, ending, start + minutes(20) - seconds(1)));
  const auto resolved = book.lapsed(condition.key, ending, start + minutes(20));
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->alert.resolved_reason, "not_running");
  EXPECT_EQ(resolved->alert.ended_at, start + minutes(20));
  EXPECT_FALSE(resolved->alert.firing);
  EXPECT_EQ(book.open_count(), 0u);
}

TEST_F(Book, GoesOnWithWhatItRestores) {
  book.holds(condition, start);
  AlertBook restarted([] { return std::string("never"); });
  restarted.restore(book.open());
  EXPECT_FALSE(restarted.holds(condition, start + minutes(1)));
  const auto resolved = restarted.lapsed(condition.key, Ending{"scanned"}, start + minutes(2));
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->alert.id, "id-1");
  EXPECT_EQ(resolved->alert.sequence, 2);
}

TEST_F(Book, ForgetsEndedAlertsInTime) {
  book.holds(condition, start);
  book.lapsed(condition.key, Ending{"scanned"}, start + minutes(1));
  const auto nothing = [](const Alert&) { return false; };
  book.forget_ended_before(start, nothing);
  EXPECT_EQ(book.ended().size(), 1u);
  book.forget_ended_before(start + minutes(2), [](const Alert&) { return true; });
  EXPECT_EQ(book.ended().size(), 1u) << "someone has not heard of the end";
  book.forget_ended_before(start + minutes(2), nothing);
  EXPECT_THAT(book.ended(), IsEmpty());
}

TEST(Messages, AreRepeatedAsOftenAsTheRouteSays) {
  Episode episode;
  episode.world.add_image('a');
  episode.world.run("a");
  const ChangeSet first = episode.evaluate();
  const ChangeSet later = episode.pass(hours(8));
  EXPECT_THAT(Episode::heard(later),
              ElementsAre("ScanclockNeverScanned:repeated", "ScanclockNeverScanned:repeated"));
  ASSERT_EQ(later.messages.size(), 2u);
  EXPECT_EQ(later.messages[0].created_at, first.messages.at(0).created_at + hours(4));
  EXPECT_EQ(later.messages[1].created_at, first.messages.at(0).created_at + hours(8));
  EXPECT_EQ(later.messages[0].type, "scanclock.alert.firing");
  EXPECT_EQ(later.messages[0].alert_id, first.messages[0].alert_id);
  EXPECT_NE(later.messages[0].id, first.messages[0].id);
}

TEST(Messages, AreNotWrittenInModeObserveButHistoryIs) {
  EvaluatorOptions options = Episode::default_options();
  options.notify = false;
  Episode episode(AlertWorld::default_scope(), options);
  episode.world.add_image('a');
  episode.world.run("a");
  const ChangeSet changes = episode.pass(days(1));
  EXPECT_THAT(Episode::heard(changes), ElementsAre("ScanclockNeverScanned:firing"));
  EXPECT_THAT(changes.messages, IsEmpty());
}

TEST(Messages, TellWhoeverWasToldOfTheFiringOfTheEndToo) {
  EvaluatorOptions options = Episode::default_options();
  options.receivers.push_back(options.receivers[0]);
  options.receivers[1].name = "dev-channel";
  Route critical;
  critical.match = {{"severity", MatchOperator::equal, "critical"}};
  critical.receivers = {"oncall"};
  Route rest;
  rest.receivers = {"dev-channel"};
  options.routes = {critical, rest};
  Episode episode(AlertWorld::default_scope(), options);
  AlertWorld& world = episode.world;
  world.add_image('a');
  world.run("a");
  ASSERT_EQ(episode.evaluate().messages.at(0).receiver, "oncall");
  // The production container goes, one in development stays: critical becomes warning.
  ContainerObservation moved = world.container('a', "c-dev");
  moved.namespace_name = "dev-1";
  world.observe("host-a", {moved});
  const ChangeSet updated = episode.evaluate();
  std::vector<std::string> told;
  for (const OutboxMessage& message : updated.messages) {
    told.push_back(message.receiver);
  }
  EXPECT_THAT(told, ElementsAre("dev-channel", "oncall"));

  Evaluator restarted(options, [] { return std::string("new"); });
  Snapshot snapshot;
  snapshot.alerts = episode.evaluator.book().open();
  restarted.restore(snapshot);
  world.now += minutes(1);
  world.scan('a', world.now);
  const Touched touched = world.reevaluate();
  const ChangeSet resolved =
      restarted.evaluate(world.inventory, world.sources, touched, {}, world.now);
  told.clear();
  for (const OutboxMessage& message : resolved.messages) {
    EXPECT_EQ(message.type, "scanclock.alert.resolved");
    told.push_back(message.receiver);
  }
  EXPECT_THAT(told, ElementsAre("dev-channel", "oncall"));
}

TEST(Messages, HaveTheSameIdsWhenTheSameStepIsStoredAgain) {
  const auto ids = [] {
    Episode episode;
    episode.world.add_image('a');
    episode.world.run("a");
    return episode.evaluate().messages.at(0).id;
  };
  EXPECT_EQ(ids(), ids());
}

TEST(Evaluations, ThatLearnNothingWriteNothing) {
  Episode episode;
  episode.world.add_image('a');
  episode.world.run("a");
  episode.evaluate();
  for (int cycle = 0; cycle < 10; ++cycle) {
    episode.world.now += minutes(1);
    episode.world.run("a");
    episode.world.evidence_answered('a');
    EXPECT_TRUE(episode.evaluate().empty());
  }
}

}  // namespace
}  // namespace scanclock::alerts
