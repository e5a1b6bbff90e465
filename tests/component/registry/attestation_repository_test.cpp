#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/component/registry/poller_fixture.hpp"

namespace scanclock {
namespace {

using namespace std::chrono_literals;

constexpr const char* elsewhere = "security/attestations";

/// A registry whose evidence lies in a repository of its own, as COSIGN_REPOSITORY puts it.
class AttestationRepository : public PollerTest {
 protected:
  AttestationRepository() {
    options.repositories.include = {"team/app", "team/other"};
    options.attestation_repository = elsewhere;
    image = registry.push_image("team/app", "image");
    registry.tag("team/app", "1.4", image);
    other = registry.push_image("team/other", "other");
    registry.tag("team/other", "2.0", other);
  }

  Digest image;
  Digest other;
};

TEST_F(AttestationRepository, IsReadForEveryImage) {
  registry.attest(elsewhere, image, {"scan of app"});
  registry.put_fallback(
      elsewhere, other,
      {registry.attach(elsewhere, other, "application/sarif+json", "scan of other")});
  registry.has_referrers_api = false;
  start();
  pass(1min);
  ASSERT_EQ(world.evidence.size(), 2U);
  for (const FoundEvidence& found : world.evidence) {
    const bool is_app = found.bytes == "scan of app";
    EXPECT_EQ(found.attached_to, is_app ? image : other);
    EXPECT_EQ(found.repository, key(is_app ? "team/app" : "team/other"));
    EXPECT_EQ(found.origin,
              is_app ? EvidenceOrigin::attestation_tag : EvidenceOrigin::fallback_tag);
  }
  EXPECT_GE(world.count("answered " + image.str()), 1U);
}

TEST_F(AttestationRepository, GivesReferrersToo) {
  registry.attach(elsewhere, image, "application/vnd.dev.sigstore.bundle.v0.3+json", "bundle");
  start();
  pass(1min);
  ASSERT_EQ(world.evidence.size(), 1U);
  EXPECT_EQ(world.evidence[0].repository, key("team/app"));
}

TEST_F(AttestationRepository, HoldsNoImages) {
  registry.tag(elsewhere, "latest", registry.push_image(elsewhere, "stray"));
  registry.attest(elsewhere, image, {"scan"});
  start();
  pass(1h);
  EXPECT_EQ(world.count(std::string("listed ") + elsewhere), 0U);
  EXPECT_FALSE(world.places.contains(key(elsewhere)));
  EXPECT_EQ(heads(std::string("/v2/") + elsewhere + "/manifests/latest"), 0U);
  EXPECT_GE(world.count("registry answered"), 3U);
}

TEST_F(AttestationRepository, NeedNotExistYet) {
  start();
  pass(1min);
  EXPECT_EQ(world.count("registry failed"), 0U);
  EXPECT_EQ(world.count("answered " + image.str()), 1U);
  registry.attest(elsewhere, image, {"first scan"});
  // A new evidence tag is followed at once after the list that shows it.
  pass(options.tags_every * 9 / 8);
  EXPECT_EQ(world.evidence.size(), 1U);
}

TEST_F(AttestationRepository, ThatFailsLeavesTheImageWithoutAnAnswer) {
  registry.intercept = [](const HttpRequest& request) -> std::optional<FakeHttpClient::Answer> {
    if (request.url.find(elsewhere) != std::string::npos) {
      return answer(403);
    }
    return std::nullopt;
  };
  start();
  pass(1min);
  EXPECT_EQ(world.count("answered " + image.str()), 0U);
  EXPECT_GE(world.count("failed " + image.str() + " forbidden"), 1U);
  EXPECT_GE(world.count("registry failed forbidden"), 1U);
}

TEST_F(AttestationRepository, CostsOneHeadAnExistingTagAndOneReferrersRequestMore) {
  registry.attest(elsewhere, image, {"scan"});
  options.evidence_every = options.tags_every;
  start();
  pass(4 * options.tags_every);
  pass(8 * options.tags_every);
  const RequestCycle cycle = *poller->last_cycle();
  EXPECT_EQ(cycle.heads, 3U);
  EXPECT_EQ(cycle.referrers, 4U);
  EXPECT_EQ(cycle.lists, 3U);
  EXPECT_EQ(cycle.others, 0U);
}

TEST_F(AttestationRepository, IsAskedDirectlyInARefresh) {
  start();
  pass(1min);
  registry.attest(elsewhere, image, {"scan"});
  run(io, clock, poller->refresh("team/app", image));
  EXPECT_EQ(world.evidence.size(), 1U);
}

}  // namespace
}  // namespace scanclock
