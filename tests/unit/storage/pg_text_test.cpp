#include "storage/pg_error.hpp"
#include "storage/pg_parameters.hpp"
#include "storage/pg_result.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace scanclock {
namespace {

using Elements = std::vector<std::optional<std::string>>;

TEST(PgArray, EveryElementIsQuotedAndEscaped) {
  EXPECT_EQ(pg_text::array_of({}), "{}");
  EXPECT_EQ(pg_text::array_of({"a", std::nullopt, "NULL", ""}), R"({"a",NULL,"NULL",""})");
  EXPECT_EQ(pg_text::array_of({R"(a"b\c)", "{x,y}"}), R"({"a\"b\\c","{x,y}"})");
}

TEST(PgArray, ALiteralIsReadBackAsItWasWritten) {
  const Elements elements = {"", "a,b", R"(quote " and \ slash)", std::nullopt, "NULL", "{}", " "};
  EXPECT_EQ(pg_text::parse_array(pg_text::array_of(elements)), elements);
  EXPECT_EQ(pg_text::parse_array("{plain,NULL,\"NULL\"}"),
            (Elements{"plain", std::nullopt, "NULL"}));
}

TEST(PgArray, OtherTextsAreRefused) {
  for (const char* text : {"", "{", "}", "{a", "{a,}", "{,a}", "{{a},{b}}", "{a}b", "{\"a}", "a"}) {
    EXPECT_THROW(pg_text::parse_array(text), std::invalid_argument) << text;
  }
}

TEST(PgBytes, AreWrittenAndReadAsHex) {
  const std::string bytes("\0\xff\x10", 3);
  EXPECT_EQ(pg_text::of_bytes(bytes), "\\x00ff10");
  EXPECT_EQ(parse_bytea("\\x00ff10"), bytes);
  EXPECT_EQ(parse_bytea("\\x"), "");
  EXPECT_THROW(parse_bytea("00"), std::invalid_argument);
  EXPECT_THROW(parse_bytea("\\x0"), std::invalid_argument);
  EXPECT_THROW(parse_bytea("\\xzz"), std::invalid_argument);
}

TEST(PgTime, IsReadInAnyZone) {
  const auto noon = *parse_rfc3339("2026-11-01T12:00:00.5Z");
  EXPECT_EQ(parse_timestamptz("2026-11-01 12:00:00.5+00"), noon);
  EXPECT_EQ(parse_timestamptz("2026-11-01 17:30:00.5+05:30"), noon);
  EXPECT_EQ(parse_timestamptz("2026-11-01 04:00:00.5-08"), noon);
  for (const char* text : {"infinity", "-infinity", "2026-11-01", "2026-11-01 12:00:00", "",
                           "0001-01-01 00:00:00+00 BC"}) {
    EXPECT_EQ(parse_timestamptz(text), std::nullopt) << text;
  }
}

TEST(PgParameters, KeepTheirOrderAndTheirNulls) {
  PgParameters parameters;
  parameters.add("text").add(7).add(false).add(std::optional<int>()).add(std::optional<int>(8));
  parameters.add_bytes(std::string("\0", 1)).add_optional_bytes(std::nullopt);
  ASSERT_EQ(parameters.size(), 7U);
  EXPECT_EQ(parameters.at(0), "text");
  EXPECT_EQ(parameters.at(1), "7");
  EXPECT_EQ(parameters.at(2), "false");
  EXPECT_EQ(parameters.at(3), std::nullopt);
  EXPECT_EQ(parameters.at(4), "8");
  EXPECT_TRUE(parameters.binary(5));
  EXPECT_EQ(parameters.at(6), std::nullopt);
}

TEST(PgError, SaysWhetherTheSameStatementMaySucceedLater) {
  const auto retryable = [](const char* sqlstate) {
    PgError::Details details;
    details.sqlstate = sqlstate;
    return PgError(details).retryable();
  };
  for (const char* sqlstate :
       {"08006", "40001", "40P01", "53300", "57P01", "57P03", "55P03", "57014", "25006"}) {
    EXPECT_TRUE(retryable(sqlstate)) << sqlstate;
  }
  for (const char* sqlstate : {"23505", "28P01", "3D000", "42P01", "22P02", "57000", ""}) {
    EXPECT_FALSE(retryable(sqlstate)) << sqlstate;
  }
}

}  // namespace
}  // namespace scanclock
