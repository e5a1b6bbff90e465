#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/component/registry/discovery_fixture.hpp"

namespace scanclock {
namespace {

TEST_F(Discovery, UnitesReferrersFallbackTagAndAttestationTag) {
  registry.attach("app", image, sarif, "by api");
  registry.has_referrers_api = true;
  Digest old = registry.attach("app", image, sarif, "by tag");
  registry.put_fallback("app", image, {old});
  registry.attest("app", image, {"by cosign"});
  EXPECT_FALSE(discover());
  std::vector<std::string> found = reports();
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (std::vector<std::string>{"by api", "by cosign", "by tag"}));
  EXPECT_EQ(world.count("answered " + image.str()), 1U);
}

TEST_F(Discovery, UsesTheFallbackTagWhereThereIsNoApi) {
  registry.has_referrers_api = false;
  registry.put_fallback("app", image, {registry.attach("app", image, sarif, "by tag")});
  EXPECT_FALSE(discover());
  EXPECT_EQ(reports(), std::vector<std::string>{"by tag"});
  EXPECT_EQ(world.evidence[0].origin, EvidenceOrigin::fallback_tag);
  EXPECT_EQ(world.evidence[0].attached_to, image);
}

TEST_F(Discovery, FindsNothingWhereThereIsNothing) {
  EXPECT_FALSE(discover());
  EXPECT_TRUE(world.evidence.empty());
  EXPECT_EQ(world.count("answered"), 1U);
}

TEST_F(Discovery, HandsEvidenceOverBeforeTheManifestThatCarriesIt) {
  const Digest referrer = registry.attach("app", image, sarif, "report");
  discover();
  EXPECT_LT(world.position("evidence"), world.position("manifest " + referrer.str()));
  EXPECT_LT(world.position("manifest"), world.position("answered"));
}

TEST_F(Discovery, FetchesNothingTwice) {
  registry.attach("app", image, sarif, "report");
  registry.attest("app", image, {"statement"});
  discover();
  http.clear_requests();
  EXPECT_FALSE(discover(true));
  // The referrers list, and one HEAD for each tag; the fallback tag does not exist here.
  EXPECT_EQ(http.count("HEAD", FakeRegistry::url("/v2/app/manifests/")), 2U);
  EXPECT_EQ(http.count("GET", FakeRegistry::url("/v2/app/blobs/")), 0U);
  EXPECT_EQ(http.count("GET", FakeRegistry::url("/v2/app/manifests/sha256:")), 0U);
  EXPECT_EQ(world.evidence.size(), 2U);
}

TEST_F(Discovery, SeesThroughATagThatGivesTheSubjectItself) {
  const Digest index = registry.push_index("app", {image});
  const Digest subject = index;
  registry.has_referrers_api = false;
  registry.tag("app", index.referrers_tag(), index);
  image = subject;
  EXPECT_FALSE(discover());
  EXPECT_TRUE(world.evidence.empty());
  EXPECT_EQ(world.count("manifest"), 0U);
}

TEST_F(Discovery, IgnoresAListedManifestWithAnotherSubject) {
  const Digest other = registry.push_image("app", "other");
  registry.has_referrers_api = false;
  registry.put_fallback("app", image, {registry.attach("app", other, sarif, "of another"), other});
  EXPECT_FALSE(discover());
  EXPECT_TRUE(world.evidence.empty());
  EXPECT_EQ(world.count("answered"), 1U);
}

TEST_F(Discovery, PassesOverSignaturesAndSboms) {
  registry.attach("app", image, "application/vnd.cncf.notary.signature", "signature");
  registry.attach("app", image, "application/spdx+json", "sbom");
  EXPECT_FALSE(discover());
  EXPECT_TRUE(world.evidence.empty());
}

TEST_F(Discovery, ReadsEveryPageOfReferrers) {
  registry.referrers_page_size = 2;
  for (int i = 0; i < 7; ++i) {
    registry.attach("app", image, sarif, "report " + std::to_string(i));
  }
  EXPECT_FALSE(discover());
  EXPECT_EQ(world.evidence.size(), 7U);
}

class LayerOrder : public Discovery, public testing::WithParamInterface<bool> {};

TEST_P(LayerOrder, OfAttestationsLosesNone) {
  const std::string honest = "scan of May";
  const std::string laundered = "scan of March in a statement of today";
  const std::vector<std::string> layers = GetParam() ? std::vector<std::string>{honest, laundered}
                                                     : std::vector<std::string>{laundered, honest};
  registry.attest("app", image, layers);
  EXPECT_FALSE(discover());
  EXPECT_EQ(reports(), layers);
  for (const FoundEvidence& found : world.evidence) {
    EXPECT_EQ(found.origin, EvidenceOrigin::attestation_tag);
    EXPECT_EQ(found.media_type, dsse_envelope_type);
    EXPECT_EQ(found.digest, sha256(found.bytes));
  }
}

INSTANTIATE_TEST_SUITE_P(Both, LayerOrder, testing::Bool());

TEST_F(Discovery, FollowsAnAttestationTagThatMoved) {
  registry.attest("app", image, {"first"});
  discover();
  registry.attest("app", image, {"first", "second"});
  EXPECT_FALSE(discover(true));
  EXPECT_EQ(reports(), (std::vector<std::string>{"first", "second"}));
}

TEST_F(Discovery, SaysFailedWhenOnePlaceFailsAndStillHandsOverTheRest) {
  registry.attest("app", image, {"statement"});
  registry.intercept = [](const HttpRequest& request) -> std::optional<FakeHttpClient::Answer> {
    if (request.url.find("/referrers/") != std::string::npos) {
      return answer(503);
    }
    return std::nullopt;
  };
  EXPECT_EQ(discover()->reason, "server_error");
  EXPECT_EQ(reports(), std::vector<std::string>{"statement"});
  EXPECT_EQ(world.count("answered"), 0U);
  EXPECT_EQ(world.count("failed " + image.str() + " server_error"), 1U);
}

TEST_F(Discovery, TriesAReferrerAgainWhoseLayerWasDamaged) {
  const Digest referrer = registry.attach("app", image, sarif, "report");
  registry.intercept = [](const HttpRequest& request) -> std::optional<FakeHttpClient::Answer> {
    if (request.url.find("/blobs/") != std::string::npos) {
      return answer(200, "damaged");
    }
    return std::nullopt;
  };
  EXPECT_EQ(discover()->reason, "digest_mismatch");
  EXPECT_EQ(world.manifest(referrer), nullptr);
  registry.intercept = nullptr;
  EXPECT_FALSE(discover());
  EXPECT_EQ(reports(), std::vector<std::string>{"report"});
}

TEST_F(Discovery, TakesADanglingEntryForNothing) {
  registry.has_referrers_api = false;
  const Digest gone = registry.attach("app", image, sarif, "gone");
  registry.put_fallback("app", image, {gone});
  registry.remove_manifest("app", gone);
  EXPECT_FALSE(discover());
  EXPECT_EQ(world.count("answered"), 1U);
}

TEST_F(Discovery, LeavesToTheNextRoundWhatIsTooMuchForOne) {
  constexpr std::size_t layer_bytes = std::size_t{60} << 20;
  constexpr std::size_t layers_a_round = evidence_round_bytes_max / layer_bytes;
  std::vector<std::string> statements;
  for (char letter = 'a'; statements.size() <= layers_a_round; ++letter) {
    statements.emplace_back(layer_bytes, letter);
  }
  registry.attest("app", image, statements);
  const auto problem = discover();
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->reason, "too_large");
  EXPECT_TRUE(problem->retryable);
  EXPECT_EQ(world.evidence.size(), layers_a_round);
  EXPECT_EQ(world.count("answered"), 0U);
  EXPECT_FALSE(discover());
  EXPECT_EQ(world.evidence.size(), statements.size());
  EXPECT_EQ(world.count("answered " + image.str()), 1U);
}

TEST_F(Discovery, FailsVisiblyOnEvidenceOverTheLimit) {
  const std::string manifest =
      R"({"schemaVersion":2,"artifactType":"application/sarif+json","config":{"mediaType":)"
      R"("application/vnd.oci.empty.v1+json","digest":")" +
      sha256("{}").str() + R"(","size":2},"layers":[{"mediaType":"application/sarif+json",)" +
      R"("digest":")" + sha256("x").str() + R"(","size":99999999999}],"subject":{"digest":")" +
      image.str() + R"("}})";
  registry.put_manifest("app", std::string(oci_manifest_type), manifest);
  EXPECT_EQ(discover()->reason, "too_large");
  EXPECT_EQ(http.count("GET", FakeRegistry::url("/v2/app/blobs/")), 0U);
}

}  // namespace
}  // namespace scanclock
