#include "core/domain/image_check.hpp"

#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

/// `both` (tag v1) holds m1, scanned at noon, and m2, scanned ten days before.
World sample_world() {
  World world;
  world.add(image(m1, c1));
  world.add(image(m2, c2, arm64));
  world.add(index(both, {entry(m1), entry(m2, arm64)}));
  world.tag("v1", both);
  world.tag("amd64", m1);
  world.collect(scan_of(1, {m1}));
  world.collect(scan_of(2, {m2}, noon - 10 * day));
  world.conclude();
  return world;
}

ImageCheck check(const World& world, const std::string& reference,
                 const std::optional<Platform>& on = std::nullopt,
                 Duration min_remaining = Duration::zero()) {
  return check_image(world.inventory, *parse_image_reference(reference), on, min_remaining,
                     world.now);
}

TEST(TheCheck, AllowsWhatIsScannedAndSaysWhichDigest) {
  World world = sample_world();
  const ImageCheck result = check(world, "registry.example/team/app:amd64");
  EXPECT_TRUE(result.allowed);
  EXPECT_TRUE(result.reasons.empty());
  EXPECT_EQ(result.verdict, Verdict::compliant);
  EXPECT_TRUE(result.resolved_from_tag);
  EXPECT_EQ(result.digest, m1);
  EXPECT_EQ(result.pinned_ref, "registry.example/team/app@" + m1.str());
  EXPECT_EQ(result.deadline_at, noon + 30 * day);
  EXPECT_EQ(result.policies, std::vector<std::string>{"fedramp-30d"});
  EXPECT_EQ(result.registry, "prod");
}

TEST(TheCheck, RefusesWhatIsNotKnown) {
  World world = sample_world();
  for (const std::string& reference :
       {std::string("registry.example/team/app:nothing"), std::string("registry.example/team/app"),
        std::string("registry.example/other:v1"), std::string("nobody.example/team/app:v1"),
        "registry.example/team/app@" + digest(0xdead).str(), std::string("busybox")}) {
    const ImageCheck result = check(world, reference);
    EXPECT_FALSE(result.allowed) << reference;
    EXPECT_EQ(result.verdict, Verdict::unresolved) << reference;
    EXPECT_FALSE(result.reasons.empty()) << reference;
  }
}

TEST(TheCheck, TakesTheWorstPlatformOfAnIndex) {
  World world = sample_world();
  ImageCheck result = check(world, "registry.example/team/app:v1");
  EXPECT_TRUE(result.allowed);
  EXPECT_EQ(result.platforms.size(), 2U);
  EXPECT_EQ(result.deadline_at, noon + 20 * day);
  world.now = noon + 21 * day;
  world.conclude();
  result = check(world, "registry.example/team/app:v1");
  EXPECT_FALSE(result.allowed);
  EXPECT_EQ(result.verdict, Verdict::overdue);
  ASSERT_EQ(result.reasons.size(), 1U);
  EXPECT_NE(result.reasons.front().find("linux/arm64"), std::string::npos);
  EXPECT_TRUE(check(world, "registry.example/team/app:v1", amd64).allowed);
  EXPECT_FALSE(check(world, "registry.example/team/app:v1", arm64).allowed);
  EXPECT_FALSE(check(world, "registry.example/team/app:v1", platform("linux/s390x")).allowed);
  EXPECT_FALSE(check(world, "registry.example/team/app:amd64", arm64).allowed);
}

TEST(TheCheck, RefusesAnIndexWithAnEntryThatWasNeverSeen) {
  World world = sample_world();
  const Digest sparse = digest(0x1b);
  world.add(index(sparse, {entry(m1), entry(digest(0x99), arm64)}));
  world.tag("sparse", sparse);
  world.conclude();
  EXPECT_FALSE(check(world, "registry.example/team/app:sparse").allowed);
  EXPECT_TRUE(check(world, "registry.example/team/app:sparse", amd64).allowed);
}

TEST(TheCheck, ComparesTheDeadlineWithNowAndNotWithTheLastEvaluation) {
  World world = sample_world();
  world.now = noon + 30 * day;
  EXPECT_TRUE(check(world, "registry.example/team/app:amd64").allowed);
  world.now += microsecond;
  const ImageCheck result = check(world, "registry.example/team/app:amd64");
  EXPECT_FALSE(result.allowed);
  EXPECT_EQ(result.verdict, Verdict::overdue);
}

TEST(TheCheck, AsksForTheTimeThatMustRemain) {
  World world = sample_world();
  const std::string reference = "registry.example/team/app:amd64";
  EXPECT_TRUE(check(world, reference, std::nullopt, 30 * day).allowed);
  const ImageCheck result = check(world, reference, std::nullopt, 30 * day + microsecond);
  EXPECT_FALSE(result.allowed);
  EXPECT_EQ(result.verdict, Verdict::compliant);
  EXPECT_FALSE(result.reasons.empty());
}

TEST(TheCheck, RefusesTheNeverScannedEvenWithinItsGrace) {
  World world;
  world.list({});
  world.list({"v1"});
  world.add(image(m1, c1));
  world.tag("v1", m1);
  world.conclude();
  ASSERT_GT(world.record(m1).deadline_at, world.now);
  const ImageCheck result = check(world, "registry.example/team/app:v1");
  EXPECT_FALSE(result.allowed);
  EXPECT_EQ(result.verdict, Verdict::never_scanned);
  world.collect(scan_of(1, {m1}));
  EXPECT_FALSE(check(world, "registry.example/team/app:v1").allowed) << "not concluded yet";
  world.conclude();
  EXPECT_TRUE(check(world, "registry.example/team/app:v1").allowed);
}

TEST(TheCheck, AcceptsAnyDigestOfTheImage) {
  World world = sample_world();
  for (const Digest& digest : {m1, c1}) {
    EXPECT_TRUE(check(world, "registry.example/team/app@" + digest.str()).allowed);
  }
  const ImageCheck result = check(world, "registry.example/team/app@" + both.str());
  EXPECT_TRUE(result.allowed);
  EXPECT_FALSE(result.resolved_from_tag);
  EXPECT_EQ(result.platforms.size(), 2U);
}

TEST(TheCheck, ShowsTheWorstObservation) {
  World world = sample_world();
  EXPECT_EQ(check(world, "registry.example/team/app:v1").observation,
            Observation::Status::not_asked_yet);
  world.inventory.note_evidence_answered(app, m1, world.now);
  world.inventory.note_evidence_answered(app, both, world.now);
  world.inventory.note_evidence_failed(app, m2, "timeout", world.now);
  const ImageCheck result = check(world, "registry.example/team/app:v1");
  EXPECT_EQ(result.observation, Observation::Status::unknown);
  EXPECT_TRUE(result.allowed) << "an outage changes no verdict";
}

}  // namespace
}  // namespace scanclock
