#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/component/registry/discovery_fixture.hpp"

namespace scanclock {
namespace {

/// A registry that gives other bytes than it names, for every manifest behind the tag: HEAD is
/// right, and what comes by GET is a manifest without layers.
class ForgedTag : public Discovery, public testing::WithParamInterface<bool> {
 protected:
  void forge(const Digest& manifest, const std::string& tag, std::vector<HttpHeader> headers = {}) {
    HttpResponse forged = with_header(answer(200, R"({"schemaVersion":2,"forged":true})"),
                                      "Content-Type", std::string(oci_manifest_type));
    forged.headers.insert(forged.headers.end(), headers.begin(), headers.end());
    registry.intercept = [=](const HttpRequest& request) -> std::optional<FakeHttpClient::Answer> {
      const bool is_asked =
          request.method == "GET" &&
          (request.url.ends_with("/" + tag) || request.url.ends_with("/" + manifest.str()));
      return is_asked ? std::optional<FakeHttpClient::Answer>(forged) : std::nullopt;
    };
  }
  /// Asks with a fresh list of tags and without one.
  void expect_failed(const std::string& reason) {
    for (const bool list_is_fresh : {true, false, true}) {
      const auto problem = discover(list_is_fresh);
      ASSERT_TRUE(problem) << list_is_fresh;
      EXPECT_EQ(problem->reason, reason);
    }
    EXPECT_EQ(world.count("answered"), 0U);
    EXPECT_TRUE(world.evidence.empty());
  }
};

TEST_P(ForgedTag, StaysUnansweredHoweverItIsAskedFor) {
  registry.has_referrers_api = false;
  Digest manifest;
  std::string tag;
  if (GetParam()) {
    manifest = registry.attest("app", image, {"statement"});
    tag = image.referrers_tag() + ".att";
  } else {
    manifest =
        registry.put_fallback("app", image, {registry.attach("app", image, sarif, "statement")});
    tag = image.referrers_tag();
  }
  forge(manifest, tag);
  expect_failed("digest_mismatch");
  forge(manifest, tag, {HttpHeader("Docker-Content-Digest", manifest.str())});
  expect_failed("digest_mismatch");
  registry.intercept = nullptr;
  EXPECT_FALSE(discover());
  EXPECT_EQ(reports(), std::vector<std::string>{"statement"});
}

INSTANTIATE_TEST_SUITE_P(Both, ForgedTag, testing::Bool());

TEST_F(Discovery, TakesTheBytesOfATagWhoseHeadNamesNoManifest) {
  const Digest manifest = registry.attest("app", image, {"statement"});
  const std::string tag = image.referrers_tag() + ".att";
  registry.intercept = [&](const HttpRequest& request) -> std::optional<FakeHttpClient::Answer> {
    if (!request.url.ends_with("/" + tag)) {
      return std::nullopt;
    }
    HttpResponse named = registry.own_answer(request);
    std::erase_if(named.headers,
                  [](const HttpHeader& header) { return header.name == "Docker-Content-Digest"; });
    return with_header(std::move(named), "Docker-Content-Digest", sha256("of nothing").str());
  };
  EXPECT_FALSE(discover(true));
  EXPECT_EQ(reports(), std::vector<std::string>{"statement"});
  EXPECT_NE(world.manifest(manifest), nullptr);
}

struct UnreadableCase {
  const char* name;
  std::string_view type;
  const char* bytes;
};

/// The bytes are what their digest says, and nobody can read them.
class Unreadable : public Discovery, public testing::WithParamInterface<UnreadableCase> {};

TEST_P(Unreadable, CandidateKeepsItsSubjectUnanswered) {
  registry.has_referrers_api = false;
  const Digest broken =
      registry.put_manifest("app", std::string(GetParam().type), GetParam().bytes);
  for (const std::string& tag : {image.referrers_tag(), image.referrers_tag() + ".att"}) {
    registry.tag("app", tag, broken);
    for (const bool list_is_fresh : {true, false, true}) {
      const auto problem = discover(list_is_fresh);
      ASSERT_TRUE(problem) << tag;
      EXPECT_EQ(problem->reason, "bad_content") << tag;
    }
    registry.untag("app", tag);
  }
  registry.put_fallback("app", image, {broken});
  EXPECT_EQ(discover()->reason, "bad_content") << "listed";
  EXPECT_EQ(discover()->reason, "bad_content") << "listed, asked again";
  EXPECT_EQ(world.count("answered"), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Unreadable,
    testing::Values(UnreadableCase{"UnknownKind", "application/json", R"({"schemaVersion":2})"},
                    UnreadableCase{
                        "IndexAndImage", oci_manifest_type,
                        R"({"schemaVersion":2,"config":{"digest":"x"},"manifests":[1]})"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(Discovery, FailsOnAFallbackIndexWithAnEntryThatNamesNothing) {
  registry.has_referrers_api = false;
  const Digest broken = registry.put_manifest(
      "app", std::string(oci_index_type), R"({"schemaVersion":2,"manifests":[{"digest":"?"}]})");
  registry.tag("app", image.referrers_tag(), broken);
  EXPECT_EQ(discover()->reason, "bad_content");
  EXPECT_EQ(discover(true)->reason, "bad_content");
  EXPECT_EQ(world.count("answered"), 0U);
}

}  // namespace
}  // namespace scanclock
