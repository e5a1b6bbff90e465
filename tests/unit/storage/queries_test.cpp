#include "storage/queries.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace scanclock {
namespace {

TEST(Queries, EveryEmbeddedQueryHasANameOfItsOwn) {
  const auto queries = parse_queries(embedded_queries());
  ASSERT_GE(queries.size(), 10U);
  for (const auto& each : queries) {
    EXPECT_EQ(query(each.name).text, each.text);
    EXPECT_FALSE(each.text.ends_with(';')) << each.name;
  }
}

TEST(Queries, AnUnknownNameIsAMistakeInTheProgram) {
  EXPECT_THROW(query("NoSuchQuery"), std::logic_error);
}

TEST(Queries, AFileIsCutAtItsNames) {
  const EmbeddedFile file{"x.sql",
                          "-- what the file is for\n\n-- name: First\n-- why\nSELECT 1\n  FROM t;\n"
                          "\n-- name: Second\nSELECT ';' AS \"a;b\";\n"};
  const auto queries = parse_queries(file);
  ASSERT_EQ(queries.size(), 2U);
  EXPECT_EQ(queries[0].name, "First");
  EXPECT_EQ(queries[0].text, "SELECT 1\n  FROM t");
  EXPECT_EQ(queries[1].text, "SELECT ';' AS \"a;b\"");
}

TEST(Queries, AMalformedFileIsRefused) {
  for (const char* text : {"SELECT 1;\n-- name: Late\nSELECT 2;", "-- name: Empty\n-- nothing\n",
                           "-- name: two words\nSELECT 1", "-- name:\nSELECT 1",
                           "-- name: Two\nSELECT 1; SELECT 2;"}) {
    const EmbeddedFile file{"bad.sql", text};
    EXPECT_THROW(parse_queries(file), std::invalid_argument) << text;
  }
}

TEST(Queries, ANameMayNotOccurTwice) {
  const EmbeddedFile files[] = {{"a.sql", "-- name: Same\nSELECT 1;"},
                                {"b.sql", "-- name: Same\nSELECT 2;"}};
  EXPECT_THROW(parse_queries(files), std::invalid_argument);
}

}  // namespace
}  // namespace scanclock
