#include "daemon/scan_intake.hpp"

#include "core/runtime/hashing.hpp"
#include "tests/component/daemon/engine_fixture.hpp"
#include "tests/support/alert_world.hpp"
#include "tests/support/scan_documents.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using std::chrono::hours;

class Intake : public EngineTest {
 protected:
  Intake() : EngineTest(AlertWorld::default_scope()) {}

  nlohmann::json report() const {
    return trivy_report("registry.example/team/app", AlertWorld::digest('a'),
                        clock.now() - hours(1));
  }
  std::string timeless_report() const {
    nlohmann::json timeless = report();
    timeless.erase("CreatedAt");
    return timeless.dump();
  }

  HandedOutcome hand_in(const std::string& bytes, std::optional<TimePoint> finished_at = {}) {
    HandedReport handed;
    handed.bytes = std::make_shared<const std::string>(bytes);
    handed.source = "ci";
    handed.finished_at = finished_at;
    return finish(intake.hand_in(std::move(handed)));
  }
};

TEST_F(Intake, CountsEveryNightOfAScannerThatPrintsNoTimeAndFindsTheSame) {
  const std::string bytes = timeless_report();
  EXPECT_EQ(hand_in(bytes).reason, Rejection::no_time);
  const TimePoint first = clock.now();
  EXPECT_EQ(hand_in(bytes, first).kind, HandedOutcome::Kind::accepted);
  EXPECT_EQ(hand_in(bytes, first).kind, HandedOutcome::Kind::accepted);
  EXPECT_EQ(engine.inventory().all_evidence().size(), 1u) << "sent twice is still one scan";
  let_pass(hours(24));
  const TimePoint next = clock.now();
  const auto second = hand_in(bytes, next);
  ASSERT_EQ(second.kind, HandedOutcome::Kind::accepted);
  EXPECT_EQ(engine.inventory().all_evidence().size(), 2u);
  EXPECT_EQ(engine.inventory().evidence(*second.evidence)->evidence.report.finished_at, next);
}

TEST_F(Intake, KeepsWhatWasStatedWithTheBytes) {
  const std::string bytes = timeless_report();
  const TimePoint stated = clock.now();
  const auto outcome = hand_in(bytes, stated);
  ASSERT_EQ(ledger.evidence().size(), 1u);
  const std::string kept = ledger.evidence()[0].bytes;
  EXPECT_EQ(kept, "Scanclock-Finished-At: " + format_rfc3339(stated) + "\n\n" + bytes);
  EXPECT_EQ(outcome.evidence->digest, sha256(kept));
}

TEST_F(Intake, LetsAStatedTimeMakeAScanOlderAndNeverNewer) {
  const TimePoint start = clock.now();
  const std::string bytes = report().dump();
  const auto newer = hand_in(bytes, start);
  EXPECT_EQ(newer.evidence->digest, sha256(bytes)) << "the statement changes nothing";
  EXPECT_EQ(engine.inventory().evidence(*newer.evidence)->evidence.report.finished_at,
            start - hours(1));
  const auto older = hand_in(bytes, start - hours(50));
  EXPECT_EQ(engine.inventory().evidence(*older.evidence)->evidence.report.finished_at,
            start - hours(50));
}

TEST_F(Intake, SendsWhatWasFoundToTheDatabaseAndForgetsIt) {
  nlohmann::json found = report();
  const auto outcome = hand_in(found.dump());
  ASSERT_EQ(ledger.evidence().size(), 1u);
  EXPECT_FALSE(ledger.evidence()[0].evidence.report.findings.empty());
  const auto& kept = engine.inventory().evidence(*outcome.evidence)->evidence.report;
  EXPECT_TRUE(kept.findings.empty());
  EXPECT_EQ(kept.counts.high, 1u);
}

TEST_F(Intake, SaysThatTheDatabaseIsAway) {
  const std::string bytes = report().dump();
  ledger.away = true;
  EXPECT_EQ(hand_in(bytes).kind, HandedOutcome::Kind::not_stored);
  ledger.away = false;
  EXPECT_EQ(hand_in(bytes).kind, HandedOutcome::Kind::accepted);
  EXPECT_EQ(ledger.evidence().size(), 1u);
}

}  // namespace
}  // namespace scanclock
