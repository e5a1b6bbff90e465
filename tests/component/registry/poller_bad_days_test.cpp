#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/component/registry/poller_fixture.hpp"

namespace scanclock {
namespace {

using namespace std::chrono_literals;

class BadDay : public PollerTest {
 protected:
  BadDay() {
    for (int i = 0; i < 4; ++i) {
      const std::string tag = std::to_string(i);
      images.push_back(registry.push_image("app", tag));
      registry.tag("app", tag, images.back());
    }
  }

  void answer_everything(FakeHttpClient::Answer bad) {
    registry.intercept = [bad](const HttpRequest&) { return bad; };
  }
  void answer_paths_with(const std::string& part, FakeHttpClient::Answer bad) {
    registry.intercept =
        [part, bad](const HttpRequest& request) -> std::optional<FakeHttpClient::Answer> {
      return request.url.find(part) != std::string::npos ? std::optional(bad) : std::nullopt;
    };
  }

  std::vector<Digest> images;
};

struct OutageCase {
  const char* name;
  FakeHttpClient::Answer answer;
  const char* reason;
};

class Outage : public BadDay, public testing::WithParamInterface<OutageCase> {};

TEST_P(Outage, IsReportedLosesNothingAndEnds) {
  start();
  pass(1h);
  const auto tags = world.places[key("app")].tags;
  world.log.clear();
  answer_everything(GetParam().answer);
  pass(2h);
  EXPECT_GE(world.count(std::string("registry failed ") + GetParam().reason), 1U);
  EXPECT_EQ(world.count("registry answered"), 0U);
  EXPECT_EQ(world.count("answered"), 0U);
  EXPECT_EQ(world.count("missing"), 0U);
  EXPECT_EQ(world.count("listed"), 0U);
  EXPECT_EQ(world.places[key("app")].tags, tags);
  world.log.clear();
  registry.intercept = nullptr;
  pass(20min);
  EXPECT_GE(world.count("registry answered"), 1U);
  pass(2h);
  for (const Digest& image : images) {
    EXPECT_GE(world.count("answered " + image.str()), 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Outage,
    testing::Values(
        OutageCase{"Refused", FakeHttpClient::failure(HttpFailureReason::connect, "refused"),
                   "connect"},
        OutageCase{"Reset", FakeHttpClient::failure(HttpFailureReason::reset, "reset"), "reset"},
        OutageCase{"Stalls", FakeHttpClient::failure(HttpFailureReason::timeout, "stalls"),
                   "timeout"},
        OutageCase{"Truncated", FakeHttpClient::failure(HttpFailureReason::malformed, "short"),
                   "malformed"},
        OutageCase{"Unauthorized", answer(401), "unauthorized"},
        OutageCase{"Forbidden", answer(403), "forbidden"},
        OutageCase{"RateLimited", with_header(answer(429), "Retry-After", "30"), "rate_limited"},
        OutageCase{"ServerError", answer(500), "server_error"},
        OutageCase{"Html", with_header(answer(200, "<html>"), "Content-Type", "text/html"),
                   "bad_content"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(BadDay, ARegistryThatIsDownIsAskedSeldom) {
  start();
  pass(1h);
  http.clear_requests();
  answer_everything(FakeHttpClient::failure(HttpFailureReason::connect, "refused"));
  pass(1h);
  // A probe every half minute at most: its answer is missed for no longer than that.
  EXPECT_LT(http.requests().size(), 120U);
}

TEST_F(BadDay, AnEmptyCatalogIsDoubtedAndRemovesNothing) {
  start();
  pass(1h);
  world.log.clear();
  answer_paths_with("/_catalog", json_answer(200, R"({"repositories":[]})"));
  pass(options.tags_every + 1min);
  EXPECT_GE(world.count("registry failed suspicious_drop"), 1U);
  EXPECT_EQ(world.places[key("app")].tags.size(), 4U);
  EXPECT_GE(world.count("listed app 4"), 1U);
}

TEST_F(BadDay, AnEmptyTagListIsDoubtedAndBelievedOnlyWhenItStays) {
  start();
  pass(1h);
  world.log.clear();
  answer_paths_with("/tags/list", json_answer(200, R"({"tags":null})"));
  pass(options.tags_every);
  EXPECT_GE(world.count("registry failed suspicious_drop"), 1U);
  EXPECT_EQ(world.count("listed"), 0U);
  pass(20min);
  EXPECT_GE(world.count("listed app 0"), 1U);
  EXPECT_EQ(world.count("missing"), 0U);
}

TEST_F(BadDay, ATagListThatLosesMostComesBackWithoutHarm) {
  start();
  pass(1h);
  world.log.clear();
  answer_paths_with("/tags/list", json_answer(200, R"({"tags":["0"]})"));
  pass(options.tags_every);
  registry.intercept = nullptr;
  pass(options.tags_every);
  EXPECT_GE(world.count("registry failed suspicious_drop"), 1U);
  EXPECT_EQ(world.count("listed app 1"), 0U);
  EXPECT_EQ(world.places[key("app")].tags.size(), 4U);
  EXPECT_GE(world.count("registry answered"), 1U);
}

TEST_F(BadDay, AnOperatorMayConfirmADrop) {
  start();
  pass(1h);
  answer_paths_with("/tags/list", json_answer(200, R"({"tags":["0"]})"));
  pass(options.tags_every);
  world.log.clear();
  EXPECT_TRUE(poller->confirm_drop());
  pass(1s);
  EXPECT_EQ(world.count("listed app 1"), 1U);
}

TEST_F(BadDay, AConfirmationOfNothingDoesNotCoverALaterDrop) {
  start();
  pass(1h);
  EXPECT_FALSE(poller->confirm_drop());
  answer_paths_with("/tags/list", json_answer(200, R"({"tags":["0"]})"));
  world.log.clear();
  pass(options.tags_every);
  EXPECT_EQ(world.count("listed app 1"), 0U);
}

TEST_F(BadDay, OneRepositoryThatFailsStopsNoOther) {
  const Digest other = registry.push_image("other", "x");
  registry.tag("other", "1", other);
  answer_paths_with("/v2/app/", answer(403));
  start();
  pass(1min);
  EXPECT_GE(world.count("answered " + other.str()), 1U);
  EXPECT_GE(world.count("registry failed forbidden"), 1U);
  EXPECT_EQ(world.count("registry answered"), 0U);
}

TEST_F(BadDay, AWrongManifestIsReportedAndNotBelieved) {
  answer_paths_with("/manifests/" + images[0].str(),
                    with_header(answer(200, "{}"), "Content-Type", std::string(oci_manifest_type)));
  start();
  pass(1min);
  EXPECT_EQ(world.manifest(images[0]), nullptr);
  EXPECT_GE(world.count("failed " + images[0].str() + " digest_mismatch"), 1U);
  EXPECT_FALSE(world.places[key("app")].tags.contains("0"));
  registry.intercept = nullptr;
  pass(20min);
  EXPECT_EQ(world.places[key("app")].tags.at("0"), images[0]);
}

TEST_F(BadDay, AMissingConfigKeepsTheImageFromBeingKnownByHalf) {
  answer_paths_with("/blobs/", answer(500));
  start();
  pass(10s);
  EXPECT_EQ(world.manifest(images[0]), nullptr);
  registry.intercept = nullptr;
  pass(20min);
  ASSERT_NE(world.manifest(images[0]), nullptr);
  EXPECT_TRUE(world.manifest(images[0])->config_identifies);
}

TEST_F(BadDay, ASparseIndexIsKnownWithoutItsMissingChild) {
  const Digest missing = sha256("never copied");
  const Digest index = registry.push_index("app", {images[0], missing});
  registry.tag("app", "multi", index);
  start();
  pass(1min);
  EXPECT_EQ(world.places[key("app")].tags.at("multi"), index);
  EXPECT_EQ(world.count("missing " + missing.str()), 1U);
  const std::size_t asked = gets("/v2/app/manifests/" + missing.str());
  pass(24h);
  EXPECT_EQ(gets("/v2/app/manifests/" + missing.str()), asked);
}

TEST_F(BadDay, EvidenceIsNeverCalledAnsweredWhileItsPlaceFails) {
  registry.attach("app", images[0], sarif, "report");
  answer_paths_with("/referrers/", answer(503));
  start();
  pass(2h);
  EXPECT_EQ(world.count("answered"), 0U);
  EXPECT_GE(world.count("failed " + images[0].str() + " server_error"), 1U);
  registry.intercept = nullptr;
  pass(2h);
  EXPECT_GE(world.count("answered " + images[0].str()), 1U);
  EXPECT_EQ(world.evidence.size(), 1U);
}

TEST_F(BadDay, ACatalogThatIsForbiddenIsAFailureOfTheRegistry) {
  answer_paths_with("/_catalog", answer(403));
  start();
  pass(1min);
  EXPECT_GE(world.count("registry failed forbidden"), 1U);
  EXPECT_EQ(world.count("registry answered"), 0U);
}

TEST_F(BadDay, StoppingInTheMiddleOfAnythingIsClean) {
  for (int i = 0; i < 40; ++i) {
    http.set_async_handler([this](HttpRequest request) -> asio::awaitable<FakeHttpClient::Answer> {
      co_await clock.sleep(70ms);
      co_return request.url.find("/tags/list") != std::string::npos
          ? json_answer(200, R"({"tags":["0","1"]})")
          : answer(404);
    });
    start();
    pass(i * 37ms);
    stop();
  }
}

}  // namespace
}  // namespace scanclock
