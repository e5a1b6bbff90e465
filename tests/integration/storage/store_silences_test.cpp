#include "storage/migrator.hpp"
#include "tests/integration/storage/store_fixture.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using std::chrono::hours;

class StoreSilences : public StoreTest {
 protected:
  using Ids = std::vector<std::string>;

  void put(const Silence& silence) {
    ChangeSet changes;
    changes.silences = {silence};
    commit(changes);
  }

  void put(const Acknowledgement& taken) {
    ChangeSet changes;
    changes.acknowledgements = {taken};
    commit(changes);
  }

  Ids silences_since(TimePoint since, int limit = 100) {
    Ids ids;
    for (const Silence& silence : run(stores->ledger.silences(since, limit))) {
      ids.push_back(silence.id);
    }
    return ids;
  }
};

TEST_F(StoreSilences, RemembersThoseThatHaveNotEnded) {
  Silence past = silence_of("sil_past", base - hours(48));
  Silence ended = silence_of("sil_ended", base - hours(2));
  ended.ended_at = base - hours(1);
  ended.ended_by = "ben";
  Silence to_come = silence_of("sil_to_come", base - hours(1));
  to_come.starts_at = base + hours(5);
  put(past);
  put(ended);
  put(to_come);
  const auto remembered = load().silences;
  ASSERT_EQ(remembered.size(), 1U);
  EXPECT_EQ(remembered[0].id, "sil_to_come");
  EXPECT_EQ(remembered[0].matchers, to_come.matchers);
}

TEST_F(StoreSilences, EndsASilenceOnceAndChangesNothingElseOfIt) {
  Silence silence = silence_of("sil_1", base - hours(2));
  put(silence);
  silence.ended_at = base - hours(1);
  silence.ended_by = "ben";
  silence.reason = "another one";
  put(silence);
  silence.ended_at = base;
  silence.ended_by = "somebody else";
  put(silence);
  silence.ended_at.reset();
  put(silence);
  const auto found = run(stores->ledger.silences(base - hours(10), 10));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].ended_at, base - hours(1));
  EXPECT_EQ(found[0].ended_by, "ben");
  EXPECT_EQ(found[0].reason, silence_of("sil_1", base).reason);
}

TEST_F(StoreSilences, ListsThoseThatWereInForceSinceAMomentNewestFirst) {
  put(silence_of("sil_a", base - hours(100)));
  put(silence_of("sil_b", base - hours(50)));
  Silence cut = silence_of("sil_c", base - hours(3));
  cut.ended_at = base - hours(2);
  put(cut);
  put(silence_of("sil_d", base - hours(1)));
  EXPECT_EQ(silences_since(base - hours(1)), Ids{"sil_d"});
  EXPECT_EQ(silences_since(base - hours(30)), (Ids{"sil_d", "sil_c", "sil_b"}));
  EXPECT_EQ(silences_since(base - hours(300)), (Ids{"sil_d", "sil_c", "sil_b", "sil_a"}));
  EXPECT_EQ(silences_since(base - hours(300), 2), (Ids{"sil_d", "sil_c"}));
}

TEST_F(StoreSilences, RefusesOneThatMatchesEverythingOrNeverExpires) {
  Silence all = silence_of("sil_all", base);
  all.matchers.clear();
  EXPECT_THROW(put(all), PgError);
  Silence endless = silence_of("sil_endless", base);
  endless.expires_at = endless.starts_at;
  EXPECT_THROW(put(endless), PgError);
}

TEST_F(StoreSilences, RemembersTheNewestAcknowledgementOfEachFiringAlert) {
  auto changes = full_change_set(base);
  const std::string firing = changes.alerts[0].id;
  const std::string ended = changes.alerts[1].id;
  changes.acknowledgements = {acknowledgement_of(firing, base - hours(5)),
                              acknowledgement_of(firing, base - hours(1)),
                              acknowledgement_of(ended, base - hours(1))};
  commit(changes);
  const auto remembered = load().acknowledgements;
  ASSERT_EQ(remembered.size(), 1U);
  EXPECT_EQ(remembered[0].alert_id, firing);
  EXPECT_EQ(remembered[0].at, base - hours(1));
  const auto all = run(stores->ledger.acknowledgements(firing));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at, base - hours(1));
  EXPECT_EQ(all[1].at, base - hours(5));
}

TEST_F(StoreSilences, KeepsWhenAnAcknowledgementWasTakenBack) {
  Acknowledgement taken = acknowledgement_of("a", base - hours(1));
  put(taken);
  taken.ended_at = base;
  put(taken);
  taken.ended_at.reset();
  put(taken);
  EXPECT_EQ(run(stores->ledger.acknowledgements("a")).at(0).ended_at, base);
}

TEST_F(StoreSilences, NeverTakesAGroupBackToAnEarlierMessage) {
  auto changes = full_change_set(base);
  commit(changes);
  auto stale = changes;
  stale.alert_groups[0].sequence = 2;
  stale.alert_groups[0].flushed_at = base - hours(3);
  commit(stale);
  EXPECT_EQ(load().alert_groups.at(0).sequence, 3);
  stale.alert_groups[0].sequence = 4;
  stale.alert_groups[0].flushed_at = base;
  commit(stale);
  EXPECT_EQ(load().alert_groups.at(0).flushed_at, base);
}

TEST_F(StoreSilences, StoresWhatAReceiverWasToldThoughNothingElseOfTheAlertChanged) {
  auto changes = full_change_set(base);
  commit(changes);
  changes.alerts[0].told["slack"] = 2;
  commit(changes);
  EXPECT_EQ(load().alerts.at(0).told, changes.alerts[0].told);
}

TEST_F(StoreSilences, PurgesWhatIsOverAndOldButNothingThatCounts) {
  auto changes = full_change_set(base);
  const std::string firing = changes.alerts[0].id;
  changes.silences.push_back(silence_of("sil_old", base - hours(60)));
  Silence ended_early = silence_of("sil_early", base - hours(12));
  ended_early.expires_at = base + hours(100);
  ended_early.ended_at = base - hours(11);
  changes.silences.push_back(ended_early);
  changes.acknowledgements = {acknowledgement_of("gone", base - hours(60)),
                              acknowledgement_of(firing, base - hours(60))};
  auto old_group = changes.alert_groups[0];
  old_group.id = "grp_old";
  old_group.flushed_at = base - hours(60);
  changes.alert_groups.push_back(old_group);
  commit(changes);
  run(stores->ledger.purge(base - hours(10), base - hours(1000)));
  EXPECT_EQ(silences_since(base - hours(1000)), Ids{"sil_1"});
  EXPECT_EQ(count("acknowledgements"), 1);
  EXPECT_EQ(run(stores->ledger.acknowledgements(firing)).size(), 1U);
  ASSERT_EQ(load().alert_groups.size(), 1U);
  EXPECT_EQ(load().alert_groups[0].id, changes.alert_groups[0].id);
}

TEST_F(StoreSilences, TakesOverWhomAnEarlierReleaseToldAndGivesItBack) {
  auto changes = full_change_set(base);
  commit(changes);
  Migrator migrator(*pool, clock);
  ASSERT_GE(run(migrator.rollback_to(4)), 1);
  EXPECT_EQ(sql(*pool,
                "SELECT annotations ->> 'receivers' AS told FROM scanclock.alerts "
                "WHERE firing")
                .one()
                .text("told"),
            "oncall,team \"x\"");
  run(migrator.migrate());
  const auto alerts = load().alerts;
  const auto& before = changes.alerts[0];
  for (const Alert& alert : alerts) {
    EXPECT_FALSE(alert.annotations.contains("receivers"));
    if (alert.id == before.id) {
      EXPECT_EQ(alert.told, (std::map<std::string, std::int64_t>{{"oncall", before.sequence},
                                                                 {"team \"x\"", before.sequence}}));
    } else {
      EXPECT_TRUE(alert.told.empty());
    }
  }
}

}  // namespace
}  // namespace scanclock
