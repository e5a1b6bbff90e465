#include "storage/queries.hpp"
#include "tests/integration/storage/store_fixture.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

class OutboxPlan : public StoreTest {
 protected:
  /// Messages of alerts of their own, numbered from `first`.
  void queue(int first, int count) {
    execute(
        "INSERT INTO scanclock.outbox (id, receiver, alert_id, sequence, type, body, created_at, "
        "next_attempt_at) SELECT 'msg_' || n, 'oncall', 'alert_' || n, 1, 'firing', '{}', now(), "
        "now() FROM generate_series(" +
        std::to_string(first) + ", " + std::to_string(first + count - 1) + ") AS n");
  }

  void deliver_all() {
    execute("UPDATE scanclock.outbox SET state = 'delivered', finished_at = now()");
  }

  /// The statement as it would be carried out with these arguments.
  std::string plan_of(const std::string& name, const std::string& arguments) {
    auto lent = run(pool->acquire());
    sql(lent, "PREPARE planned AS " + query(name).text);
    std::string plan;
    for (const auto row : sql(lent, "EXPLAIN EXECUTE planned(" + arguments + ")")) {
      plan += row.text("QUERY PLAN") + "\n";
    }
    sql(lent, "DEALLOCATE planned");
    return plan;
  }

  void expect_quick_plans(const std::string& when) {
    const std::string claim =
        plan_of("ClaimMessages", "'oncall', now(), now() + interval '1 minute', 1000, 'holder', 1");
    const std::string due = plan_of("FindNextDue", "'oncall'");
    for (const std::string& plan : {claim, due}) {
      EXPECT_NE(plan.find("Index Scan using outbox_due on outbox message"), std::string::npos)
          << when << "\n"
          << plan;
      EXPECT_EQ(plan.find("outbox_due on outbox older"), std::string::npos) << when << "\n" << plan;
      EXPECT_EQ(plan.find("Seq Scan on outbox"), std::string::npos) << when << "\n" << plan;
    }
  }
};

TEST_F(OutboxPlan, ReadsNeitherClaimNorDueTimeThroughAllThatWaitsWhateverTheStatisticsSay) {
  execute("ALTER TABLE scanclock.outbox SET (autovacuum_enabled = off)");
  queue(1, 5000);
  expect_quick_plans("without statistics");
  deliver_all();
  execute("VACUUM ANALYZE scanclock.outbox");
  queue(5001, 5000);
  expect_quick_plans("with the statistics of an outbox in which nothing waited");
  execute("VACUUM ANALYZE scanclock.outbox");
  expect_quick_plans("with half of all waiting");
}

}  // namespace
}  // namespace scanclock
