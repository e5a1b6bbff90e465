#include "core/registry/quay_api.hpp"

#include "tests/component/registry/platform_fixture.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

constexpr const char* quay_manifests = "https://api.test/api/v1/repository/team/app/manifest/";
constexpr const char* quay_scanned =
    R"({"status":"scanned","data":{"Layer":{"Name":"x","Features":[{"Name":"openssl"}]}}})";

class QuayTest : public PlatformTest {
 protected:
  QuayTest() {
    platform.type = PlatformType::quay;
    platform.every = 1h;
    platform.credentials.token = [] { return "oauth-secret"; };
    http.set_handler([this](const HttpRequest&) { return json_answer(status, body); });
    api = std::make_unique<QuayApi>(registry, platform, clock, http, world, world, nullptr);
    know(a);
  }

  const Digest a = digest('a');
  int status = 200;
  std::string body = quay_scanned;
  std::unique_ptr<QuayApi> api;
};

TEST_F(QuayTest, HandsOverAnAnswerAsItIs) {
  EXPECT_TRUE(ask(*api).failed.empty());
  ASSERT_EQ(world.evidence.size(), 1U);
  const FoundEvidence& found = world.evidence[0];
  EXPECT_EQ(found.origin, EvidenceOrigin::platform_api);
  EXPECT_EQ(found.attached_to, a);
  const auto document = nlohmann::json::parse(found.bytes);
  EXPECT_EQ(document["scanclockRecord"], "quay-secscan");
  EXPECT_EQ(document["digest"], a.str());
  EXPECT_EQ(document["record"], nlohmann::json::parse(quay_scanned));
  ASSERT_EQ(http.requests().size(), 1U);
  EXPECT_EQ(http.requests()[0].url, quay_manifests + a.str() + "/security?vulnerabilities=true");
  EXPECT_EQ(header_of(http.requests()[0], "Authorization"), "Bearer oauth-secret");
}

TEST_F(QuayTest, TakesEveryOtherStatusForNoScanYet) {
  for (const char* other : {"queued", "failed", "unsupported", "manifest_layer_too_large"}) {
    body = R"({"status":")" + std::string(other) + R"(","data":null})";
    EXPECT_TRUE(ask(*api, true).failed.empty()) << other;
  }
  EXPECT_TRUE(world.evidence.empty());
}

TEST_F(QuayTest, IsAskedAboutAnImageOnceACycle) {
  ask(*api);
  clock.advance(io, 30min);
  ask(*api);
  EXPECT_EQ(http.requests().size(), 1U);
  const Digest b = digest('b');
  know(b);
  ask(*api);
  EXPECT_EQ(http.requests().size(), 2U) << "the new one alone";
  clock.advance(io, 30min);
  ask(*api);
  EXPECT_EQ(http.requests().size(), 3U);
  ask(*api, true);
  EXPECT_EQ(http.requests().size(), 5U);
}

TEST_F(QuayTest, AnswersAboutAManifestThatItDoesNotHave) {
  status = 404;
  EXPECT_TRUE(ask(*api).failed.empty());
}

TEST_F(QuayTest, TellsWhyItIsBlindAndAsksAgain) {
  status = 403;
  EXPECT_EQ(ask(*api).failed.at(a).reason, "forbidden");
  status = 200;
  body = "<html>";
  EXPECT_EQ(ask(*api).failed.at(a).reason, "bad_content");
  body = quay_scanned;
  EXPECT_TRUE(ask(*api).failed.empty());
  EXPECT_EQ(world.evidence.size(), 1U);
}

TEST_F(QuayTest, WithoutATokenIsAnonymous) {
  platform.credentials = RegistryCredentials();
  QuayApi anonymous(registry, platform, clock, http, world, world, nullptr);
  ask(anonymous);
  EXPECT_EQ(header_of(http.requests()[0], "Authorization"), "");
}

TEST_F(QuayTest, NamesAMissingTokenFile) {
  platform.credentials.token = []() -> std::string {
    throw std::runtime_error("cannot read /run/token: gone");
  };
  QuayApi without(registry, platform, clock, http, world, world, nullptr);
  const PlatformAnswer answer = ask(without);
  EXPECT_EQ(answer.problem->reason, "unauthorized");
  EXPECT_NE(answer.problem->message.find("/run/token"), std::string::npos);
  EXPECT_TRUE(http.requests().empty());
}

}  // namespace
}  // namespace scanclock
