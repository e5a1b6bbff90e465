#include "core/runtime/hashing.hpp"
#include "tests/component/registry/poller_fixture.hpp"

namespace scanclock {
namespace {

using namespace std::chrono_literals;

class Poller : public PollerTest {};

TEST_F(Poller, LearnsEverythingWithinSeconds) {
  const Digest image = registry.push_image("team/app", "one");
  const Digest index = registry.push_index("team/app", {image});
  registry.tag("team/app", "1.4", index);
  registry.tag("team/app", "latest", index);
  registry.attach("team/app", index, sarif, "report");
  start();
  pass(5s);
  EXPECT_EQ(world.places[key("team/app")].tags.at("1.4"), index);
  EXPECT_EQ(world.manifest(image)->kind, ManifestKind::image);
  EXPECT_TRUE(world.manifest(image)->config_identifies);
  EXPECT_EQ(to_string(world.manifest(image)->platform), "linux/amd64");
  ASSERT_EQ(world.evidence.size(), 1U);
  EXPECT_EQ(world.evidence[0].attached_to, index);
  EXPECT_EQ(world.count("registry answered"), 1U);
  EXPECT_EQ(world.count("registry failed"), 0U);
  // Two tags of one image do not fetch it twice.
  EXPECT_EQ(gets("/v2/team/app/manifests/" + index.str()), 1U);
  EXPECT_LT(world.position("listed"), world.position("manifest"));
  EXPECT_LT(world.position("manifest " + image.str()), world.position("manifest " + index.str()));
  EXPECT_LT(world.position("manifest " + index.str()), world.position("tag 1.4"));
}

TEST_F(Poller, NeedsNoCatalogWhenRepositoriesAreNamed) {
  registry.has_catalog = false;
  options.repositories.include = {"team/app"};
  registry.tag("team/app", "1.4", registry.push_image("team/app", "one"));
  registry.tag("team/other", "1", registry.push_image("team/other", "two"));
  start();
  pass(5s);
  EXPECT_EQ(gets("/v2/_catalog"), 0U);
  EXPECT_EQ(gets("/v2/team/other"), 0U);
  EXPECT_EQ(world.count("registry answered"), 1U);
}

TEST_F(Poller, AppliesTheFiltersOfRepositoriesAndTags) {
  options.repositories.exclude = {"**/cache"};
  options.tags.exclude = {"tmp-*"};
  const Digest image = registry.push_image("team/app", "one");
  registry.tag("team/app", "1.4", image);
  registry.tag("team/app", "tmp-1", image);
  registry.tag("team/cache", "1", registry.push_image("team/cache", "two"));
  start();
  pass(5s);
  EXPECT_EQ(heads("/v2/team/app/manifests/tmp-1"), 0U);
  EXPECT_EQ(gets("/v2/team/cache"), 0U);
  EXPECT_EQ(heads("/v2/team/app/manifests/1.4"), 1U);
}

TEST_F(Poller, FollowsAMovedTag) {
  registry.tag("app", "latest", registry.push_image("app", "one"));
  start();
  pass(1min);
  const Digest moved = registry.push_image("app", "two");
  registry.tag("app", "latest", moved);
  pass(options.tags_every * 9 / 8 + 1s);
  EXPECT_EQ(world.places[key("app")].tags.at("latest"), moved);
  EXPECT_EQ(world.count("answered " + moved.str()), 1U);
}

TEST_F(Poller, FollowsANewEvidenceTagAtTheNextListing) {
  registry.has_referrers_api = false;
  const Digest image = registry.push_image("app", "one");
  registry.tag("app", "1", image);
  start();
  pass(20min);
  EXPECT_TRUE(world.evidence.empty());
  registry.attest("app", image, {"statement"});
  pass(options.tags_every * 9 / 8 + 2s);
  EXPECT_EQ(world.evidence.size(), 1U);
}

TEST_F(Poller, FindsAReferrerInTheEvidencePeriod) {
  const Digest image = registry.push_image("app", "one");
  registry.tag("app", "1", image);
  start();
  pass(20min);
  registry.attach("app", image, sarif, "report");
  pass(options.evidence_every * 9 / 8 + 2s);
  EXPECT_EQ(world.evidence.size(), 1U);
}

TEST_F(Poller, AsksUrgentSubjectsFourTimesAsOften) {
  const Digest image = registry.push_image("app", "one");
  const Digest calm = registry.push_image("app", "two");
  registry.tag("app", "1", image);
  registry.tag("app", "2", calm);
  world.urgent = {image};
  start();
  pass(24h);
  EXPECT_NEAR(static_cast<double>(world.count("answered " + image.str())), 96, 2);
  EXPECT_NEAR(static_cast<double>(world.count("answered " + calm.str())), 24, 2);
}

TEST_F(Poller, HandsOverTheEvidenceOfAnArtifactThatAnOrdinaryTagNames) {
  registry.has_referrers_api = false;
  const Digest image = registry.push_image("app", "one");
  const Digest referrer = registry.attach("app", image, sarif, "report");
  registry.tag("app", "scan-of-one", referrer);
  start();
  pass(5s);
  ASSERT_EQ(world.evidence.size(), 1U);
  EXPECT_EQ(world.evidence[0].attached_to, image);
  EXPECT_LT(world.position("evidence"), world.position("manifest " + referrer.str()));
}

TEST_F(Poller, AsksEverythingAboutADigestOnRefresh) {
  options.repositories.include = {"other"};
  const Digest image = registry.push_image("app", "one");
  const Digest index = registry.push_index("app", {image});
  registry.attach("app", image, sarif, "of the image");
  registry.attest("app", index, {"of the index"});
  poller = std::make_unique<RegistryPoller>(options, clock, http, world, world);
  run(io, clock, poller->refresh("app", index));
  EXPECT_NE(world.manifest(image), nullptr);
  EXPECT_EQ(world.evidence.size(), 2U);
  EXPECT_EQ(world.count("answered"), 2U);
}

TEST_F(Poller, AsksTheIndexesAboveAnImageOnRefresh) {
  const Digest image = registry.push_image("app", "one");
  const Digest index = registry.push_index("app", {image});
  registry.tag("app", "1", index);
  start();
  pass(5s);
  registry.attach("app", index, sarif, "later");
  run(io, clock, poller->refresh("app", image));
  EXPECT_EQ(world.evidence.size(), 1U);
}

TEST_F(Poller, AsksARunningDigestAtOnce) {
  registry.tag("app", "1", registry.push_image("app", "one"));
  start();
  pass(5s);
  const Digest untagged = registry.push_image("app", "running");
  registry.attest("app", untagged, {"statement"});
  poller->subject_appeared("app", untagged);
  pass(1s);
  EXPECT_NE(world.manifest(untagged), nullptr);
  EXPECT_EQ(world.evidence.size(), 1U);
  EXPECT_EQ(world.count("answered " + untagged.str()), 1U);
}

TEST_F(Poller, ReportsARunningDigestThatTheRegistryDoesNotHave) {
  start();
  pass(1s);
  poller->subject_appeared("app", sha256("nowhere"));
  pass(1s);
  EXPECT_EQ(world.count("missing " + sha256("nowhere").str()), 1U);
  EXPECT_EQ(world.count("answered"), 0U);
}

TEST_F(Poller, ChecksUntaggedImagesByTheirDigestOnceACycle) {
  const Digest image = registry.push_image("app", "one");
  registry.tag("app", "1", image);
  registry.tag("app", "2", registry.push_image("app", "two"));
  start();
  pass(1min);
  registry.untag("app", "1");
  pass(2 * options.tags_every);
  const std::size_t before = world.count("present " + image.str());
  EXPECT_GE(before, 1U);
  pass(24h);
  EXPECT_NEAR(static_cast<double>(world.count("present " + image.str()) - before), 96, 2);
  EXPECT_EQ(world.count("missing"), 0U);
  registry.remove_manifest("app", image);
  pass(options.tags_every + 1min);
  EXPECT_GE(world.count("missing " + image.str()), 1U);
}

TEST_F(Poller, TellsWhenItAsksNext) {
  registry.tag("app", "1", registry.push_image("app", "one"));
  start();
  pass(1min);
  ASSERT_TRUE(poller->next_poll_at());
  EXPECT_GT(*poller->next_poll_at(), clock.now());
  EXPECT_LT(*poller->next_poll_at(), clock.now() + options.evidence_every);
  EXPECT_EQ(poller->requests(), http.requests().size());
}

/// As docker-registry does: it posts the notification, and then lets the tag point at the image.
TEST_F(PollerTest, SeesAPushThatWasAnnouncedBeforeItsTagMoved) {
  options.tags_every = std::chrono::hours(1);
  registry.tag("app", "1.0", registry.push_image("app", "old"));
  start();
  pass(std::chrono::minutes(2));
  const Digest image = registry.push_image("app", "new");
  poller->hasten("app", "1.0");
  pass(std::chrono::milliseconds(10));
  registry.tag("app", "1.0", image);
  pass(std::chrono::minutes(2));
  EXPECT_EQ(world.places[key("app")].tags["1.0"], image);
}

TEST_F(PollerTest, AsksAgainForATagThatIsListedBeforeItStands) {
  options.tags_every = std::chrono::hours(1);
  const Digest image = registry.push_image("app", "image");
  registry.tag("app", "1.0", image);
  bool stands = false;
  registry.intercept = [&](const HttpRequest& request) -> std::optional<FakeHttpClient::Answer> {
    if (!stands && request.url == FakeRegistry::url("/v2/app/manifests/1.0")) {
      return answer(404);
    }
    return std::nullopt;
  };
  start();
  pass(std::chrono::seconds(1));
  EXPECT_FALSE(world.places[key("app")].tags.contains("1.0"));
  stands = true;
  pass(std::chrono::minutes(2));
  EXPECT_EQ(world.places[key("app")].tags["1.0"], image);
}

}  // namespace
}  // namespace scanclock
