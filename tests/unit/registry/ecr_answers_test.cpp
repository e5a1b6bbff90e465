#include "core/registry/ecr_answers.hpp"

#include "core/runtime/hashing.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace scanclock {
namespace {

using nlohmann::json;

const RepositoryKey ecr_app{"prod", "team/app"};
const Digest ecr_image = Digest::from_trusted("sha256:" + std::string(64, 'a'));
constexpr const char* ecr_host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

json image_detail() {
  return json::parse(R"({"registryId": "123456789012", "repositoryName": "team/app",
    "imageDigest": ")" +
                     ecr_image.str() + R"(", "imageTags": ["1.0"],
    "imageSizeInBytes": 1, "imagePushedAt": 1.790853E9,
    "imageScanStatus": {"status": "COMPLETE", "description": "The scan was completed."},
    "imageScanFindingsSummary": {"imageScanCompletedAt": 1793347200.5,
      "vulnerabilitySourceUpdatedAt": 1793300000, "findingSeverityCounts": {"HIGH": 1}}})");
}

EcrImage read_detail(const json& detail) {
  json answer;
  answer["imageDetails"] = json::array({detail});
  const auto page = parse_ecr_images(answer.dump());
  EXPECT_TRUE(page && page->images.size() == 1);
  return page && !page->images.empty() ? page->images[0] : EcrImage();
}

TEST(EcrImages, CarryPushAndScanInSecondsSince1970) {
  const EcrImage image = read_detail(image_detail());
  EXPECT_EQ(image.digest, ecr_image);
  EXPECT_EQ(image.pushed_at, parse_rfc3339("2026-10-01T11:10:00Z"));
  EXPECT_EQ(image.scanned_at, parse_rfc3339("2026-10-30T08:00:00.5Z"));
  EXPECT_TRUE(image.is_scanned());
}

TEST(EcrImages, AreScannedWhenCompleteOrActiveOnly) {
  for (const char* status : {"COMPLETE", "ACTIVE"}) {
    json detail = image_detail();
    detail["imageScanStatus"]["status"] = status;
    EXPECT_TRUE(read_detail(detail).is_scanned()) << status;
  }
  for (const char* status :
       {"IN_PROGRESS", "FAILED", "UNSUPPORTED_IMAGE", "PENDING", "SCAN_ELIGIBILITY_EXPIRED",
        "FINDINGS_UNAVAILABLE", "LIMIT_EXCEEDED", "IMAGE_ARCHIVED", ""}) {
    json detail = image_detail();
    detail["imageScanStatus"]["status"] = status;
    EXPECT_FALSE(read_detail(detail).is_scanned()) << status;
  }
  json never = image_detail();
  never.erase("imageScanStatus");
  EXPECT_FALSE(read_detail(never).is_scanned());
}

TEST(EcrImages, ChangeTheirStateWithStatusScanAndData) {
  const std::string before = read_detail(image_detail()).scan_state;
  EXPECT_EQ(read_detail(image_detail()).scan_state, before);
  json other = image_detail();
  other["imageScanStatus"]["status"] = "ACTIVE";
  EXPECT_NE(read_detail(other).scan_state, before);
  for (const char* field : {"imageScanCompletedAt", "vulnerabilitySourceUpdatedAt"}) {
    other = image_detail();
    other["imageScanFindingsSummary"][field] = 1793349999;
    EXPECT_NE(read_detail(other).scan_state, before) << field;
  }
}

TEST(EcrImages, WithImpossibleTimesHaveNone) {
  for (const char* time : {"0", "-5", "1e300", "\"2026\"", "null", "{}"}) {
    json detail = image_detail();
    detail["imagePushedAt"] = json::parse(time);
    detail["imageScanFindingsSummary"]["imageScanCompletedAt"] = json::parse(time);
    EXPECT_FALSE(read_detail(detail).pushed_at) << time;
    EXPECT_FALSE(read_detail(detail).scanned_at) << time;
  }
}

TEST(EcrImages, OfAMalformedAnswerAreAFailure) {
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[]"),
                                  std::string(R"({"imageDetails":7})"), std::string(99999, '{')}) {
    EXPECT_FALSE(parse_ecr_images(text)) << text.substr(0, 20);
  }
  EXPECT_TRUE(parse_ecr_images(R"({"imageDetails":[7,{},{"imageDigest":"x"}]})")->images.empty());
  EXPECT_EQ(parse_ecr_images(R"({"imageDetails":[],"nextToken":"t"})")->next_token, "t");
}

std::string findings_page(const char* status, const std::string& findings,
                          const std::string& rest = std::string()) {
  return R"({"registryId":"123456789012","repositoryName":"team/app","imageId":{"imageDigest":")" +
         ecr_image.str() + R"("},"imageScanStatus":{"status":")" + status +
         R"("},"imageScanFindings":{"imageScanCompletedAt":1793347200,"findings":)" + findings +
         "}" + rest + "}";
}

TEST(EcrFindings, OfSeveralPagesMakeOneRecord) {
  EcrFindings findings;
  std::string next;
  EXPECT_EQ(findings.take(findings_page("COMPLETE", R"([{"name":"CVE-1"}])", R"(,"nextToken":"2")"),
                          next),
            "");
  EXPECT_EQ(next, "2");
  EXPECT_EQ(findings.take(findings_page("COMPLETE", R"([{"name":"CVE-2"}])"), next), "");
  EXPECT_EQ(next, "");
  const auto record = findings.record(ecr_host, ecr_app, ecr_image);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->origin, EvidenceOrigin::platform_api);
  EXPECT_EQ(record->digest, sha256(record->bytes));
  const json document = json::parse(record->bytes);
  EXPECT_EQ(document["scanclockRecord"], "ecr-v2015");
  EXPECT_EQ(document["record"]["imageScanFindings"]["findings"],
            json::parse(R"([{"name":"CVE-1"},{"name":"CVE-2"}])"));
  EXPECT_FALSE(document["record"].contains("nextToken"));
}

TEST(EcrFindings, OfAnExpiredEligibilityAreNoRecord) {
  for (const char* status : {"SCAN_ELIGIBILITY_EXPIRED", "FAILED", "IN_PROGRESS"}) {
    EcrFindings findings;
    std::string next;
    findings.take(findings_page(status, "[]"), next);
    EXPECT_FALSE(findings.record(ecr_host, ecr_app, ecr_image)) << status;
  }
  EXPECT_FALSE(EcrFindings().record(ecr_host, ecr_app, ecr_image));
}

TEST(EcrLogin, IsThePasswordOfUserAws) {
  const auto login = parse_ecr_login(R"({"authorizationData":[{"authorizationToken":")" +
                                     base64_encode("AWS:pass:word") +
                                     R"(","expiresAt":1793577600,"proxyEndpoint":"https://x"}]})");
  ASSERT_TRUE(login);
  EXPECT_EQ(login->password, "pass:word");
  EXPECT_EQ(login->expires_at, parse_rfc3339("2026-11-02T00:00:00Z"));
}

TEST(EcrLogin, ThatCannotBeUsedIsRefusedWithoutShowingIt) {
  for (const std::string& token : {base64_encode("other:secret"), base64_encode("AWS:"),
                                   std::string("%secret%"), std::string()}) {
    const auto login = parse_ecr_login(R"({"authorizationData":[{"authorizationToken":")" + token +
                                       R"(","expiresAt":1}]})");
    ASSERT_FALSE(login);
    EXPECT_EQ(login.error().find("secret"), std::string::npos);
  }
  EXPECT_FALSE(parse_ecr_login(R"({"authorizationData":[]})"));
  EXPECT_FALSE(parse_ecr_login("{}"));
}

TEST(AwsError, IsKnownByItsName) {
  EXPECT_EQ(aws_error_name(R"({"__type":"ThrottlingException"})"), "ThrottlingException");
  EXPECT_EQ(aws_error_name(R"({"__type":"com.amazonaws.ecr#RepositoryNotFoundException"})"),
            "RepositoryNotFoundException");
  for (const char* text : {"", "{}", "<html>", R"({"__type":"a b"})", R"({"__type":7})"}) {
    EXPECT_EQ(aws_error_name(text), "") << text;
  }
}

}  // namespace
}  // namespace scanclock
