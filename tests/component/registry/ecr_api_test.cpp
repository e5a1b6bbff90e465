#include "core/registry/ecr_password.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/component/registry/platform_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>

#include <map>

namespace scanclock {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// Amazon's API as boto's service description has it, over a fake client. Checks every signature's
/// form and the operation's name.
class EcrTest : public PlatformTest {
 protected:
  EcrTest() {
    registry.host = "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com";
    platform.type = PlatformType::ecr;
    platform.url = "https://ecr-fips.us-gov-west-1.amazonaws.com";
    platform.region = "us-gov-west-1";
    platform.account = "123456789012";
    platform.ecr.access_key_id = "AKIDEXAMPLE";
    platform.ecr.secret_access_key = [this] { return secret; };
    http.set_handler([this](const HttpRequest& request) { return answer_to(request); });
    api = std::make_unique<EcrApi>(registry, platform, clock, http, world, world, nullptr);
  }

  json& put(const Digest& image, const std::string& status = "COMPLETE",
            double completed_at = 1793347200) {
    json detail;
    detail["imageDigest"] = image.str();
    detail["imagePushedAt"] = 1790853000;
    detail["imageScanStatus"]["status"] = status;
    if (completed_at > 0) {
      detail["imageScanFindingsSummary"]["imageScanCompletedAt"] = completed_at;
    }
    return images[image] = std::move(detail);
  }

  FakeHttpClient::Answer answer_to(const HttpRequest& request) {
    const std::string target = header_of(request, "X-Amz-Target");
    const std::string operation = target.substr(target.find('.') + 1);
    EXPECT_TRUE(target.starts_with("AmazonEC2ContainerRegistry_V20150921.")) << target;
    EXPECT_EQ(header_of(request, "Content-Type"), "application/x-amz-json-1.1");
    EXPECT_TRUE(header_of(request, "Authorization")
                    .starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261101/us-gov-west-1/"
                                 "ecr/aws4_request, SignedHeaders=content-type;host;x-amz-date"));
    ++calls[operation];
    const json body = json::parse(request.body);
    if (!failure.empty() && (failing_operation.empty() || failing_operation == operation)) {
      return json_answer(400, R"({"__type":")" + failure + R"(","message":"no"})");
    }
    if (operation == "GetAuthorizationToken") {
      EXPECT_EQ(body["registryIds"], json::array({"123456789012"}));
      json data;
      data["authorizationToken"] = base64_encode("AWS:password" + std::to_string(calls[operation]));
      data["expiresAt"] =
          std::chrono::duration<double>(clock.now().time_since_epoch() + 12h).count();
      json answer;
      answer["authorizationData"] = json::array({data});
      return json_answer(200, answer.dump());
    }
    EXPECT_EQ(body["registryId"], "123456789012");
    EXPECT_EQ(body["repositoryName"], "team/app");
    return json_answer(200, operation == "DescribeImages" ? list(body) : findings(body));
  }

  std::string list(const json& body) {
    EXPECT_LE(body["maxResults"], 1000);
    json answer;
    answer["imageDetails"] = json::array();
    const std::size_t first =
        body.contains("nextToken") ? std::stoul(body["nextToken"].get<std::string>()) : 0;
    std::size_t number = 0;
    for (const auto& [digest, detail] : images) {
      if (number >= first && number < first + page_size) {
        answer["imageDetails"].push_back(detail);
      }
      ++number;
    }
    if (first + page_size < images.size()) {
      answer["nextToken"] = std::to_string(first + page_size);
    }
    return answer.dump();
  }

  std::string findings(const json& body) {
    const std::string digest = body["imageId"]["imageDigest"];
    json answer;
    answer["imageId"]["imageDigest"] = digest;
    answer["imageScanStatus"] = images.at(Digest::from_trusted(digest))["imageScanStatus"];
    const bool is_second = body.contains("nextToken");
    answer["imageScanFindings"]["findings"] =
        json::array({{{"name", is_second ? "CVE-2" : "CVE-1"}}});
    if (!is_second && two_pages) {
      answer["nextToken"] = "second";
    }
    return answer.dump();
  }

  const Digest a = digest('a'), b = digest('b');
  std::string secret = "wJalrXUtnFEMI";
  std::map<Digest, json> images;
  std::map<std::string, int> calls;
  std::size_t page_size = 1000;
  bool two_pages = false;
  std::string failure;
  std::string failing_operation;
  std::unique_ptr<EcrApi> api;
};

TEST_F(EcrTest, HandsOverFindingsAndPushTimes) {
  know(a);
  put(a);
  two_pages = true;
  const PlatformAnswer answer = ask(*api);
  EXPECT_FALSE(answer.problem);
  EXPECT_TRUE(answer.failed.empty());
  ASSERT_EQ(world.evidence.size(), 1U);
  const json document = json::parse(world.evidence[0].bytes);
  EXPECT_EQ(document["registry"], registry.host);
  EXPECT_EQ(document["record"]["imageScanFindings"]["findings"].size(), 2U);
  EXPECT_EQ(world.evidence[0].attached_to, a);
  EXPECT_EQ(world.pushed[a].first, *parse_rfc3339("2026-10-01T11:10:00Z"));
}

TEST_F(EcrTest, ReadsFindingsAgainOnlyAfterAChange) {
  know(a);
  put(a);
  ask(*api);
  ask(*api);
  EXPECT_EQ(calls["DescribeImages"], 2);
  EXPECT_EQ(calls["DescribeImageScanFindings"], 1);
  EXPECT_EQ(world.count("pushed"), 1U);
  put(a, "COMPLETE", 1793357200);
  ask(*api);
  EXPECT_EQ(calls["DescribeImageScanFindings"], 2);
  ask(*api, true);
  EXPECT_EQ(calls["DescribeImageScanFindings"], 3) << "who asks for it gets it fresh";
}

TEST_F(EcrTest, ReadsFindingsOfAContinuousScanWithoutATimeEachHour) {
  know(a);
  put(a, "ACTIVE", 0);
  ask(*api);
  clock.advance(io, 30min);
  ask(*api);
  EXPECT_EQ(calls["DescribeImageScanFindings"], 1);
  clock.advance(io, 31min);
  ask(*api);
  EXPECT_EQ(calls["DescribeImageScanFindings"], 2);
}

TEST_F(EcrTest, TakesNeitherExpiredEligibilityNorFailuresForScans) {
  know(a);
  for (const char* status : {"SCAN_ELIGIBILITY_EXPIRED", "FAILED", "IN_PROGRESS", "PENDING"}) {
    put(a, status);
    EXPECT_TRUE(ask(*api).failed.empty()) << status;
  }
  EXPECT_TRUE(world.evidence.empty());
  EXPECT_EQ(calls["DescribeImageScanFindings"], 0);
}

TEST_F(EcrTest, ReadsEveryPage) {
  page_size = 1;
  for (const Digest& image : {a, b, digest('c')}) {
    know(image);
    put(image);
  }
  ask(*api);
  EXPECT_EQ(calls["DescribeImages"], 3);
  EXPECT_EQ(world.evidence.size(), 3U);
}

TEST_F(EcrTest, AnswersAboutAnImageWithoutAScan) {
  know(a);
  know(b);
  put(b);
  failure = "ScanNotFoundException";
  failing_operation = "DescribeImageScanFindings";
  EXPECT_TRUE(ask(*api).failed.empty());
  EXPECT_TRUE(world.evidence.empty());
}

TEST_F(EcrTest, TellsWhyItIsBlind) {
  know(a);
  put(a);
  const std::map<std::string, std::string> reasons{
      {"com.amazonaws.ecr#RepositoryNotFoundException", "not_found"},
      {"AccessDeniedException", "forbidden"},
      {"UnrecognizedClientException", "unauthorized"},
      {"InvalidSignatureException", "unauthorized"},
      {"ThrottlingException", "rate_limited"},
      {"InvalidParameterException", "bad_content"}};
  for (const auto& [name, reason] : reasons) {
    failure = name;
    const PlatformAnswer answer = ask(*api);
    ASSERT_TRUE(answer.problem) << name;
    EXPECT_EQ(answer.problem->reason, reason) << name;
    EXPECT_EQ(answer.problem->message.find(secret), std::string::npos);
    EXPECT_EQ(answer.problem->message.find("Signature="), std::string::npos);
    clock.advance(io, 1min);
  }
}

TEST_F(EcrTest, IsLeftAloneAfterThrottlingLikeAfterA429) {
  know(a);
  put(a);
  failure = "ThrottlingException";
  ask(*api);
  const int before = calls["DescribeImages"];
  failure.clear();
  EXPECT_EQ(ask(*api).problem->reason, "rate_limited");
  EXPECT_EQ(calls["DescribeImages"], before);
  clock.advance(io, 6s);
  EXPECT_FALSE(ask(*api).problem);
}

TEST_F(EcrTest, FailsForOneImageAlone) {
  know(a);
  know(b);
  put(a);
  put(b);
  ask(*api);
  put(b, "COMPLETE", 1793357200);
  failure = "InvalidParameterException";
  failing_operation = "DescribeImageScanFindings";
  const PlatformAnswer answer = ask(*api);
  EXPECT_FALSE(answer.problem);
  EXPECT_FALSE(answer.failed.contains(a));
  EXPECT_EQ(answer.failed.at(b).reason, "bad_content");
  failure.clear();
  EXPECT_TRUE(ask(*api).failed.empty());
  EXPECT_EQ(calls["DescribeImageScanFindings"], 4);
}

TEST_F(EcrTest, ReadsRotatedKeysAndSendsTheSessionToken) {
  know(a);
  put(a);
  platform.ecr.session_token = [] { return "session"; };
  EcrApi with_session(registry, platform, clock, http, world, world, nullptr);
  ask(with_session);
  const std::string before = header_of(http.requests()[0], "Authorization");
  EXPECT_EQ(header_of(http.requests()[0], "X-Amz-Security-Token"), "session");
  secret = "another";
  http.clear_requests();
  ask(with_session);
  EXPECT_NE(header_of(http.requests()[0], "Authorization"), before);
}

TEST_F(EcrTest, KeepsAPasswordForTheRegistryFresh) {
  auto password = std::make_shared<EcrPassword>();
  EXPECT_THROW(password->read(), std::runtime_error);
  WakeUp first;
  asio::cancellation_signal stop;
  bool running = true;
  failure = "AccessDeniedException";
  asio::co_spawn(io, keep_ecr_password(*api, clock, password, first),
                 asio::bind_cancellation_slot(stop.slot(),
                                              [&running](std::exception_ptr) { running = false; }));
  run(io, clock, first.wait());
  EXPECT_THROW(password->read(), std::runtime_error) << "refused, and told so";
  failure.clear();
  clock.advance(io, 10s);
  EXPECT_EQ(password->read(), "password2");
  clock.advance(io, 5h);
  EXPECT_EQ(password->read(), "password2");
  clock.advance(io, 2h);
  EXPECT_EQ(password->read(), "password3") << "renewed at half of its life";
  stop.emit(asio::cancellation_type::terminal);
  clock.run_while(
      io, [&running] { return running; }, 1min);
  EXPECT_FALSE(running);
}

}  // namespace
}  // namespace scanclock
