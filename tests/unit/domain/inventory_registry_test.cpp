#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

/// The first complete listing was { "old" } → m1.
World listed_world() {
  World world;
  world.list({"old"});
  world.now += seconds(1);
  world.add(image(m1, c1));
  world.tag("old", m1);
  world.conclude();
  world.now += hours(1);
  return world;
}

TEST(Entry, IsInitialForWhatTheFirstListingNames) {
  World world = listed_world();
  EXPECT_EQ(world.location(m1).entry_basis, EntryBasis::initial);
  EXPECT_EQ(world.location(m1).entry_at, noon + seconds(1));
}

TEST(Entry, IsInitialWhenTagsAreResolvedBeforeAnyListing) {
  World world;
  world.add(image(m1, c1));
  world.tag("old", m1);
  world.list({"old"});
  EXPECT_EQ(world.location(m1).entry_basis, EntryBasis::initial);
}

TEST(Entry, IsFirstSeenForATagThatTheListingLacked) {
  World world = listed_world();
  world.list({"old", "new"});
  world.add(image(m2, c2));
  world.tag("new", m2);
  EXPECT_EQ(world.location(m2).entry_basis, EntryBasis::first_seen);
  EXPECT_EQ(world.location(m2).entry_at, world.now);
}

TEST(Entry, IsFirstSeenForAnImageThatAnOldTagMovesTo) {
  World world = listed_world();
  world.add(image(m2, c2));
  world.tag("old", m2);
  EXPECT_EQ(world.location(m2).entry_basis, EntryBasis::first_seen);
}

TEST(Entry, IsInitialForATagOfTheFirstListingThatIsResolvedLate) {
  World world;
  world.list({"old", "late"});
  world.now += day;
  world.list({"old", "late"});
  world.add(image(m2, c2));
  world.tag("late", m2);
  EXPECT_EQ(world.location(m2).entry_basis, EntryBasis::initial);
}

TEST(Entry, IsInitialEvenIfANewTagNamedTheImageBeforeTheLateOne) {
  World world;
  world.list({"late"});
  world.now += hours(1);
  world.list({"late", "new"});
  world.add(image(m2, c2));
  world.tag("new", m2);
  world.tag("late", m2);
  EXPECT_EQ(world.location(m2).entry_basis, EntryBasis::initial);
}

TEST(Entry, IsNotRestartedByRetagging) {
  World world = listed_world();
  const Location before = world.location(m1);
  world.list({});
  world.now += day;
  world.list({"again"});
  world.add(image(m1, c1));
  world.tag("again", m1);
  world.conclude();
  EXPECT_EQ(world.location(m1).entry_at, before.entry_at);
  EXPECT_EQ(world.location(m1).entry_basis, EntryBasis::initial)
      << "it was there when monitoring began, and that extends nothing";
}

TEST(Entry, IsNotRestartedByRemovingAndPushingAgain) {
  World world = listed_world();
  world.list({"old", "new"});
  world.add(image(m2, c2));
  world.tag("new", m2);
  const Location before = world.location(m2);
  world.inventory.note_missing(app, m2, minutes(15), world.now);
  world.now += minutes(15);
  world.inventory.note_missing(app, m2, minutes(15), world.now);
  ASSERT_TRUE(world.location(m2).removed_at);
  world.now += 40 * day;
  world.add(image(m2, c2));
  world.tag("newer", m2);
  EXPECT_FALSE(world.location(m2).removed_at);
  EXPECT_FALSE(world.location(m2).missing_since);
  EXPECT_EQ(world.location(m2).entry_at, before.entry_at);
  EXPECT_EQ(world.location(m2).entry_basis, EntryBasis::first_seen);
  EXPECT_EQ(world.location(m2).tags, (std::set<std::string>{"new", "newer"}));
}

TEST(Entry, OfTheEarliestProductionPlaceCounts) {
  World world = listed_world();
  world.list({}, lab);
  world.list({"x"}, lab);
  world.add(image(m2, c2), lab);
  world.tag("x", m2, lab);
  world.conclude();
  EXPECT_EQ(world.record(m2).deadline_at, world.now) << "a laboratory gives no grace";
  world.now += day;
  world.list({"old", "new"});
  world.add(image(m2, c2));
  world.tag("new", m2);
  world.conclude();
  EXPECT_EQ(world.record(m2).deadline_at, world.now + 30 * day);
  const TimePoint entered = world.now;
  world.now += day;
  world.list({}, copy);
  world.add(image(m2, c2), copy);
  world.tag("new", m2, copy);
  world.conclude();
  EXPECT_EQ(world.record(m2).deadline_at, entered + 30 * day) << "a later copy restarts nothing";
}

TEST(Removal, NeedsTwoAnswersThatItIsGoneACycleApart) {
  World world = listed_world();
  const auto missing = [&] { world.inventory.note_missing(app, m1, minutes(15), world.now); };
  missing();
  EXPECT_FALSE(world.location(m1).removed_at);
  world.now += minutes(15) - microsecond;
  missing();
  EXPECT_FALSE(world.location(m1).removed_at) << "both are of the same cycle";
  world.now += microsecond;
  missing();
  EXPECT_EQ(world.location(m1).removed_at, world.now);
  EXPECT_TRUE(world.inventory.subjects(app).empty());
  EXPECT_TRUE(world.location(m1).tags.empty());
  world.conclude();
  EXPECT_EQ(world.observation(m1), Observation::Status::unknown);
}

TEST(Removal, IsTakenBackByAnAnswerInBetween) {
  World world = listed_world();
  world.inventory.note_missing(app, m1, minutes(15), world.now);
  world.now += minutes(10);
  world.inventory.note_present(app, m1, world.now);
  world.now += minutes(10);
  world.inventory.note_missing(app, m1, minutes(15), world.now);
  EXPECT_FALSE(world.location(m1).removed_at);
}

TEST(Removal, OfAnIndexNeedsTwoAnswersToo) {
  World world;
  world.add(image(m1, c1));
  world.add(index(both, {entry(m1)}));
  const auto missing = [&] { world.inventory.note_missing(app, both, minutes(15), world.now); };
  missing();
  EXPECT_EQ(world.inventory.subjects(app).size(), 2U);
  world.now += minutes(5);
  world.inventory.note_present(app, both, world.now);
  world.now += minutes(15);
  missing();
  EXPECT_EQ(world.inventory.subjects(app).size(), 2U);
  world.now += minutes(15);
  missing();
  EXPECT_EQ(world.inventory.subjects(app), std::vector{m1});
  EXPECT_FALSE(world.location(m1).removed_at) << "its images are judged by their own digests";
}

TEST(ATagList, RemovesTagsButNeverImages) {
  World world = listed_world();
  world.list({});
  world.conclude();
  EXPECT_TRUE(world.inventory.tags(app).empty());
  EXPECT_TRUE(world.location(m1).tags.empty());
  EXPECT_FALSE(world.location(m1).removed_at);
  EXPECT_EQ(world.inventory.subjects(app), std::vector{m1});
  const ChangeSet changes = world.inventory.take_changes();
  ASSERT_FALSE(changes.tags.empty());
  EXPECT_TRUE(changes.tags.back().digest.empty());
  EXPECT_EQ(changes.tags.back().tag, "old");
}

TEST(Tags, FollowTheImageThroughIndexesAndMoves) {
  World world;
  world.add(image(m1, c1));
  world.add(image(m2, c2, arm64));
  world.add(index(both, {entry(m1), entry(m2, arm64)}));
  world.tag("v1", both);
  world.tag("amd64", m1);
  EXPECT_EQ(world.location(m1).tags, (std::set<std::string>{"amd64", "v1"}));
  EXPECT_EQ(world.location(m2).tags, std::set<std::string>{"v1"});
  world.tag("v1", m2);
  EXPECT_EQ(world.location(m1).tags, std::set<std::string>{"amd64"});
  EXPECT_EQ(world.location(m2).tags, std::set<std::string>{"v1"});
  world.add(image(m1, c1), copy);
  EXPECT_TRUE(world.location(m1, copy).tags.empty()) << "tags belong to their repository";
}

TEST(Tags, FindTheirImagesWhenTheManifestComesLater) {
  World world;
  world.add(image(m1, c1));
  world.tag("v1", both);
  EXPECT_TRUE(world.location(m1).tags.empty());
  world.add(index(both, {entry(m1)}));
  EXPECT_EQ(world.location(m1).tags, std::set<std::string>{"v1"});
}

TEST(Subjects, AreImagesAndIndexesOfTheRepositoryAndNoArtifacts) {
  World world;
  world.add(image(m1, c1));
  world.add(index(both, {entry(m1)}));
  world.add(artifact(digest(0xa1)));
  world.tag("chart", digest(0xa1));
  world.add(image(m2, c2), copy);
  EXPECT_EQ(world.inventory.subjects(app), (std::vector{m1, both}));
  EXPECT_EQ(world.inventory.subjects(copy), std::vector{m2});
  EXPECT_EQ(world.inventory.repositories("prod"),
            (std::vector<std::string>{"team/app", "team/copy"}));
  EXPECT_TRUE(world.inventory.repositories("pro").empty());
  EXPECT_TRUE(world.inventory.subjects({"prod", "nothing"}).empty());
}

TEST(Observation, IsNotAskedYetUntilTheImageAndItsIndexesWereAsked) {
  World world;
  world.add(image(m1, c1));
  world.add(index(both, {entry(m1)}));
  EXPECT_EQ(world.observation(m1), Observation::Status::not_asked_yet);
  world.inventory.note_evidence_answered(app, m1, world.now);
  EXPECT_EQ(world.observation(m1), Observation::Status::not_asked_yet);
  world.now += minutes(1);
  world.inventory.note_evidence_answered(app, both, world.now);
  EXPECT_EQ(world.observation(m1), Observation::Status::ok);
  EXPECT_EQ(world.inventory.observation(world.record(m1)).last_success_at, world.now - minutes(1));
}

TEST(Observation, WaitsForAnIndexThatComesLater) {
  World world;
  world.add(image(m1, c1));
  world.inventory.note_evidence_answered(app, m1, world.now);
  EXPECT_EQ(world.observation(m1), Observation::Status::ok);
  world.conclude();
  world.add(index(both, {entry(m1)}));
  EXPECT_EQ(world.observation(m1), Observation::Status::not_asked_yet);
  EXPECT_TRUE(world.conclude().images.contains(m1));
  world.inventory.note_evidence_answered(app, both, world.now);
  EXPECT_EQ(world.observation(m1), Observation::Status::ok);
}

TEST(Observation, DoesNotWaitForAnIndexOfAnotherRepository) {
  World world;
  world.add(image(m1, c1));
  world.add(image(m1, c1), copy);
  world.add(index(both, {entry(m1)}), copy);
  world.inventory.note_evidence_answered(app, m1, world.now);
  EXPECT_TRUE(world.location(m1).evidence_answered_at);
  EXPECT_FALSE(world.location(m1, copy).evidence_answered_at);
  EXPECT_EQ(world.observation(m1), Observation::Status::not_asked_yet) << "every place counts";
}

TEST(Observation, IsUnknownWithItsReasonWhileAnyQuestionFails) {
  World world;
  world.add(image(m1, c1));
  world.add(index(both, {entry(m1)}));
  world.inventory.note_evidence_answered(app, m1, world.now);
  world.inventory.note_evidence_answered(app, both, world.now);
  world.conclude();
  world.now += minutes(1);
  world.inventory.note_evidence_failed(app, both, "timeout", world.now);
  EXPECT_TRUE(world.conclude().images.contains(m1)) << "whoever shows it must look again";
  const TimePoint since = world.now;
  world.now += minutes(1);
  world.inventory.note_evidence_failed(app, m1, "unauthorized", world.now);
  world.inventory.note_evidence_failed(app, both, "server_error", world.now);
  const Observation observation = world.inventory.observation(world.record(m1));
  EXPECT_EQ(observation.status, Observation::Status::unknown);
  EXPECT_EQ(observation.since, since);
  EXPECT_EQ(observation.reason, "server_error");
  world.inventory.note_evidence_answered(app, both, world.now);
  EXPECT_EQ(world.observation(m1), Observation::Status::unknown);
  world.inventory.note_evidence_answered(app, m1, world.now);
  EXPECT_EQ(world.observation(m1), Observation::Status::ok);
  EXPECT_TRUE(world.conclude().images.contains(m1));
}

TEST(Observation, OfAnOutageChangesNoState) {
  World world;
  world.add(image(m1, c1));
  world.collect(scan_of(1, {m1}));
  world.inventory.note_evidence_answered(app, m1, world.now);
  world.conclude();
  const Standing before = world.record(m1).standings.front().standing;
  world.inventory.note_evidence_failed(app, m1, "timeout", world.now);
  world.conclude();
  EXPECT_EQ(world.record(m1).standings.front().standing, before);
  world.now += 30 * day + microsecond;
  world.conclude();
  EXPECT_EQ(world.state(m1), State::overdue) << "a deadline passes while nobody answers";
}

TEST(UnreadableShare, CountsWhatCouldNotBeAsked) {
  World world;
  EXPECT_EQ(world.inventory.unreadable_share("prod"), 0);
  world.add(image(m1, c1));
  world.add(image(m2, c2));
  world.add(image(m3, c3), copy);
  world.inventory.note_evidence_failed(app, m1, "timeout", world.now);
  world.inventory.note_evidence_failed(app, m1, "timeout", world.now);
  EXPECT_DOUBLE_EQ(world.inventory.unreadable_share("prod"), 1.0 / 3);
  world.inventory.note_evidence_failed(app, digest(0x99), "bad_content", world.now);
  EXPECT_DOUBLE_EQ(world.inventory.unreadable_share("prod"), 2.0 / 4);
  world.add(image(digest(0x99), digest(0x98)));
  world.inventory.note_evidence_answered(app, m1, world.now);
  EXPECT_EQ(world.inventory.unreadable_share("prod"), 0);
  world.inventory.note_evidence_failed(app, m2, "timeout", world.now);
  world.inventory.note_missing(app, m2, minutes(1), world.now);
  world.inventory.note_missing(app, m2, minutes(1), world.now + minutes(1));
  EXPECT_EQ(world.inventory.unreadable_share("prod"), 0) << "what is gone fails no more";
  EXPECT_EQ(world.inventory.unreadable_share("lab"), 0);
}

TEST(ChangesToStore, AreOnePerImageAndPlaceHoweverManyTagsMoved) {
  World world;
  world.add(image(m1, c1));
  for (int number = 0; number < 50; ++number) {
    world.tag("v" + std::to_string(number), m1);
  }
  world.conclude();
  const ChangeSet changes = world.inventory.take_changes();
  EXPECT_EQ(changes.images.size(), 1U);
  ASSERT_EQ(changes.locations.size(), 1U);
  EXPECT_EQ(changes.locations.front().second.tags.size(), 50U);
  EXPECT_EQ(changes.tags.size(), 50U);
  for (int number = 0; number < 50; ++number) {
    world.tag("v" + std::to_string(number), m1);
  }
  world.list({"v1"});
  world.inventory.take_changes();
  world.list({"v1"});
  world.tag("v1", m1);
  world.add(image(m1, c1));
  world.inventory.note_present(app, m1, world.now);
  world.conclude();
  EXPECT_TRUE(world.inventory.take_changes().empty()) << "a cycle that learned nothing";
}

}  // namespace
}  // namespace scanclock
