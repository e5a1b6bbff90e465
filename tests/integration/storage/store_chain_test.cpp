#include "storage/evidence_chain.hpp"
#include "storage/migrator.hpp"
#include "tests/integration/storage/store_fixture.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

class StoreChain : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (!pool) {
      return;
    }
    ChangeSet changes;
    for (int number = 1; number <= 5; ++number) {
      add(changes, "march " + std::to_string(number), march);
    }
    add(changes, "april 1", april);
    commit(changes);
    changes = ChangeSet();
    add(changes, "march 6", march);
    commit(changes);
  }

  static void add(ChangeSet& changes, const std::string& name, TimePoint collected_at) {
    EvidenceRow row;
    row.evidence = evidence_of(name, collected_at);
    row.bytes = name;
    changes.evidence.push_back(std::move(row));
  }

  Result<ChainReport, ChainBreak> verify() { return run(verify_evidence_chain(*pool)); }

  /// As somebody with the database's password would.
  void tamper(const std::string& statement) {
    auto connection = connect();
    sql(*connection, "SET session_replication_role = replica");
    sql(*connection, statement);
  }

  std::string hash_of(const std::string& month, std::int64_t position) {
    return sql(*pool, "SELECT min(row_hash) AS hash FROM scanclock.evidence WHERE chain_month = '" +
                          month + "' AND chain_position = " + std::to_string(position))
        .one()
        .text("hash");
  }

  static constexpr TimePoint march = std::chrono::sys_days(std::chrono::year(2026) / 3 / 31) +
                                     std::chrono::hours(24) - Duration(1);
  static constexpr TimePoint april = march + Duration(1);
};

TEST_F(StoreChain, VerifiesWhatWasStored) {
  const auto report = verify();
  ASSERT_TRUE(report.has_value()) << report.error().what;
  EXPECT_EQ(report->months, 2);
  EXPECT_EQ(report->rows, 7);
}

TEST_F(StoreChain, PutsEvidenceIntoThePartitionOfItsMonthInUtc) {
  EXPECT_EQ(count("evidence_2026_03"), 6);
  EXPECT_EQ(count("evidence_2026_04"), 1);
  EXPECT_EQ(count("evidence_default"), 0);
}

TEST_F(StoreChain, IsNotBrokenByStoringTheSameEvidenceAgain) {
  ChangeSet changes;
  add(changes, "march 2", march);
  add(changes, "march 2", april);
  add(changes, "march 7", march);
  commit(changes);
  commit(changes);
  const auto report = verify();
  ASSERT_TRUE(report.has_value()) << report.error().what;
  EXPECT_EQ(report->rows, 8);
}

TEST_F(StoreChain, FallsBackToTheDefaultPartition) {
  tamper(
      "CREATE OR REPLACE FUNCTION scanclock.prepare_evidence_month(month date) RETURNS void "
      "LANGUAGE sql AS ''");
  ChangeSet changes;
  add(changes, "may 1", april + std::chrono::hours(24 * 40));
  commit(changes);
  EXPECT_EQ(count("evidence_default"), 1);
  EXPECT_TRUE(verify().has_value());
}

TEST_F(StoreChain, IsServedByTheDefaultPartitionOnceItHasRowsOfAMonth) {
  tamper(
      "INSERT INTO scanclock.evidence_default SELECT id, '2026-06-01', 1, digest, attached_to, "
      "trust, source, origin, repository, '2026-06-02Z', size_bytes, format, scanner, "
      "scanner_version, finished_at, finished_at_field, database_built_at, subjects, "
      "subject_config, inner_subjects, platform, names, critical, high, medium, low, unknown, "
      "defect, defect_detail, row_hash FROM scanclock.evidence LIMIT 1");
  ChangeSet changes;
  add(changes, "june", april + std::chrono::hours(24 * 65));
  commit(changes);
  EXPECT_EQ(count("evidence_default"), 2);
}

/// What an older release wrote has no signature columns, and keeps its hash.
TEST_F(StoreChain, VerifiesRowsOfTheFirstFormAndNoticesASignatureGivenToThem) {
  const auto hash = chain_hash(chain_genesis("2026-04-01"), "2026-04-01", 1,
                               evidence_of("april 1", april), RowForm::first);
  tamper(
      "UPDATE scanclock.evidence SET signature_state = NULL, signature_detail = NULL, "
      "row_hash = '" +
      hash.str() + "' WHERE chain_month = '2026-04-01'");
  tamper("UPDATE scanclock.evidence_chains SET head = '" + hash.str() +
         "' WHERE month = '2026-04-01'");
  const auto report = verify();
  ASSERT_TRUE(report.has_value()) << report.error().what;
  EXPECT_EQ(report->rows, 7);

  tamper(
      "UPDATE scanclock.evidence SET signature_state = 'verified', signature_detail = 'any' "
      "WHERE chain_month = '2026-04-01'");
  const auto broken = verify();
  ASSERT_TRUE(broken.has_error());
  EXPECT_EQ(broken.error().evidence, digest_of("april 1").str());
  EXPECT_EQ(broken.error().found_hash, hash.str());
}

struct Tampering {
  const char* name;
  const char* statement;
  const char* month;
  std::int64_t position;
  /// The evidence whose row must be named, by the name of its sample; empty where no row is left.
  const char* evidence;
};

TEST_F(StoreChain, DetectsEveryKindOfTampering) {
  const Tampering cases[] = {
      {"a scan made younger",
       "UPDATE scanclock.evidence SET finished_at = finished_at + interval '20 days' "
       "WHERE chain_month = '2026-03-01' AND chain_position = 3",
       "2026-03-01", 3, "march 3"},
      {"a signature made good",
       "UPDATE scanclock.evidence SET signature_detail = 'another key' "
       "WHERE chain_month = '2026-03-01' AND chain_position = 4",
       "2026-03-01", 4, "march 4"},
      {"a signature taken away",
       "UPDATE scanclock.evidence SET signature_state = NULL, signature_detail = NULL "
       "WHERE chain_month = '2026-03-01' AND chain_position = 2",
       "2026-03-01", 2, "march 2"},
      {"a finding removed",
       "UPDATE scanclock.evidence SET critical = 0 "
       "WHERE chain_month = '2026-03-01' AND chain_position = 6",
       "2026-03-01", 6, "march 6"},
      {"a subject added",
       "UPDATE scanclock.evidence SET subjects = subjects || ARRAY['sha256:"
       "0000000000000000000000000000000000000000000000000000000000000000'] "
       "WHERE chain_month = '2026-04-01'",
       "2026-04-01", 1, "april 1"},
      {"a row removed",
       "DELETE FROM scanclock.evidence WHERE chain_month = '2026-03-01' AND chain_position = 2",
       "2026-03-01", 2, ""},
      {"the end cut off",
       "DELETE FROM scanclock.evidence WHERE chain_month = '2026-03-01' AND chain_position = 6",
       "2026-03-01", 6, ""},
      {"a month taken away", "DELETE FROM scanclock.evidence WHERE chain_month = '2026-04-01'",
       "2026-04-01", 1, ""},
      {"the record of an end taken away",
       "DELETE FROM scanclock.evidence_chains WHERE month = '2026-04-01'", "2026-04-01", 1, ""},
      {"two rows exchanged",
       "UPDATE scanclock.evidence AS one SET digest = other.digest, row_hash = other.row_hash "
       "FROM scanclock.evidence AS other WHERE one.chain_month = '2026-03-01' "
       "AND other.chain_month = '2026-03-01' AND one.chain_position IN (3, 4) "
       "AND other.chain_position = 7 - one.chain_position",
       "2026-03-01", 3, "march 4"},
      {"a position used twice",
       "INSERT INTO scanclock.evidence SELECT id, chain_month, chain_position, digest, "
       "attached_to, trust, source, origin, repository, collected_at - interval '1 s', size_bytes, "
       "format, scanner, scanner_version, finished_at, finished_at_field, database_built_at, "
       "subjects, subject_config, inner_subjects, platform, names, critical, high, medium, low, "
       "unknown, defect, defect_detail, row_hash FROM scanclock.evidence "
       "WHERE chain_month = '2026-03-01' AND chain_position = 1",
       "2026-03-01", 1, "march 1"},
  };
  for (const auto& tampering : cases) {
    execute("DROP TABLE IF EXISTS kept_evidence, kept_chains");
    execute("CREATE TABLE kept_evidence AS SELECT * FROM scanclock.evidence");
    execute("CREATE TABLE kept_chains AS SELECT * FROM scanclock.evidence_chains");
    tamper(tampering.statement);
    const auto report = verify();
    ASSERT_TRUE(report.has_error()) << tampering.name;
    EXPECT_EQ(report.error().month, tampering.month) << tampering.name;
    EXPECT_EQ(report.error().position, tampering.position)
        << tampering.name << ": " << report.error().what;
    const std::string evidence = tampering.evidence;
    EXPECT_EQ(report.error().evidence, evidence.empty() ? "" : digest_of(evidence).str())
        << tampering.name;
    if (!evidence.empty()) {
      EXPECT_EQ(report.error().found_hash, hash_of(tampering.month, tampering.position))
          << tampering.name;
      EXPECT_TRUE(Digest::parse(report.error().expected_hash)) << tampering.name;
      EXPECT_NE(report.error().expected_hash, report.error().found_hash) << tampering.name;
    }
    tamper("DELETE FROM scanclock.evidence");
    tamper("INSERT INTO scanclock.evidence SELECT * FROM kept_evidence");
    execute("DELETE FROM scanclock.evidence_chains");
    execute("INSERT INTO scanclock.evidence_chains SELECT * FROM kept_chains");
    ASSERT_TRUE(verify().has_value()) << "after undoing: " << tampering.name;
  }
}

TEST(EvidenceChainText, DiffersWheneverAFieldMoves) {
  Evidence left;
  left.source = "ab";
  left.repository = "c";
  Evidence right;
  right.source = "a";
  right.repository = "bc";
  EXPECT_NE(canonical_row_text("2026-03-01", 1, left), canonical_row_text("2026-03-01", 1, right));
  EXPECT_NE(canonical_row_text("2026-03-01", 1, left), canonical_row_text("2026-03-01", 2, left));
  EXPECT_NE(chain_genesis("2026-03-01"), chain_genesis("2026-04-01"));
}

/// A change of the text would make every existing chain look tampered with.
TEST(EvidenceChainText, NeverChanges) {
  Evidence evidence;
  evidence.digest = Digest::from_trusted("sha256:" + std::string(64, 'a'));
  evidence.source = "ci";
  evidence.collected_at = TimePoint(Duration(1'700'000'000'000'001));
  evidence.size_bytes = 12;
  evidence.report.format = "sarif";
  evidence.report.platform.emplace().os = "linux";
  evidence.report.names = {"n;1:x;"};
  evidence.report.defect = Rejection::no_time;
  EXPECT_EQ(canonical_row_text("2023-11-01", 4, evidence, RowForm::first),
            "scanclock evidence row 1;month:10:2023-11-01;position:1:4;digest:71:sha256:" +
                std::string(64, 'a') +
                ";attached_to:0:;trust:8:unsigned;source:2:ci;origin:6:pushed;repository:0:;"
                "collected_at:16:1700000000000001;size_bytes:2:12;format:5:sarif;scanner:0:;"
                "scanner_version:0:;finished_at:1:-;finished_at_field:0:;database_built_at:1:-;"
                "subjects:1:0;subject_config:0:;inner_subjects:1:0;platform:1:1;os:5:linux;"
                "architecture:0:;variant:0:;os_version:0:;names:1:1;name:6:n;1:x;;critical:1:0;"
                "high:1:0;medium:1:0;low:1:0;"
                "unknown:1:0;defect:7:no_time;defect_detail:0:;");
  evidence.signature = SignatureState::failed;
  evidence.signature_detail = "no key;";
  auto second = canonical_row_text("2023-11-01", 4, evidence, RowForm::first);
  second.replace(second.find("row 1"), 5, "row 2");
  second.insert(second.find("format:"), "signature_state:6:failed;signature_detail:7:no key;;");
  EXPECT_EQ(canonical_row_text("2023-11-01", 4, evidence), second);
  EXPECT_EQ(evidence_month(evidence.collected_at), "2023-11-01");
}

}  // namespace
}  // namespace scanclock
