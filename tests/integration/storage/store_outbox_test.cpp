#include "tests/integration/storage/store_fixture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

#include <algorithm>

namespace scanclock {
namespace {

class StoreOutbox : public StoreTest {
 protected:
  using Ids = std::vector<std::string>;

  /// Queues messages `id` of an alert, in order.
  void queue(const std::string& alert, const Ids& ids) {
    ChangeSet changes;
    for (const auto& id : ids) {
      changes.messages.push_back(message_of(id, alert, base));
    }
    commit(changes);
  }

  Ids claim(TimePoint now, int limit = 100) {
    return ids_of(run(stores->outbox.claim("oncall", now, now + std::chrono::minutes(1), limit)));
  }

  static Ids ids_of(const std::vector<OutboxMessage>& messages) {
    Ids ids;
    for (const auto& message : messages) {
      ids.push_back(message.id);
    }
    return ids;
  }

  std::optional<TimePoint> next_due() { return run(stores->outbox.next_due("oncall")); }
};

TEST_F(StoreOutbox, HandsOutAnAlertsMessagesOneByOneInOrder) {
  queue("a", {"a1", "a2", "a3"});
  queue("b", {"b1"});
  EXPECT_EQ(claim(base), (Ids{"a1", "b1"}));
  EXPECT_EQ(claim(base), Ids{}) << "what is claimed is not handed out, nor what comes after it";
  run(stores->outbox.delivered("a1", base, 200));
  EXPECT_EQ(claim(base), Ids{"a2"});
  run(stores->outbox.delivered("a2", base, 200));
  run(stores->outbox.delivered("b1", base, 200));
  EXPECT_EQ(claim(base), Ids{"a3"});
  run(stores->outbox.delivered("a3", base, 200));
  EXPECT_EQ(claim(base), Ids{});
  EXPECT_EQ(next_due(), std::nullopt);
}

TEST_F(StoreOutbox, KeepsReceiversApart) {
  ChangeSet changes;
  changes.messages = {message_of("a1", "a", base), message_of("a2", "a", base)};
  changes.messages[1].receiver = "other";
  commit(changes);
  EXPECT_EQ(claim(base), Ids{"a1"});
  EXPECT_EQ(ids_of(run(stores->outbox.claim("other", base, minute(1), 10))), Ids{"a2"});
}

TEST_F(StoreOutbox, TakesNoMoreThanTheLimitOldestFirst) {
  queue("a", {"a1"});
  queue("b", {"b1"});
  queue("c", {"c1"});
  EXPECT_EQ(claim(base, 2), (Ids{"a1", "b1"}));
  EXPECT_EQ(claim(base, 2), Ids{"c1"});
}

TEST_F(StoreOutbox, HandsOutTheSameIdAgainWhenAClaimLapses) {
  queue("a", {"a1", "a2"});
  EXPECT_EQ(claim(base), Ids{"a1"});
  EXPECT_EQ(next_due(), minute(1));
  EXPECT_EQ(claim(minute(1) - Duration(1)), Ids{});
  const auto again = run(stores->outbox.claim("oncall", minute(1), minute(2), 10));
  ASSERT_EQ(ids_of(again), Ids{"a1"});
  EXPECT_EQ(again[0].attempts, 2);
}

TEST_F(StoreOutbox, WaitsBeforeTryingAgainAndHoldsTheAlertsLaterMessages) {
  queue("a", {"a1", "a2"});
  claim(base);
  run(stores->outbox.retry_at("a1", minute(5), "503 from receiver", 503));
  EXPECT_EQ(claim(minute(4)), Ids{});
  EXPECT_EQ(next_due(), minute(5)) << "a2 is due no earlier than a1";
  const auto again = run(stores->outbox.claim("oncall", minute(5), minute(6), 10));
  ASSERT_EQ(ids_of(again), Ids{"a1"});
  EXPECT_EQ(again[0].last_error, "503 from receiver");
  EXPECT_EQ(again[0].attempts, 2);
}

TEST_F(StoreOutbox, SetsPoisonAsideWithoutBlockingOthers) {
  queue("a", {"a1", "a2"});
  claim(base);
  run(stores->outbox.set_aside("a1", minute(1), "400 bad request", 400));
  EXPECT_EQ(claim(minute(1)), Ids{"a2"});
  run(stores->outbox.delivered("a2", minute(1), 200));
  EXPECT_EQ(claim(minute(500)), Ids{}) << "poison is never sent again by itself";
  const auto row = sql(*pool, "SELECT * FROM scanclock.outbox WHERE id = 'a1'").one();
  EXPECT_EQ(row.text("state"), "set_aside");
  EXPECT_EQ(row.text("last_error"), "400 bad request");
}

TEST_F(StoreOutbox, RecordsManyDeliveriesAtOnceAndEachOnce) {
  queue("a", {"a1"});
  queue("b", {"b1"});
  queue("c", {"c1"});
  claim(base);
  std::vector<DeliveredMessage> brought;
  for (const char* id : {"b1", "a1", "a1", "unknown"}) {
    DeliveredMessage message;
    message.id = id;
    message.at = minute(1);
    message.status = id == std::string("a1") ? 202 : 204;
    brought.push_back(message);
  }
  run(stores->outbox.delivered_all(brought));
  run(stores->outbox.delivered_all(brought));
  run(stores->outbox.delivered_all({}));
  const auto rows = sql(*pool,
                        "SELECT message_id, status, attempt, at, outcome FROM scanclock.deliveries "
                        "ORDER BY message_id");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].text("message_id"), "a1");
  EXPECT_EQ(rows[0].int64("status"), 202);
  EXPECT_EQ(rows[0].int64("attempt"), 1);
  EXPECT_EQ(rows[0].time("at"), minute(1));
  EXPECT_EQ(rows[0].text("outcome"), "delivered");
  EXPECT_EQ(rows[1].int64("status"), 204);
  EXPECT_EQ(claim(minute(1)), Ids{"c1"}) << "the one that was not brought";
}

TEST_F(StoreOutbox, TakesBackWhatWasClaimedAndNotSent) {
  queue("a", {"a1", "a2"});
  queue("b", {"b1"});
  claim(base);
  run(stores->outbox.delivered("b1", base, 200));
  run(stores->outbox.release({"a1", "b1", "unknown"}));
  const auto again = run(stores->outbox.claim("oncall", base, minute(1), 10));
  ASSERT_EQ(ids_of(again), Ids{"a1"});
  EXPECT_EQ(again[0].attempts, 1) << "the first claim was no attempt";
}

TEST_F(StoreOutbox, WritesEveryAttemptIntoTheLedger) {
  queue("a", {"a1"});
  claim(base);
  run(stores->outbox.retry_at("a1", minute(2), "connection refused", 0));
  claim(minute(2));
  run(stores->outbox.delivered("a1", minute(3), 204));
  run(stores->outbox.delivered("a1", minute(4), 204));
  std::vector<std::string> lines;
  for (const auto row : sql(*pool, "SELECT * FROM scanclock.deliveries ORDER BY id")) {
    const auto status = row.optional_int64("status");
    lines.push_back(std::to_string(row.int64("attempt")) + " " + row.text("outcome") + " " +
                    (status ? std::to_string(*status) : "-") + " " + row.text("error"));
    EXPECT_EQ(row.time("at"), lines.size() == 1 ? base : minute(3));
  }
  EXPECT_EQ(lines, (Ids{"1 failed - connection refused", "2 delivered 204 "}));
  const auto records = run(stores->outbox.deliveries({"a", "b"}));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].alert_id, "a");
  EXPECT_EQ(records[0].receiver, "oncall");
  EXPECT_EQ(records[0].at, minute(3));
  EXPECT_EQ(records[0].attempts, 2);
  EXPECT_TRUE(run(stores->outbox.deliveries({})).empty());
}

TEST_F(StoreOutbox, IgnoresALateRetryOfADeliveredMessage) {
  queue("a", {"a1"});
  claim(base);
  run(stores->outbox.delivered("a1", base, 200));
  run(stores->outbox.retry_at("a1", base, "timeout", 0));
  run(stores->outbox.set_aside("a1", base, "timeout", 0));
  EXPECT_EQ(claim(minute(9)), Ids{});
  EXPECT_EQ(count("deliveries"), 1);
}

TEST_F(StoreOutbox, CountsWhatWaitsAndWhatWasSetAside) {
  EXPECT_TRUE(run(stores->outbox.statistics()).empty());
  queue("a", {"a1", "a2"});
  queue("b", {"b1"});
  ChangeSet changes;
  changes.messages = {message_of("z1", "z", minute(7))};
  changes.messages[0].receiver = "alertmanagers";
  commit(changes);
  run(stores->outbox.set_aside("b1", base, "400", 400));
  const auto all = run(stores->outbox.statistics());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].receiver, "alertmanagers");
  EXPECT_EQ(all[0].waiting, 1);
  EXPECT_EQ(all[0].oldest_waiting_at, minute(7));
  EXPECT_EQ(all[1].receiver, "oncall");
  EXPECT_EQ(all[1].waiting, 2);
  EXPECT_EQ(all[1].set_aside, 1);
  EXPECT_EQ(all[1].oldest_waiting_at, base);
  run(stores->outbox.delivered("z1", base, 200));
  EXPECT_EQ(run(stores->outbox.statistics()).size(), 1U);
}

TEST_F(StoreOutbox, PassesOverRowsThatAnotherClaimerHasLocked) {
  queue("a", {"a1"});
  queue("b", {"b1"});
  auto transaction = run(PgTransaction::begin(*pool));
  const Query lock("Test", "SELECT id FROM scanclock.outbox WHERE id = 'a1' FOR UPDATE");
  run(transaction.execute(lock));
  EXPECT_EQ(claim(base), Ids{"b1"});
  run(transaction.rollback());
  EXPECT_EQ(claim(base), Ids{"a1"});
}

asio::awaitable<std::pair<std::vector<OutboxMessage>, std::vector<OutboxMessage>>> claim_at_once(
    PgOutbox& outbox, TimePoint now, TimePoint until) {
  using namespace asio::experimental::awaitable_operators;
  const std::string receiver = "oncall";
  auto both = outbox.claim(receiver, now, until, 60) && outbox.claim(receiver, now, until, 60);
  auto [left, right] = co_await std::move(both);
  co_return std::make_pair(std::move(left), std::move(right));
}

TEST_F(StoreOutbox, GivesTwoClaimersDifferentMessages) {
  for (int number = 0; number < 100; ++number) {
    queue("alert " + std::to_string(number), {"message " + std::to_string(number)});
  }
  const auto [left, right] = run(claim_at_once(stores->outbox, base, minute(1)));
  auto ids = ids_of(left);
  for (auto& id : ids_of(right)) {
    ids.push_back(id);
  }
  const auto claimed = ids.size();
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  EXPECT_EQ(ids.size(), claimed);
  EXPECT_EQ(claimed + claim(base).size(), 100U);
}

}  // namespace
}  // namespace scanclock
