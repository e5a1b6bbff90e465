#include "tests/integration/storage/store_fixture.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace scanclock {
namespace {

using std::chrono::hours;

constexpr std::int64_t newest = std::numeric_limits<std::int64_t>::max();

class StoreNotifications : public StoreTest {
 protected:
  using Ids = std::vector<std::string>;

  void queue(std::vector<OutboxMessage> messages) {
    ChangeSet changes;
    changes.messages = std::move(messages);
    commit(changes);
  }

  OutboxMessage group_message(const std::string& id, const Ids& alerts) {
    OutboxMessage message = message_of(id, "grp_1", base);
    message.type = "scanclock.group";
    message.alert_ids = alerts;
    return message;
  }

  std::vector<OutboxMessage> claim(TimePoint now) {
    return run(stores->outbox.claim("oncall", now, now + std::chrono::minutes(1), 100));
  }

  std::vector<NotificationRecord> list(const NotificationFilters& filters,
                                       std::int64_t before = newest, int limit = 100) {
    return run(stores->outbox.notifications(filters, before, limit));
  }

  Ids ids(const NotificationFilters& filters, std::int64_t before = newest, int limit = 100) {
    Ids all;
    for (const auto& record : list(filters, before, limit)) {
      all.push_back(record.id);
    }
    return all;
  }
};

TEST_F(StoreNotifications, TellsWhatWasToldToWhomWhenHowOftenAndWithWhichAnswer) {
  queue({message_of("m1", "a", base)});
  claim(base);
  run(stores->outbox.retry_at("m1", minute(2), "the receiver answered 503", 503));
  claim(minute(2));
  run(stores->outbox.delivered("m1", minute(3), 204));
  const auto all = list(NotificationFilters());
  ASSERT_EQ(all.size(), 1U);
  const auto& record = all[0];
  EXPECT_EQ(record.receiver, "oncall");
  EXPECT_EQ(record.alert_id, "a");
  EXPECT_EQ(record.type, "scanclock.alert.firing");
  EXPECT_EQ(record.state, NotificationState::delivered);
  EXPECT_EQ(record.created_at, base);
  EXPECT_EQ(record.finished_at, minute(3));
  EXPECT_FALSE(record.next_attempt_at);
  EXPECT_EQ(record.attempts_made, 2);
  ASSERT_EQ(record.attempts.size(), 2U);
  EXPECT_EQ(record.attempts[0].number, 1);
  EXPECT_EQ(record.attempts[0].outcome, "failed");
  EXPECT_EQ(record.attempts[0].error, "the receiver answered 503");
  EXPECT_EQ(record.attempts[0].status, 503);
  EXPECT_EQ(record.attempts[1].at, minute(3));
  EXPECT_EQ(record.attempts[1].outcome, "delivered");
  EXPECT_EQ(record.attempts[1].status, 204);
}

TEST_F(StoreNotifications, ListsNewestFirstAndGoesOnBehindAPosition) {
  queue({message_of("m1", "a", base), message_of("m2", "b", base), message_of("m3", "c", base)});
  EXPECT_EQ(ids(NotificationFilters()), (Ids{"m3", "m2", "m1"}));
  const auto page = list(NotificationFilters(), newest, 2);
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(ids(NotificationFilters(), page[1].position, 2), Ids{"m1"});
}

TEST_F(StoreNotifications, FindsByReceiverStateAlertAndTime) {
  auto other = message_of("m2", "b", base);
  other.receiver = "slack";
  queue({message_of("m1", "a", base - hours(2)), other, group_message("m3", {"a", "b"}),
         message_of("m4", "d", base)});
  run(stores->outbox.delivered("m1", base, 200));
  run(stores->outbox.set_aside("m4", base, "400", 400));
  NotificationFilters filters;
  filters.receiver = "slack";
  EXPECT_EQ(ids(filters), Ids{"m2"});
  filters = NotificationFilters();
  filters.state = NotificationState::waiting;
  EXPECT_EQ(ids(filters), (Ids{"m3", "m2"}));
  filters.state = NotificationState::set_aside;
  EXPECT_EQ(ids(filters), Ids{"m4"});
  filters = NotificationFilters();
  filters.alert_id = "a";
  EXPECT_EQ(ids(filters), (Ids{"m3", "m1"})) << "a group's message tells of each of its alerts";
  filters.since = base - hours(1);
  EXPECT_EQ(ids(filters), Ids{"m3"});
  filters.alert_id = "unknown";
  EXPECT_EQ(ids(filters), Ids{});
}

TEST_F(StoreNotifications, NamesSomeAlertsOfALargeGroupAndCountsAll) {
  Ids alerts;
  for (int number = 0; number < 2 * listed_alerts_max; ++number) {
    alerts.push_back("alert-" + std::to_string(number));
  }
  queue({group_message("m1", alerts)});
  NotificationFilters filters;
  filters.alert_id = alerts.back();
  const auto listed = list(filters);
  ASSERT_EQ(listed.size(), 1U) << "found by one that is not named";
  EXPECT_EQ(listed[0].alert_ids.size(), static_cast<std::size_t>(listed_alerts_max));
  EXPECT_EQ(listed[0].grouped_alerts, 2 * listed_alerts_max);
  const auto shown = run(stores->outbox.notification("m1"));
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->record.alert_ids, alerts);
}

TEST_F(StoreNotifications, ShowsOneMessageWithWhatWasSent) {
  queue({group_message("m1", {"a", "b"})});
  const auto found = run(stores->outbox.notification("m1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->body, group_message("m1", {}).body);
  EXPECT_EQ(found->record.alert_ids, (Ids{"a", "b"}));
  EXPECT_EQ(found->record.state, NotificationState::waiting);
  EXPECT_EQ(found->record.next_attempt_at, base);
  EXPECT_FALSE(run(stores->outbox.notification("m2")));
}

TEST_F(StoreNotifications, ListsOnlyTheNewestAttemptsOfAMessageThatIsTriedForDays) {
  queue({message_of("m1", "a", base)});
  const int tries = listed_attempts_max + 3;
  for (int number = 1; number <= tries; ++number) {
    claim(minute(number));
    run(stores->outbox.retry_at("m1", minute(number), "try " + std::to_string(number), 0));
  }
  const auto listed = list(NotificationFilters());
  ASSERT_EQ(listed.size(), 1U);
  ASSERT_EQ(listed[0].attempts.size(), static_cast<std::size_t>(listed_attempts_max));
  EXPECT_EQ(listed[0].attempts.front().number, 4);
  EXPECT_EQ(listed[0].attempts.back().number, tries);
  EXPECT_EQ(listed[0].attempts_made, tries);
  const auto found = run(stores->outbox.notification("m1"));
  EXPECT_EQ(found->record.attempts.size(), static_cast<std::size_t>(tries));
}

TEST_F(StoreNotifications, CountsAGroupsDeliveryForEachOfItsAlerts) {
  queue({group_message("m1", {"a", "b"}), message_of("m2", "b", base)});
  EXPECT_TRUE(run(stores->outbox.deliveries({"a", "b"})).empty());
  claim(base);
  run(stores->outbox.delivered("m1", minute(1), 200));
  run(stores->outbox.delivered("m2", minute(2), 200));
  const auto records = run(stores->outbox.deliveries({"a", "b", "c"}));
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].alert_id, "a");
  EXPECT_EQ(records[0].at, minute(1));
  EXPECT_EQ(records[1].alert_id, "b");
  EXPECT_EQ(records[2].alert_id, "b");
  EXPECT_EQ(records[2].at, minute(2));
  EXPECT_EQ(run(stores->outbox.deliveries({"b"})).size(), 2U);
}

TEST_F(StoreNotifications, SendsAgainOnRequestWhatWasSetAside) {
  queue({message_of("m1", "a", base)});
  claim(base);
  run(stores->outbox.set_aside("m1", base, "400", 400));
  EXPECT_TRUE(run(stores->outbox.retry("m1", base + hours(90))));
  EXPECT_TRUE(claim(base + hours(89)).empty());
  const auto again = claim(base + hours(90));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].id, "m1") << "under the same id";
  EXPECT_EQ(again[0].attempts, 2);
  EXPECT_EQ(again[0].created_at, base);
  EXPECT_EQ(again[0].due_since, base + hours(90)) << "the time for attempts counts anew";
  run(stores->outbox.set_aside("m1", base + hours(90), "400 again", 400));
  const auto attempts = list(NotificationFilters()).at(0).attempts;
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts[1].status, 400);
}

TEST_F(StoreNotifications, TriesAWaitingMessageAtOnceOnRequestButNotOneOnItsWayTwice) {
  queue({message_of("m1", "a", base)});
  claim(base);
  EXPECT_TRUE(run(stores->outbox.retry("m1", base)));
  EXPECT_TRUE(claim(base).empty()) << "it is claimed";
  run(stores->outbox.retry_at("m1", minute(50), "503", 503));
  EXPECT_TRUE(claim(minute(1)).empty());
  EXPECT_TRUE(run(stores->outbox.retry("m1", minute(1))));
  EXPECT_EQ(claim(minute(1)).size(), 1U);
}

TEST_F(StoreNotifications, RetriesNeitherWhatWasDeliveredNorWhatIsUnknown) {
  queue({message_of("m1", "a", base)});
  run(stores->outbox.delivered("m1", base, 200));
  EXPECT_FALSE(run(stores->outbox.retry("m1", minute(1))));
  EXPECT_FALSE(run(stores->outbox.retry("m2", minute(1))));
  EXPECT_TRUE(claim(minute(2)).empty());
}

TEST_F(StoreNotifications, ReplaysAReceiversMessagesInOrderUnderTheirIds) {
  auto other = message_of("o1", "a", base);
  other.receiver = "slack";
  queue({message_of("m0", "a", base - hours(5)), message_of("m1", "a", base),
         message_of("m2", "a", minute(1)), message_of("m3", "b", minute(1)), other});
  for (const auto* id : {"m0", "m1", "m2", "o1"}) {
    run(stores->outbox.delivered(id, minute(2), 200));
  }
  run(stores->outbox.set_aside("m3", minute(2), "400", 400));
  EXPECT_EQ(run(stores->outbox.replay("oncall", base, minute(10))), 3);
  EXPECT_EQ(run(stores->outbox.replay("oncall", base, minute(10))), 0) << "they wait already";
  auto due = claim(minute(10));
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[0].id, "m1");
  EXPECT_EQ(due[0].due_since, minute(10));
  EXPECT_EQ(due[1].id, "m3");
  run(stores->outbox.delivered("m1", minute(10), 200));
  due = claim(minute(10));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].id, "m2");
  EXPECT_EQ(list(NotificationFilters(), newest, 100).size(), 5U);
  EXPECT_EQ(run(stores->outbox.notification("m1"))->record.attempts.size(), 2U);
}

TEST_F(StoreNotifications, ForgetsItsScheduleWhenTheClockWasSet) {
  queue({message_of("m1", "a", base), message_of("m2", "b", base), message_of("m3", "c", base)});
  claim(base);
  run(stores->outbox.retry_at("m1", minute(5), "503", 503));
  run(stores->outbox.delivered("m3", base, 200));
  const TimePoint before = base - hours(24 * 40);
  EXPECT_TRUE(claim(before).empty());
  run(stores->outbox.clock_was_set("slack", before, std::nullopt));
  run(stores->outbox.clock_was_set("oncall", before, minute(60)));
  EXPECT_TRUE(claim(before).empty()) << "nothing waits beyond that";
  run(stores->outbox.clock_was_set("oncall", before, before + hours(25)));
  const auto due = claim(before);
  ASSERT_EQ(due.size(), 2U) << "what was claimed, too, and nothing that was delivered";
  EXPECT_EQ(due[0].due_since, before);
}

}  // namespace
}  // namespace scanclock
