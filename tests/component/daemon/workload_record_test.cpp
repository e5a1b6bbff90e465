#include "tests/component/daemon/workload_calls_fixture.hpp"

#include <algorithm>

namespace scanclock {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class TheRecordOfWorkloads : public WorkloadCallsTest {
 protected:
  struct Written {
    std::size_t containers = 0;
    std::size_t verdicts = 0;
    std::size_t coverage = 0;
    std::size_t others = 0;

    std::size_t rows() const { return containers + verdicts + coverage + others; }
  };

  Written written_since(std::size_t commit) const {
    Written written;
    for (; commit < ledger.committed.size(); ++commit) {
      const ChangeSet& changes = ledger.committed[commit];
      written.containers += changes.containers.size();
      written.verdicts += changes.verdicts.size();
      written.coverage += changes.coverage.size();
      written.others += changes.observations.size() + changes.printed_images.size() +
                        changes.images.size() + changes.alerts.size() + changes.locations.size();
    }
    return written;
  }

  void store_all() { ASSERT_TRUE(finish(engine.stored_wholly(minutes(1)))); }

  /// A past that the ledger knows.
  void remember(TimePoint begins_at) {
    ledger.past.begins_at = begins_at;
    PastContainer container;
    container.key = {"host-a", "c1"};
    container.observation.id = "c1";
    container.observation.name = "front";
    container.observation.image = "team/app:1";
    container.observation.image_id = "docker://sha256:1";
    container.first_seen_at = begins_at;
    Conclusion conclusion;
    conclusion.verdict = Verdict::overdue;
    conclusion.image = AlertWorld::digest('a');
    conclusion.reason = "policy fedramp-30d: overdue";
    conclusion.environment = "production";
    container.concluded = conclusion;
    container.observation_status = "unknown";
    container.observation_reason = "timeout";
    container.observation_since = begins_at;
    ledger.past.containers = {container};
  }

  std::string past(Duration ago) { return "?at=" + format_rfc3339(clock.now() - ago); }
};

TEST_F(TheRecordOfWorkloads, OfALargeFirstViewIsStoredInSeveralTransactions) {
  constexpr int view = 12'000;
  workload_intake.workloads_observed(view_of("host-a", view));
  store_all();
  std::size_t largest = 0;
  for (const ChangeSet& changes : ledger.committed) {
    largest = std::max({largest, changes.containers.size(), changes.verdicts.size()});
  }
  EXPECT_EQ(largest, commit_bulk_rows_max);
  EXPECT_EQ(ledger.committed.size(), 3U);
  const Written written = written_since(0);
  EXPECT_EQ(written.containers, static_cast<std::size_t>(view));
  EXPECT_EQ(written.verdicts, static_cast<std::size_t>(view));
}

TEST_F(TheRecordOfWorkloads, DoesNotLetAlertsAndEvidenceWaitForALargeView) {
  ledger.away = true;
  workload_intake.workloads_observed(view_of("host-a", 12'000));
  let_pass(minutes(6));
  ledger.away = false;
  store_all();
  ASSERT_GE(ledger.committed.size(), 3U);
  const auto is_alert = [](const ChangeSet& changes) {
    return std::any_of(changes.alerts.begin(), changes.alerts.end(), [](const Alert& alert) {
      return alert.key.rule == "ScanclockImageUnresolved";
    });
  };
  const auto first = std::find_if(ledger.committed.begin(), ledger.committed.end(), is_alert);
  ASSERT_NE(first, ledger.committed.end());
  EXPECT_LE(first - ledger.committed.begin(), 1)
      << "what was refused goes first, the alerts of meanwhile are next";
}

TEST_F(TheRecordOfWorkloads, LosesNothingOfALargeViewWhenTheDatabaseIsAwayInTheMiddle) {
  ledger.away_after = 1;
  workload_intake.workloads_observed(view_of("host-a", 12'000));
  EXPECT_FALSE(finish(engine.stored_wholly(seconds(20))));
  EXPECT_TRUE(finish(engine.stored(seconds(1))) || !engine.storage_failure().empty());
  ledger.away_after.reset();
  store_all();
  EXPECT_EQ(written_since(0).containers, 12'000U);
  std::set<std::string> ids;
  for (const ChangeSet& changes : ledger.committed) {
    for (const StoredContainer& container : changes.containers) {
      EXPECT_TRUE(ids.insert(container.id).second) << container.id;
    }
  }
}

TEST_F(TheRecordOfWorkloads, OfASteadyClusterIsOneRowACycleAtMost) {
  engine.sources().configure("host-a", SourceKind::workload, minutes(10), clock.now());
  workload_intake.workloads_observed(view_of("host-a", 500));
  store_all();
  let_pass(minutes(20));
  for (int cycle = 0; cycle < 20; ++cycle) {
    const std::size_t before = ledger.committed.size();
    let_pass(seconds(30));
    workload_intake.workloads_observed(view_of("host-a", 500));
    store_all();
    const Written written = written_since(before);
    EXPECT_LE(written.rows(), 1U) << "cycle " << cycle;
    EXPECT_EQ(written.rows(), written.coverage);
  }
}

TEST_F(TheRecordOfWorkloads, AnswersForAPastMomentInTheShapeOfThePresent) {
  remember(clock.now() - hours(10));
  push({"c1"});
  const TimePoint moment = clock.now() - hours(2);
  const Answer answer = ask("GET", "/api/v1/containers?at=" + format_rfc3339(moment));
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(ledger.asked_for, moment);
  const json item = answer.body.at("containers").at(0);
  EXPECT_EQ(item.at("verdict"), "overdue");
  EXPECT_EQ(item.at("observation").at("reason"), "timeout");
  EXPECT_EQ(item.at("image_id"), "docker://sha256:1");
  EXPECT_TRUE(item.at("deadline_at").is_null());
  EXPECT_EQ(answer.body.at("at"), format_rfc3339(moment));
  const json present = containers().at(0);
  for (const auto& [key, value] : present.items()) {
    EXPECT_TRUE(item.contains(key)) << key;
  }
  EXPECT_EQ(item.size(), present.size());
}

TEST_F(TheRecordOfWorkloads, SaysNullAndNotCompliantWhereNothingWasConcluded) {
  remember(clock.now() - hours(10));
  ledger.past.containers[0].concluded.reset();
  const json item = containers(past(hours(2))).at(0);
  EXPECT_TRUE(item.at("verdict").is_null());
  EXPECT_TRUE(item.at("resolved_digest").is_null());
}

TEST_F(TheRecordOfWorkloads, IsNotAskedAboutTheFutureNorAboutNoTime) {
  remember(clock.now() - hours(10));
  EXPECT_EQ(ask("GET", "/api/v1/containers" + past(-seconds(1))).status, 400);
  EXPECT_EQ(ask("GET", "/api/v1/containers?at=yesterday").status, 400);
  EXPECT_FALSE(ledger.asked_for);
}

TEST_F(TheRecordOfWorkloads, SaysWhereItBeginsInsteadOfAnEmptyList) {
  EXPECT_EQ(ask("GET", "/api/v1/containers" + past(hours(1))).status, 404);
  remember(clock.now() - hours(10));
  const Answer before = ask("GET", "/api/v1/containers" + past(hours(11)));
  EXPECT_EQ(before.status, 404);
  EXPECT_EQ(before.body.at("reason"), "before_the_record");
  ledger.past.purged_before = clock.now() - hours(5);
  const Answer purged = ask("GET", "/api/v1/containers" + past(hours(6)));
  EXPECT_EQ(purged.status, 410);
  EXPECT_EQ(purged.body.at("reason"), "past_retention");
  EXPECT_EQ(ask("GET", "/api/v1/containers" + past(hours(4))).status, 200);
}

TEST_F(TheRecordOfWorkloads, NamesSourcesThatWereNotWatchedThen) {
  remember(clock.now() - hours(10));
  UnwatchedSource gone;
  gone.source = "host-b";
  gone.watched_until = clock.now() - hours(3);
  UnwatchedSource fresh;
  fresh.source = "edge";
  fresh.watched_until = clock.now() - seconds(50);
  ledger.past.unwatched = {gone, fresh};
  push({"c1"});
  const Answer answer = ask("GET", "/api/v1/containers" + past(seconds(10)));
  const json unwatched = answer.body.at("unwatched");
  ASSERT_EQ(unwatched.size(), 1U)
      << "a source that answers is watched, its row is just not written";
  EXPECT_EQ(unwatched[0].at("source"), "host-b");
}

TEST_F(TheRecordOfWorkloads, IsNotReadWhileItsNewestPartIsNotStored) {
  remember(clock.now() - hours(10));
  ledger.away = true;
  workload_intake.workloads_observed(view_of("host-a", 3));
  EXPECT_EQ(ask("GET", "/api/v1/containers" + past(hours(1))).status, 503);
}

TEST_F(TheRecordOfWorkloads, IsReadInPages) {
  remember(clock.now() - hours(10));
  ledger.past.containers.push_back(ledger.past.containers[0]);
  ledger.past.containers[1].key.id = "c2";
  const Answer answer = ask("GET", "/api/v1/containers" + past(hours(1)) + "&limit=1");
  EXPECT_EQ(answer.body.at("containers").size(), 1U);
  EXPECT_EQ(answer.body.at("next"), "host-a c1");
}

}  // namespace
}  // namespace scanclock
