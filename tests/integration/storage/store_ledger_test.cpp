#include "storage/evidence_chain.hpp"
#include "storage/row_writer.hpp"
#include "tests/integration/storage/store_fixture.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using StoreLedger = StoreTest;

TEST_F(StoreLedger, ReturnsEveryFieldOfWhatWasStored) {
  const auto changes = full_change_set(base);
  commit(changes);
  EXPECT_EQ(describe(load()), describe(expected_after(changes)));
}

TEST_F(StoreLedger, KeepsTheOrderOfAnIndexsEntries) {
  Manifest index;
  index.digest = digest_of("long index");
  index.kind = ManifestKind::index;
  for (int position = 0; position < 12; ++position) {
    ManifestChild child;
    child.digest = digest_of("entry " + std::to_string(position));
    index.children.push_back(child);
  }
  ChangeSet changes;
  changes.manifests = {index};
  commit(changes);
  const auto loaded = load().manifests;
  ASSERT_EQ(loaded.size(), 1U);
  EXPECT_EQ(loaded[0], index);
}

TEST_F(StoreLedger, ReturnsMessagesAsTheyWereRendered) {
  const auto changes = full_change_set(base);
  commit(changes);
  const auto claimed = run(stores->outbox.claim("oncall", base, minute(1), 10));
  ASSERT_EQ(claimed.size(), 1U);
  const auto& sent = changes.messages[0];
  EXPECT_EQ(claimed[0].id, sent.id);
  EXPECT_EQ(claimed[0].alert_id, sent.alert_id);
  EXPECT_EQ(claimed[0].sequence, sent.sequence);
  EXPECT_EQ(claimed[0].type, sent.type);
  EXPECT_EQ(claimed[0].body, sent.body);
  EXPECT_EQ(claimed[0].created_at, sent.created_at);
  EXPECT_EQ(claimed[0].attempts, 1);
}

TEST_F(StoreLedger, ReturnsAlertEventsNewestFirst) {
  const auto changes = full_change_set(base);
  commit(changes);
  const auto events = run(stores->ledger.alert_events(changes.alerts[0].id, 10));
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].sequence, 2);
  EXPECT_EQ(events[0].kind, AlertEventKind::repeated);
  EXPECT_EQ(events[0].at, changes.alert_events[1].at);
  EXPECT_EQ(events[1].reason, changes.alert_events[0].reason);
  EXPECT_EQ(run(stores->ledger.alert_events(changes.alerts[0].id, 1)).size(), 1U);
}

TEST_F(StoreLedger, FindsAnAlertByItsIdAndBySubjectHoweverLongAgoItEnded) {
  auto changes = full_change_set(base);
  Alert old = changes.alerts[0];
  old.id = "long-ago";
  old.firing = false;
  old.resolved_reason = "scanned";
  old.started_at = base - std::chrono::hours(24 * 90);
  old.ended_at = base - std::chrono::hours(24 * 89);
  changes.alerts.push_back(old);
  commit(changes);
  const auto found = run(stores->ledger.alert("long-ago"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->resolved_reason, "scanned");
  EXPECT_EQ(found->ended_at, old.ended_at);
  EXPECT_EQ(found->labels, old.labels);
  EXPECT_FALSE(run(stores->ledger.alert("nobody-knows")));
  const auto about = run(stores->ledger.alerts_about(old.key.subject, 10));
  ASSERT_EQ(about.size(), 3U);
  EXPECT_EQ(about[2].id, "long-ago") << "the newest first";
  EXPECT_EQ(run(stores->ledger.alerts_about(old.key.subject, 1)).size(), 1U);
  EXPECT_TRUE(run(stores->ledger.alerts_about("something else", 10)).empty());
}

TEST_F(StoreLedger, ReturnsEvidenceBytesAsCollectedWhateverTheirSize) {
  ChangeSet changes;
  std::string noise;
  for (int block = 0; block < 20'000; ++block) {
    noise += digest_of("noise " + std::to_string(block)).str();
  }
  const std::vector<std::string> contents{"x", std::string(70'000, 'y'), noise};
  for (const auto& content : contents) {
    EvidenceRow row;
    row.evidence = evidence_of("bytes " + std::to_string(content.size()), base);
    row.bytes = content;
    changes.evidence.push_back(row);
  }
  commit(changes);
  for (const auto& row : changes.evidence) {
    EXPECT_EQ(run(stores->ledger.evidence_bytes(row.evidence.digest)), row.bytes);
  }
  EXPECT_EQ(run(stores->ledger.evidence_bytes(digest_of("never seen"))), std::nullopt);
  EXPECT_LT(count("evidence_bytes WHERE octet_length(zstd) < size_bytes / 100"), 3);
  EXPECT_EQ(count("evidence_bytes WHERE octet_length(zstd) < size_bytes / 100"), 1);
}

TEST_F(StoreLedger, ChangesNothingWhenTheSameSetIsStoredTwice) {
  const auto changes = full_change_set(base);
  commit(changes);
  const auto rows = row_counts();
  const auto loaded = describe(load());
  const auto versions = sql(*pool, "SELECT sum(xmin::text::bigint) AS sum FROM scanclock.alerts");
  commit(changes);
  EXPECT_EQ(row_counts(), rows);
  EXPECT_EQ(describe(load()), loaded);
  EXPECT_EQ(
      sql(*pool, "SELECT sum(xmin::text::bigint) AS sum FROM scanclock.alerts").one().int64("sum"),
      versions.one().int64("sum"));
  EXPECT_TRUE(run(verify_evidence_chain(*pool)).has_value());
}

TEST_F(StoreLedger, DoesNotSendAgainWhatWasDeliveredBeforeTheSetWasStoredAgain) {
  const auto changes = full_change_set(base);
  commit(changes);
  run(stores->outbox.claim("oncall", base, minute(1), 10));
  run(stores->outbox.delivered("message-1", base, 200));
  run(stores->outbox.claim("oncall", base, minute(1), 10));
  run(stores->outbox.delivered("message-2", base, 200));
  commit(changes);
  EXPECT_TRUE(run(stores->outbox.claim("oncall", minute(5), minute(6), 10)).empty());
}

TEST_F(StoreLedger, StoresTheLastWordOfASetThatNamesARowTwice) {
  auto changes = full_change_set(base);
  auto later = full_change_set(base);
  later.alerts[0].stage = 4;
  later.alerts[0].sequence = 3;
  later.coverage[0].to = minute(1);
  later.locations[0].second.host = "other.example";
  changes.append(later);
  commit(changes);
  auto expected = expected_after(later);
  EXPECT_EQ(describe(load()), describe(expected));
  EXPECT_TRUE(run(verify_evidence_chain(*pool)).has_value());
}

TEST_F(StoreLedger, KeepsFirstTimesAndEntriesAtTheEarliest) {
  const auto changes = full_change_set(base);
  commit(changes);
  auto later = changes;
  later.images[0].first_seen_at = base;
  later.images[0].first_running_at.reset();
  later.images[0].first_scan_at = base;
  later.locations[0].second.first_seen_at = base;
  later.locations[0].second.entry_at = base;
  later.locations[0].second.entry_basis = EntryBasis::first_seen;
  later.locations[0].second.evidence_answered_at = base;
  commit(later);
  EXPECT_EQ(describe(load()), describe(expected_after(changes)));
}

TEST_F(StoreLedger, RemembersThatAnImageThatCameBackWasGone) {
  auto changes = full_change_set(base);
  commit(changes);
  auto& place = changes.locations[1].second;
  place.removed_at.reset();
  place.missing_since.reset();
  commit(changes);
  EXPECT_EQ(describe(load()), describe(expected_after(changes)));
  EXPECT_EQ(count("location_removals WHERE repository = 'team/old'"), 1);
}

TEST_F(StoreLedger, BearsTextsThatPostgresqlCannotHold) {
  auto changes = full_change_set(base);
  const std::string hostile("a\0b\xFFz\xED\xA0\x80", 8);
  const std::string stored =
      "a\xEF\xBF\xBD"
      "b\xEF\xBF\xBD"
      "z\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD";
  changes.evidence[0].evidence.report.scanner = hostile;
  changes.evidence[0].evidence.report.names = {hostile};
  changes.evidence[0].evidence.report.database_built_at = TimePoint::min();
  auto seen = changes.containers[0].observation();
  seen.labels = {{hostile, hostile}};
  changes.containers = {container_of(seen, base, {})};
  changes.manifests[0].size_bytes = std::numeric_limits<std::uint64_t>::max();
  changes.messages[0].body = hostile;
  commit(changes);
  const auto loaded = load();
  EXPECT_EQ(loaded.containers[0].labels(), (std::map<std::string, std::string>{{stored, stored}}));
  for (const auto& evidence : loaded.evidence) {
    if (evidence.digest == changes.evidence[0].evidence.digest) {
      EXPECT_EQ(evidence.report.scanner, stored);
      EXPECT_EQ(evidence.report.names, std::vector<std::string>{stored});
    }
  }
  EXPECT_TRUE(run(verify_evidence_chain(*pool)).has_value());
}

TEST_F(StoreLedger, StoresMoreRowsThanABatchHolds) {
  ChangeSet changes;
  for (std::size_t number = 0; number < 2 * batch_rows_max + 1; ++number) {
    ImageRecord image;
    image.digest = digest_of("image " + std::to_string(number));
    image.first_seen_at = base;
    changes.images.push_back(image);
    EvidenceRow row;
    row.evidence = evidence_of("scan " + std::to_string(number), base);
    row.bytes = "report " + std::to_string(number);
    changes.decisions.push_back(decision_on(row.evidence, 1, true, base));
    changes.evidence.push_back(std::move(row));
  }
  commit(changes);
  commit(changes);
  EXPECT_EQ(describe(load()), describe(expected_after(changes)));
  const auto verified = run(verify_evidence_chain(*pool));
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->rows, static_cast<std::int64_t>(changes.evidence.size()));
}

TEST_F(StoreLedger, StoresAllOfASetOrNothing) {
  execute("ALTER TABLE scanclock.outbox ADD CONSTRAINT test_no_room CHECK (receiver <> 'oncall')");
  EXPECT_THROW(commit(full_change_set(base)), PgError);
  for (const auto& rows : row_counts()) {
    EXPECT_TRUE(rows.ends_with(" 0")) << rows;
  }
}

TEST_F(StoreLedger, LeavesAlertsOutThatEndedMoreThanADayAgo) {
  auto changes = full_change_set(base);
  changes.alerts[1].ended_at = clock.now() - std::chrono::hours(25);
  commit(changes);
  const auto alerts = load().alerts;
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(alerts[0].id, changes.alerts[0].id);
}

TEST_F(StoreLedger, KnowsWhoIsOwedAnEndHoweverLongAgoThatWas) {
  using Told = std::map<std::string, std::int64_t>;
  struct Case {
    const char* id;
    bool firing;
    Told told;
    bool is_loaded;
  };
  const Case cases[] = {
      {"told-to-nobody", false, {}, false},
      {"told-to-all", false, {{"oncall", 4}, {"team \"x\"", 4}}, false},
      {"owed-to-one", false, {{"oncall", 4}, {"team \"x\"", 3}}, true},
      {"told-in-a-group", false, {{"grp_0011223344556677", 3}, {"oncall", 4}}, false},
      {"owed-in-a-group", false, {{"grp_0011223344556677", 3}, {"oncall", 3}}, true},
      {"fires", true, {{"oncall", 4}}, true},
  };
  ChangeSet changes;
  std::set<std::string> expected;
  for (const Case& one : cases) {
    Alert alert = full_change_set(base).alerts[1];
    alert.id = alert.key.subject = one.id;
    alert.firing = one.firing;
    alert.sequence = 4;
    alert.ended_at =
        one.firing ? std::nullopt : std::optional(clock.now() - std::chrono::hours(24 * 300));
    alert.told = one.told;
    changes.alerts.push_back(alert);
    if (one.is_loaded) {
      expected.insert(one.id);
    }
  }
  commit(changes);
  const auto loaded_ids = [&] {
    std::set<std::string> ids;
    for (const Alert& alert : load().alerts) {
      ids.insert(alert.id);
    }
    return ids;
  };
  EXPECT_EQ(loaded_ids(), expected);
  changes.alerts[2].told["team \"x\""] = 4;
  commit(changes);
  expected.erase("owed-to-one");
  EXPECT_EQ(loaded_ids(), expected) << "the debt is paid";
}

TEST_F(StoreLedger, LooksAtNoneOfTheAlertsThatEndedLongAgoAndAreOwedToNobody) {
  execute(
      "INSERT INTO scanclock.alerts (id, rule, subject, policy, severity, firing, "
      "resolved_reason, environment, owner, labels, annotations, stage, sequence, started_at, "
      "ended_at, last_notified_at, told) "
      "SELECT 'old-' || n, 'ScanclockScanOverdue', 's', 'p', 'critical', false, 'scanned', '', '', "
      "'{}', '{}', 0, 2, at, at, at, jsonb_build_object('oncall', CASE WHEN n <= 3 THEN 1 ELSE 2 "
      "END) FROM generate_series(1, 20000) AS n, "
      "LATERAL (SELECT now() - interval '2 days' - n * interval '20 minutes') AS ended(at)");
  execute("ANALYZE scanclock.alerts");
  EXPECT_EQ(load().alerts.size(), 3U);
  std::string statement = query("OpenAlerts").text;
  const std::string since = "$1::timestamptz";
  for (std::size_t at = 0; (at = statement.find(since, at)) != std::string::npos;) {
    statement.replace(at, since.size(), "now() - interval '1 day'");
  }
  std::string plan;
  for (const auto row : sql(*pool, "EXPLAIN " + statement)) {
    plan += row.text("QUERY PLAN") + "\n";
  }
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
  EXPECT_NE(plan.find("alerts_owing"), std::string::npos) << plan;
}

TEST_F(StoreLedger, NeverTakesAnAlertBackToAnEarlierEvent) {
  auto changes = full_change_set(base);
  commit(changes);
  auto stale = changes;
  stale.alerts[0].sequence = 1;
  stale.alerts[0].stage = 0;
  commit(stale);
  EXPECT_EQ(describe(load()), describe(expected_after(changes)));
}

}  // namespace
}  // namespace scanclock
