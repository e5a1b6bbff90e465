#include "tests/unit/domain/facts.hpp"
#include "tests/unit/domain/stored_world.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

const Digest lonely = digest(0x1b);
const Digest chart = digest(0xa1);

class Restart : public testing::Test {
 protected:
  /// Stores what `world` learned and gives a new world that remembers just that.
  World restarted() {
    world.conclude();
    stored.store(world.inventory.take_changes());
    World next;
    next.now = world.now;
    next.inventory.restore(stored.snapshot(), next.now);
    next.conclude();
    return next;
  }

  World world;
  StoredWorld stored;
};

TEST_F(Restart, RemembersStatesVerdictsTagsAndObservations) {
  world.list({"old", "chart"});
  world.add(image(m1, c1));
  world.add(image(m2, c2, arm64));
  world.add(index(both, {entry(m1), entry(m2, arm64)}));
  world.add(artifact(chart));
  world.tag("old", both);
  world.tag("chart", chart);
  world.add(image(m3, c3), copy);
  for (const Digest& subject : {m1, m2, both}) {
    world.inventory.note_evidence_answered(app, subject, world.now);
  }
  Evidence named = scan_of(1, {both}, noon - 25 * day);
  named.report.platform = amd64;
  world.collect(named);
  Evidence laundered = scan_of(2, {m3});
  laundered.attached_to = m3;
  laundered.report.subject_config = c1;
  laundered.report.inner_subjects = {c1};
  world.collect(laundered);
  world.run({container("a", {both}), container("b", {both}, arm64), container("c", {m3}),
             container("d", {digest(0x99)}), container("e", {m1, m3})});
  const World next = restarted();

  ASSERT_EQ(next.inventory.images().size(), world.inventory.images().size());
  for (const auto& [digest, before] : world.inventory.images()) {
    const ImageRecord& after = next.record(digest);
    EXPECT_EQ(after.state, before.state);
    EXPECT_EQ(after.deadline_at, before.deadline_at);
    EXPECT_EQ(after.running, before.running);
    EXPECT_EQ(after.last_scan, before.last_scan);
    EXPECT_EQ(after.first_running_at, before.first_running_at);
    EXPECT_EQ(after.first_scan_at, before.first_scan_at);
    EXPECT_EQ(after.environment, before.environment);
    EXPECT_EQ(next.observation(digest), world.observation(digest));
    for (const auto& [key, location] : before.locations) {
      EXPECT_EQ(after.locations.at(key).tags, location.tags);
      EXPECT_EQ(after.locations.at(key).entry_at, location.entry_at);
      EXPECT_EQ(after.locations.at(key).entry_basis, location.entry_basis);
    }
  }
  ASSERT_EQ(next.inventory.containers().size(), world.inventory.containers().size());
  for (const ContainerRecord& before : world.inventory.containers()) {
    const ContainerRecord& after = next.inventory.containers().at(before.key());
    EXPECT_EQ(after.verdict(), before.verdict()) << before.id;
    EXPECT_EQ(after.join(), before.join()) << before.id;
  }
  for (const RepositoryKey& key : {app, copy}) {
    EXPECT_EQ(next.inventory.tags(key), world.inventory.tags(key));
    EXPECT_EQ(next.inventory.subjects(key), world.inventory.subjects(key));
  }
  EXPECT_EQ(next.inventory.next_change_at(), world.inventory.next_change_at());
}

TEST_F(Restart, ReportsNothingThatIsStoredAlready) {
  world.list({"v1"});
  world.add(image(m1, c1));
  world.tag("v1", m1);
  world.collect(scan_of(1, {m1}));
  world.collect(scan_of(2, {m1}, noon + day));
  world.run({container("a", {m1})});
  World next = restarted();
  EXPECT_TRUE(next.inventory.take_changes().empty())
      << "a decision that is told again makes an alert fire again";
  next.run({container("a", {m1})});
  EXPECT_FALSE(next.inventory.add_evidence(scan_of(1, {m1}), "{}", next.now));
  next.conclude();
  EXPECT_TRUE(next.inventory.take_changes().empty());
}

TEST_F(Restart, JudgesUnderAPolicyThatIsNewAndKeepsTheOtherDecisions) {
  world.add(image(m1, c1));
  world.collect(scan_of(1, {m1}));
  world.conclude();
  stored.store(world.inventory.take_changes());
  Scope scope = default_scope();
  VersionedPolicy strict;
  strict.policy.name = "strict";
  strict.policy.trust = {Trust::signed_};
  scope.policies.push_back(strict);
  World next(scope);
  next.inventory.restore(stored.snapshot(), next.now);
  next.conclude();
  const ChangeSet changes = next.inventory.take_changes();
  ASSERT_EQ(changes.decisions.size(), 1U);
  EXPECT_EQ(changes.decisions.front().policy, "strict");
  EXPECT_EQ(next.state(m1), State::never_scanned);
}

TEST_F(Restart, ListsNoIndexOfAnotherRepositoryAsASubject) {
  world.add(image(m1, c1));
  world.tag("v1", m1);
  world.add(image(m1, c1), copy);
  world.add(index(both, {entry(m1)}), copy);
  world.tag("v1", both, copy);
  const World next = restarted();
  EXPECT_EQ(next.inventory.subjects(app), std::vector{m1});
  EXPECT_EQ(next.inventory.subjects(copy), (std::vector{m1, both}));
}

TEST_F(Restart, StillAsksAboutAnIndexThatNoTagNamesAnyMore) {
  world.add(image(m1, c1));
  world.add(index(both, {entry(m1)}));
  world.tag("v1", both);
  world.add(index(lonely, {entry(m1), entry(digest(0xa2), Platform(), false)}));
  world.tag("v1", lonely);
  const World next = restarted();
  EXPECT_EQ(next.inventory.subjects(app), (std::vector{m1, both, lonely}));
}

TEST_F(Restart, KeepsTheIndexThatEvidenceWasFoundAt) {
  world.add(image(m1, c1));
  world.add(index(both, {entry(m1)}));
  world.add(image(m1, c1), copy);
  world.add(index(both, {entry(m1)}), copy);
  world.tag("v1", both, copy);
  Evidence evidence = scan(1);
  evidence.attached_to = both;
  world.collect(evidence);
  const World next = restarted();
  EXPECT_EQ(next.inventory.subjects(app), (std::vector{m1, both}));
}

TEST_F(Restart, KeepsAnImageWithoutTagsInItsPlace) {
  world.add(image(m1, c1));
  const World next = restarted();
  EXPECT_EQ(next.inventory.subjects(app), std::vector{m1});
  EXPECT_EQ(next.record(m1).locations.size(), 1U);
}

TEST_F(Restart, KeepsARemovedImageRemoved) {
  world.add(image(m1, c1));
  world.inventory.note_missing(app, m1, minutes(1), world.now);
  world.inventory.note_missing(app, m1, minutes(1), world.now + minutes(1));
  const World next = restarted();
  EXPECT_TRUE(next.inventory.subjects(app).empty());
  EXPECT_TRUE(next.location(m1).removed_at);
}

TEST_F(Restart, InTheMiddleOfTheFirstListingMakesNothingNew) {
  world.list({"a", "b"});
  world.add(image(m1, c1));
  world.tag("a", m1);
  stored.coverage = {{"prod", SourceKind::registry, noon, noon + minutes(1)}};
  World next = restarted();
  next.now += minutes(5);
  next.list({"a", "b"});
  next.add(image(m2, c2));
  next.tag("b", m2);
  EXPECT_EQ(next.location(m2).entry_basis, EntryBasis::initial);
}

TEST_F(Restart, AfterTheFirstListingStillKnowsWhatIsNew) {
  world.list({"a"});
  world.add(image(m1, c1));
  world.tag("a", m1);
  stored.coverage = {{"prod", SourceKind::registry, noon, noon + day}};
  World next = restarted();
  next.now += 2 * day;
  next.list({"a", "b"});
  next.add(image(m2, c2));
  next.tag("b", m2);
  EXPECT_EQ(next.location(m2).entry_basis, EntryBasis::first_seen);
  next.tag("c", m1);
  EXPECT_EQ(next.location(m1).entry_basis, EntryBasis::initial) << "retagged, not new";
}

TEST_F(Restart, KeepsTheHistoryOfImageIds) {
  world.add(image(m1, c1));
  world.add(image(m2, c2));
  world.run({container("a", {m1})});
  world.run({container("a", {})});
  World next = restarted();
  EXPECT_EQ(next.container_of("a").join().image, m1);
  next.run({container("a", {m2})});
  next.conclude();
  EXPECT_EQ(next.verdict("a"), Verdict::conflict);
}

}  // namespace
}  // namespace scanclock
