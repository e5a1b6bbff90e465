#include "core/workloads/bounded_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

TEST(BoundedJson, RefusesDepthBeforeParsing) {
  const std::string million(1'000'000, '[');
  JsonLimits limits;
  const auto parsed = parse_bounded_json(million, limits);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().message, "nested deeper than 64 levels");
  EXPECT_TRUE(parse_bounded_json(std::string(64, '[') + std::string(64, ']'), limits).has_value());
  EXPECT_FALSE(parse_bounded_json(std::string(65, '[') + std::string(65, ']'), limits).has_value());
}

TEST(BoundedJson, CountsNoBracketsWithinStrings) {
  JsonLimits limits;
  limits.depth_max = 1;
  EXPECT_TRUE(parse_bounded_json(R"({"a":"[[[{{{\"[[[\\"})", limits).has_value());
}

TEST(BoundedJson, RefusesBytesBeyondTheLimit) {
  JsonLimits limits;
  limits.bytes_max = 4;
  EXPECT_TRUE(parse_bounded_json("1234", limits).has_value());
  EXPECT_EQ(parse_bounded_json("12345", limits).error().message, "larger than 4 bytes");
}

TEST(BoundedJson, RefusesRepeatedKeysOnlyWhereAsked) {
  const std::string text = R"({"a":{"k":1,"k":2},"b":{"k":3}})";
  JsonLimits limits;
  EXPECT_TRUE(parse_bounded_json(text, limits).has_value());
  limits.refuse_duplicate_keys = true;
  EXPECT_EQ(parse_bounded_json(text, limits).error().message,
            "names the key 'k' twice in one object");
  EXPECT_TRUE(
      parse_bounded_json(R"({"a":{"k":1},"b":{"k":3},"k":[{"k":1},{"k":1}]})", limits).has_value());
}

TEST(BoundedJson, SaysWhereATextIsNoJson) {
  for (const char* text : {"", "{", "<html></html>", "{\"a\":1} x", "{\"a\":\"\xff\"}", "nul"}) {
    const auto parsed = parse_bounded_json(text, JsonLimits());
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().message.rfind("not JSON: parse error at line 1", 0), 0U)
        << parsed.error().message;
  }
}

}  // namespace
}  // namespace scanclock
