#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

Evidence attached(unsigned number, const Digest& to, TimePoint finished_at = noon) {
  Evidence evidence = scan(number, finished_at);
  evidence.attached_to = to;
  return evidence;
}

TEST(Evidence, OrderDoesNotMatterAndTheNewestScanWins) {
  std::vector<Evidence> evidence = {attached(1, m1, noon - 20 * day), attached(2, m1, noon - day),
                                    attached(3, m1, noon - 40 * day)};
  std::vector<int> order = {0, 1, 2};
  do {
    World world;
    world.add(image(m1, c1));
    for (const int position : order) {
      world.collect(evidence[static_cast<std::size_t>(position)]);
    }
    world.conclude();
    EXPECT_EQ(world.record(m1).deadline_at, noon + 29 * day);
    EXPECT_EQ(world.record(m1).last_scan->digest, digest(2));
    EXPECT_EQ(world.record(m1).first_scan_at, noon - 40 * day);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Evidence, MayComeBeforeTheImage) {
  World world;
  world.collect(scan_of(1, {m1}));
  world.conclude();
  world.add(image(m1, c1));
  world.conclude();
  EXPECT_EQ(world.state(m1), State::fresh);
}

TEST(Evidence, IsTakenOnceForEachSubjectAndTrust) {
  World world;
  world.add(image(m1, c1));
  world.add(image(m2, c2));
  EXPECT_TRUE(world.collect(attached(1, m1)));
  EXPECT_FALSE(world.collect(attached(1, m1)));
  EXPECT_TRUE(world.collect(attached(1, m2)));
  Evidence other = attached(1, m1);
  other.trust = Trust::pushed;
  EXPECT_TRUE(world.collect(other));
  world.conclude();
  EXPECT_EQ(world.state(m1), State::fresh);
  EXPECT_EQ(world.state(m2), State::fresh);
  EXPECT_EQ(world.inventory.take_changes().evidence.size(), 3U);
}

TEST(Evidence, ThatWasRejectedLaterThanAGoodScanMovesNoClock) {
  World world;
  world.add(image(m1, c1));
  world.collect(attached(1, m1, noon - day));
  Evidence failed = attached(2, m1, noon);
  failed.report.defect = Rejection::scan_failed;
  world.collect(failed);
  world.collect(attached(3, m1, noon + hours(1)));
  world.conclude();
  EXPECT_EQ(world.record(m1).deadline_at, noon + 29 * day);
  EXPECT_EQ(world.decision(attached(3, m1)).reason, Rejection::future_dated);
  EXPECT_EQ(world.inventory.evidence_of(m1).size(), 3U) << "kept and shown";
}

TEST(Evidence, OfAnotherSubjectIsJudgedAgainWhenTheGraphLearnsTheRelation) {
  World world;
  world.add(image(m1, c1));
  Evidence evidence = attached(1, both);
  evidence.report.subject_config = c2;
  world.collect(evidence);
  world.conclude();
  EXPECT_EQ(world.decision(evidence).reason, Rejection::wrong_subject);
  world.add(image(m2, c2, arm64));
  world.conclude();
  EXPECT_EQ(world.decision(evidence).reason, Rejection::wrong_subject);
  world.add(index(both, {entry(m1), entry(m2, arm64)}));
  world.conclude();
  EXPECT_TRUE(world.decision(evidence).accepted);
  EXPECT_EQ(world.state(m2), State::fresh);
  EXPECT_EQ(world.state(m1), State::never_scanned);
  const ChangeSet changes = world.inventory.take_changes();
  EXPECT_EQ(changes.decisions.size(), 2U) << "history: rejected, then accepted";
}

TEST(Evidence, IsJudgedAgainWhenItTurnsOutToBeOfAnotherImage) {
  World world;
  world.add(image(m1, c1));
  world.add(index(both, {entry(m1), entry(m2, arm64)}));
  Evidence evidence = attached(1, m1);
  evidence.report.subjects = {m1};
  evidence.report.subject_config = c2;
  evidence.report.inner_subjects = {both, c2};
  world.collect(evidence);
  world.conclude();
  world.add(image(m2, c2, arm64));
  world.conclude();
  EXPECT_EQ(world.decision(evidence).reason, Rejection::wrong_subject);
  EXPECT_EQ(world.state(m1), State::never_scanned);
  EXPECT_EQ(world.state(m2), State::never_scanned);
}

TEST(Evidence, OfAnIndexProvesItsOnlyImageOnceTheOtherEntryIsKnownForAnArtifact) {
  const Digest other = digest(0xa1);
  World world;
  world.add(image(m1, c1));
  world.add(index(both, {entry(m1), entry(other, Platform())}));
  world.collect(attached(1, both));
  world.conclude();
  EXPECT_TRUE(world.record(m1).platform_unproven);
  EXPECT_EQ(world.state(m1), State::never_scanned);
  world.add(artifact(other));
  world.conclude();
  EXPECT_FALSE(world.record(m1).platform_unproven);
  EXPECT_EQ(world.state(m1), State::fresh);
}

TEST(Evidence, CoversEqualContentThatComesLater) {
  const Digest twin = digest(0x77);
  World world;
  world.add(image(m1, c1));
  world.collect(attached(1, m1));
  world.conclude();
  world.add(image(twin, c1), {"prod", "team/copy"});
  world.conclude();
  EXPECT_EQ(world.state(twin), State::fresh);
  world.collect(attached(2, twin, noon - hours(1)));
  world.now = noon + day;
  world.collect(attached(3, twin, noon + day));
  world.conclude();
  EXPECT_EQ(world.record(m1).deadline_at, noon + 31 * day);
}

TEST(AReload, JudgesAnewUnderANewVersionAndKeepsHistory) {
  World world;
  world.add(image(m1, c1));
  const Evidence evidence = attached(1, m1);
  world.collect(evidence);
  world.conclude();
  world.inventory.take_changes();
  Scope strict = default_scope();
  strict.policies.front().version = 2;
  strict.policies.front().policy.trust = {Trust::signed_};
  world.inventory.set_scope(strict, world.now);
  world.conclude();
  EXPECT_EQ(world.state(m1), State::never_scanned);
  EXPECT_FALSE(world.record(m1).last_scan);
  EXPECT_EQ(world.record(m1).first_scan_at, noon) << "that it was scanned stays true";
  auto changes = world.inventory.take_changes();
  ASSERT_EQ(changes.decisions.size(), 1U);
  EXPECT_EQ(changes.decisions.front().policy_version, 2);
  EXPECT_EQ(changes.decisions.front().decision.reason, Rejection::untrusted);
  world.inventory.set_scope(strict, world.now);
  world.conclude();
  EXPECT_TRUE(world.inventory.take_changes().decisions.empty()) << "nothing new to judge";
}

TEST(AReload, ForgetsWhatARemovedPolicyAccepted) {
  Scope two = default_scope();
  VersionedPolicy strict;
  strict.policy.name = "strict";
  strict.policy.trust = {Trust::signed_};
  two.policies.push_back(strict);
  World world(two);
  world.add(image(m1, c1));
  world.collect(attached(1, m1));
  world.conclude();
  EXPECT_TRUE(world.record(m1).last_scan);
  Scope one = default_scope();
  one.policies = {strict};
  world.inventory.set_scope(one, world.now);
  world.conclude();
  EXPECT_FALSE(world.record(m1).last_scan);
  EXPECT_EQ(world.record(m1).standings.size(), 1U);
}

TEST(AReload, MovesPlacesToTheirNewEnvironmentAndHost) {
  World world;
  world.add(image(m1, c1));
  world.conclude();
  world.inventory.take_changes();
  Scope moved = default_scope();
  moved.registries.front().host = "mirror.example";
  moved.registries.front().environment = "development";
  world.inventory.set_scope(moved, world.now);
  world.conclude();
  EXPECT_EQ(world.location(m1).host, "mirror.example");
  EXPECT_EQ(world.record(m1).environment, "development");
  EXPECT_FALSE(world.record(m1).standings.front().bound);
  EXPECT_EQ(world.inventory.take_changes().locations.size(), 1U);
}

TEST(SeveralPolicies, ShowEachAndTheWorstWins) {
  Scope scope = default_scope();
  VersionedPolicy weekly;
  weekly.policy.name = "weekly";
  weekly.policy.window = 7 * day;
  weekly.policy.warn_before = {};
  VersionedPolicy lab;
  lab.policy.name = "lab";
  lab.policy.window = day;
  lab.policy.match.environments = {"development"};
  scope.policies = {weekly, default_scope().policies.front(), lab};
  World world(scope);
  world.add(image(m1, c1));
  world.collect(attached(1, m1, noon - 8 * day));
  world.run({container("c", {m1})});
  world.conclude();
  const ImageRecord& record = world.record(m1);
  ASSERT_EQ(record.standings.size(), 3U);
  EXPECT_EQ(record.state, State::overdue);
  EXPECT_EQ(record.deadline_at, noon - day);
  EXPECT_FALSE(record.standings[2].bound);
  EXPECT_EQ(world.verdict("c"), Verdict::overdue);
  EXPECT_EQ(world.container_of("c").deadline_at(), noon - day);
  EXPECT_NE(world.container_of("c").reason().find("weekly"), std::string::npos);

  world.collect(attached(2, m1, noon));
  world.conclude();
  EXPECT_EQ(world.state(m1), State::fresh);
  EXPECT_EQ(world.record(m1).deadline_at, noon + 7 * day) << "the earliest deadline of the bound";
}

TEST(TheDefaultTime, PassesAndIsConcludedOnItsOwn) {
  World world;
  world.add(image(m1, c1));
  world.collect(attached(1, m1));
  world.run({container("c", {m1})});
  world.conclude();
  EXPECT_EQ(world.verdict("c"), Verdict::compliant);
  int steps = 0;
  std::vector<Verdict> verdicts;
  while (const auto next = world.inventory.next_change_at()) {
    ASSERT_GT(*next, world.now);
    ASSERT_LT(++steps, 10);
    world.now = *next;
    EXPECT_EQ(world.conclude().images, std::set{m1});
    verdicts.push_back(world.verdict("c"));
  }
  EXPECT_EQ(world.now, noon + 30 * day + microsecond);
  EXPECT_EQ(verdicts, (std::vector{Verdict::expiring, Verdict::expiring, Verdict::expiring,
                                   Verdict::overdue}));
}

}  // namespace
}  // namespace scanclock
