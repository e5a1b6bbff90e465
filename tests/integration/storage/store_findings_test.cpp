#include "tests/integration/storage/store_fixture.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

class StoreFindings : public StoreTest {
 protected:
  /// Stores a scan that found these and returns its digest.
  Digest store(const std::string& name, std::vector<Finding> findings,
               std::optional<Rejection> defect = std::nullopt) {
    ChangeSet changes;
    EvidenceRow row;
    row.evidence = evidence_of(name, base);
    row.evidence.report.findings = std::move(findings);
    row.evidence.report.defect = defect;
    row.bytes = name;
    changes.evidence.push_back(row);
    commit(changes);
    return row.evidence.digest;
  }

  std::optional<FindingPage> page(const Digest& digest, const std::string& after = {},
                                  int limit = 1000) {
    return run(stores->ledger.evidence_findings(digest, after, limit));
  }

  std::vector<std::string> ids_of(const FindingPage& found) {
    std::vector<std::string> ids;
    for (const auto& finding : found.findings) {
      ids.push_back(finding.id);
    }
    return ids;
  }
};

TEST_F(StoreFindings, AreReturnedWithSeverityAndAliases) {
  const std::vector<Finding> findings{
      finding_of("CVE-2025-1", FindingSeverity::critical, {"GHSA-a", "RHSA-1"}),
      finding_of("CVE-2025-2", FindingSeverity::unknown, {}),
      finding_of("CVE-2025-3", FindingSeverity::high, {}),
      finding_of("GHSA-b", FindingSeverity::low, {}),
  };
  const auto found = page(store("scan", findings));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->recorded);
  EXPECT_EQ(found->omitted, 0);
  EXPECT_EQ(found->findings, findings);
}

TEST_F(StoreFindings, ArePagedInByteOrder) {
  std::vector<Finding> findings;
  for (const char* id : {"CVE-1", "CVE-2", "GHSA-z", "cve-lower"}) {
    findings.push_back(finding_of(id, FindingSeverity::low, {}));
  }
  const auto digest = store("scan", findings);
  EXPECT_EQ(ids_of(*page(digest, "", 2)), (std::vector<std::string>{"CVE-1", "CVE-2"}));
  EXPECT_EQ(ids_of(*page(digest, "CVE-2", 2)), (std::vector<std::string>{"GHSA-z", "cve-lower"}));
  EXPECT_TRUE(page(digest, "cve-lower", 2)->findings.empty());
}

TEST_F(StoreFindings, DistinguishNoneFromNotRecordedAndFromUnknown) {
  const auto clean = page(store("clean", {}));
  ASSERT_TRUE(clean);
  EXPECT_TRUE(clean->recorded);
  EXPECT_TRUE(clean->findings.empty());
  const auto unread = page(store("unread", {}, Rejection::malformed));
  ASSERT_TRUE(unread);
  EXPECT_FALSE(unread->recorded);
  EXPECT_TRUE(page(store("no time", {}, Rejection::no_time))->recorded);
  EXPECT_FALSE(page(digest_of("never seen")));
}

TEST_F(StoreFindings, ShareTheirNamesBetweenScansAndUseUpNoNumbers) {
  const std::vector<Finding> findings{finding_of("CVE-1", FindingSeverity::low, {"GHSA-1"}),
                                      finding_of("CVE-2", FindingSeverity::high, {})};
  for (int scan = 0; scan < 5; ++scan) {
    store("scan " + std::to_string(scan), findings);
  }
  store("later", {finding_of("CVE-3", FindingSeverity::low, {})});
  EXPECT_EQ(count("vulnerabilities"), 3);
  EXPECT_EQ(count("vulnerability_aliases"), 1);
  EXPECT_EQ(sql(*pool, "SELECT max(id) AS id FROM scanclock.vulnerabilities").one().int64("id"), 3);
}

TEST_F(StoreFindings, JoinWithCataloguesByTheirNamesAndAliases) {
  store("one", {finding_of("CVE-1", FindingSeverity::critical, {"GHSA-1"})});
  store("two", {finding_of("CVE-1", FindingSeverity::low, {}),
                finding_of("CVE-2", FindingSeverity::high, {})});
  execute("CREATE TABLE catalogue AS SELECT 'GHSA-1' AS listed");
  const auto rows = sql(*pool,
                        "SELECT keys.digest, found.severity FROM catalogue "
                        "JOIN scanclock.vulnerability_aliases AS other ON other.alias = listed "
                        "JOIN scanclock.findings AS found USING (vulnerability_id) "
                        "JOIN scanclock.evidence_keys AS keys ON keys.id = found.evidence_id "
                        "ORDER BY found.severity");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].text("digest"), digest_of("two").str());
  EXPECT_EQ(rows[0].int64("severity"), 1);
  EXPECT_EQ(rows[1].text("digest"), digest_of("one").str());
  EXPECT_EQ(rows[1].int64("severity"), 4);
}

TEST_F(StoreFindings, OfAHostileReportDoNotHoldUpTheRest) {
  const std::string nul("CVE\0bad", 7);
  auto findings = std::vector<Finding>{
      finding_of("", FindingSeverity::high, {}),
      finding_of(std::string(100'000, 'x'), FindingSeverity::critical, {}),
      finding_of(nul, FindingSeverity::low, {nul, "", std::string(5000, 'y')}),
      finding_of("CVE\x80"
                 "bad",
                 FindingSeverity::high, {}),
      finding_of("q'uo\"te\\,{}", FindingSeverity::medium, {}),
  };
  const auto found = page(store("hostile", findings));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->omitted, 2) << "the empty and the endless name";
  ASSERT_EQ(found->findings.size(), 2U) << "two names became the same";
  EXPECT_EQ(found->findings[0].id,
            "CVE\xEF\xBF\xBD"
            "bad");
  EXPECT_EQ(found->findings[0].severity, FindingSeverity::high);
  EXPECT_EQ(found->findings[1].id, "q'uo\"te\\,{}");
}

TEST_F(StoreFindings, BeyondTheLimitAreTheLeastGraveAndCounted) {
  std::vector<Finding> findings;
  for (int number = 0; number < 50'010; ++number) {
    const auto severity = number >= 50'000 ? FindingSeverity::critical : FindingSeverity::low;
    findings.push_back(finding_of("CVE-" + std::to_string(number), severity, {}));
  }
  const auto digest = store("endless", findings);
  EXPECT_EQ(page(digest, "", 1)->omitted, 10);
  EXPECT_EQ(count("findings"), 50'000);
  EXPECT_EQ(count("findings WHERE severity = 4"), 10);
}

TEST_F(StoreFindings, AreStoredWithTheirEvidenceOrNotAtAll) {
  execute("ALTER TABLE scanclock.evidence_findings ADD CONSTRAINT none CHECK (false)");
  EXPECT_THROW(store("scan", {}), PgError);
  EXPECT_EQ(count("evidence"), 0);
  EXPECT_EQ(count("evidence_keys"), 0);
}

TEST_F(StoreFindings, AreNeverChanged) {
  store("scan", {finding_of("CVE-1", FindingSeverity::critical, {})});
  EXPECT_THROW(execute("UPDATE scanclock.evidence_findings SET severities = '{0}'"), PgError);
  EXPECT_THROW(execute("DELETE FROM scanclock.evidence_findings"), PgError);
}

}  // namespace
}  // namespace scanclock
