#include "core/net/retry_after.hpp"
#include "core/registry/bounded_json.hpp"
#include "core/registry/image_config.hpp"
#include "core/registry/token_response.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

const TimePoint now = *parse_rfc3339("1994-11-06T08:49:00Z");

TEST(RetryAfter, IsSecondsOrAnyFormOfHttpDate) {
  EXPECT_EQ(parse_retry_after("120", now), 120s);
  EXPECT_EQ(parse_retry_after(" 0 ", now), 0s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), 37s);
  EXPECT_EQ(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", now), 37s);
  EXPECT_EQ(parse_retry_after("Sun Nov  6 08:49:37 1994", now), 37s);
}

TEST(RetryAfter, InThePastIsNoWaitAndTooLongIsCapped) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), 0s);
  EXPECT_EQ(parse_retry_after("99999999", now), retry_after_max);
  EXPECT_EQ(parse_retry_after("99999999999999999999", now), retry_after_max);
}

TEST(RetryAfter, OfOtherTextIsNothing) {
  for (const char* text : {"", " ", "-5", "1.5", "soon", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Xyz 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT"}) {
    EXPECT_EQ(parse_retry_after(text, now), std::nullopt) << text;
  }
}

TEST(TokenResponse, MayUseEitherName) {
  EXPECT_EQ(parse_token_response(R"({"token":"a","expires_in":300})")->token, "a");
  EXPECT_EQ(parse_token_response(R"({"access_token":"b"})")->token, "b");
}

TEST(TokenResponse, LivesSixtySecondsAtLeast) {
  EXPECT_EQ(parse_token_response(R"({"token":"a"})")->lifetime, 60s);
  EXPECT_EQ(parse_token_response(R"({"token":"a","expires_in":5})")->lifetime, 60s);
  EXPECT_EQ(parse_token_response(R"({"token":"a","expires_in":-1})")->lifetime, 60s);
  EXPECT_EQ(parse_token_response(R"({"token":"a","expires_in":"x"})")->lifetime, 60s);
  EXPECT_EQ(parse_token_response(R"({"token":"a","expires_in":300})")->lifetime, 300s);
  EXPECT_EQ(parse_token_response(R"({"token":"a","expires_in":1e300})")->lifetime, 24h);
}

TEST(TokenResponse, ThatCannotBeUsedIsRefusedWithoutShowingIt) {
  for (const std::string& body :
       {std::string("secret"), std::string("[]"), std::string(R"({"token":""})"),
        std::string(R"({"token":7})"), std::string("{\"token\":\"sec\\r\\nret\"}"),
        std::string(token_bytes_max + 1, ' ')}) {
    const auto response = parse_token_response(body);
    ASSERT_FALSE(response) << body.substr(0, 40);
    EXPECT_EQ(response.error().find("ret"), std::string::npos);
  }
}

TEST(ImageConfig, TellsPlatformAndWhetherItIdentifiesContent) {
  const auto config = parse_image_config(R"({"os":"linux","architecture":"arm64","variant":"v8",)"
                                         R"("rootfs":{"type":"layers","diff_ids":["sha256:1"]}})");
  EXPECT_EQ(to_string(config->platform), "linux/arm64/v8");
  EXPECT_TRUE(config->has_layers);
  EXPECT_FALSE(parse_image_config("{}")->has_layers);
  EXPECT_FALSE(parse_image_config(R"({"rootfs":{"diff_ids":null}})")->has_layers);
  EXPECT_FALSE(parse_image_config("<html>"));
}

TEST(RegistryJson, CountsDepthOutsideStringsOnly) {
  EXPECT_FALSE(nests_deeper_than(R"({"a":"[[[[\"[["})", 1));
  EXPECT_TRUE(nests_deeper_than("[[[", 2));
  EXPECT_FALSE(nests_deeper_than("[[][][]]", 2));
}

}  // namespace
}  // namespace scanclock
