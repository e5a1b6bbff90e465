#include "tests/unit/house/source_tree.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::house {
namespace {

using Words = std::vector<std::string_view>;

struct ForbiddenCall {
  Words words;
  const char* advice;
  /// The only file that may.
  std::string_view home = {};
  bool in_tests_too = false;
};

constexpr std::string_view clock_home = "core/runtime/clock.cpp";

const std::vector<ForbiddenCall>& forbidden_calls() {
  static const char* const clock = "take the Clock: only then can time be simulated";
  static const std::vector<ForbiddenCall> calls{
      {{"system_clock", "::", "now"}, clock, clock_home},
      {{"steady_clock", "::", "now"}, clock, clock_home},
      {{"high_resolution_clock", "::", "now"}, clock, clock_home},
      {{"clock_gettime"}, clock, clock_home},
      {{"gettimeofday"}, clock, clock_home},
      {{"timespec_get"}, clock, clock_home},
      {{"time", "(", "nullptr", ")"}, clock, clock_home},
      {{"time", "(", "NULL", ")"}, clock, clock_home},
      {{"time", "(", "0", ")"}, clock, clock_home},
      {{"asio", "::", "detached"}, "spawn in a TaskGroup: detached swallows exceptions", {}, true},
      {{"async_resolve"}, "ask the DnsResolver: a timeout does not end async_resolve", {}, true},
      {{"sleep_for"}, "await Clock::sleep: the loop must not block"},
      {{"sleep_until"}, "await Clock::sleep: the loop must not block"},
      {{"usleep"}, "await Clock::sleep: the loop must not block"},
      {{"nanosleep"}, "await Clock::sleep: the loop must not block"},
  };
  return calls;
}

std::vector<int> lines_with(const std::vector<Token>& tokens, const Words& words) {
  std::vector<int> lines;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (reads(tokens, i, words)) {
      lines.push_back(tokens[i].line);
    }
  }
  return lines;
}

/// A statement as SQL is written here, its words in capitals; the tag "COMMIT" or the method
/// "DELETE" by itself is none.
bool looks_like_sql(const std::string& text) {
  static const std::regex statement(
      "(\\s|\\\\n)*"
      "(SELECT\\s+\\S|INSERT\\s+INTO\\s|UPDATE\\s+\\S+\\s+SET\\s|DELETE\\s+FROM\\s|"
      "(CREATE|ALTER|DROP)\\s+[A-Z]|WITH\\s+\\S+.*\\sAS\\b.*|COPY\\s+\\S+\\s+(FROM|TO)\\s|"
      "SET\\s+\\S+\\s*(=|TO\\s|LOCAL\\s|SESSION\\s)|TRUNCATE\\s+\\S|LISTEN\\s+\\S|NOTIFY\\s+\\S|"
      "LOCK\\s+TABLE|BEGIN\\s*;|BEGIN\\s+[A-Z]|COMMIT\\s*;|ROLLBACK\\s*;|VACUUM\\s+\\S)[^]*");
  return std::regex_match(text, statement);
}

TEST(ForbiddenCalls, AreRecognised) {
  const auto found = [](const char* code, const Words& words) {
    return !lines_with(tokenize(code), words).empty();
  };
  EXPECT_TRUE(found("auto t = std::chrono::system_clock::now();", {"system_clock", "::", "now"}));
  EXPECT_TRUE(found("time(0)", {"time", "(", "0", ")"}));
  EXPECT_FALSE(found("// system_clock::now()", {"system_clock", "::", "now"}));
  EXPECT_FALSE(found("\"system_clock::now()\"", {"system_clock", "::", "now"}));
  EXPECT_FALSE(found("my_time(0)", {"time", "(", "0", ")"}));
  EXPECT_FALSE(found("std::chrono::system_clock::duration", {"system_clock", "::", "now"}));
}

TEST(ForbiddenCalls, AreAbsentFromTheTree) {
  for (const ParsedFile& parsed : parsed_tree()) {
    for (const ForbiddenCall& call : forbidden_calls()) {
      if ((!parsed.file->is_product() && !call.in_tests_too) || parsed.file->path == call.home) {
        continue;
      }
      for (const int line : lines_with(parsed.structure.tokens(), call.words)) {
        std::string words;
        for (const std::string_view word : call.words) {
          words += word;
        }
        ADD_FAILURE() << parsed.file->path << ":" << line << ": " << words
                      << "\nHINT: " << call.advice;
      }
    }
  }
}

TEST(InlineSql, IsRecognised) {
  for (const char* text : {"SELECT 1", "  INSERT INTO a", "\\nWITH x AS", "BEGIN;", "COMMIT;",
                           "UPDATE a SET b", "DELETE\nFROM a"}) {
    EXPECT_TRUE(looks_like_sql(text)) << text;
  }
  for (const char* text : {"select one", "SELECTED", "WITHOUT", "UPDATED_AT", "Set the", "",
                           "SETTINGS", "DELETE", "COMMIT", "COPY is not supported"}) {
    EXPECT_FALSE(looks_like_sql(text)) << text;
  }
}

/// Statements live in storage/queries, where PostgreSQL itself checks each of them in a test.
TEST(InlineSql, IsAbsentFromTheProduct) {
  for (const ParsedFile& parsed : parsed_tree()) {
    if (!parsed.file->is_product()) {
      continue;
    }
    for (const Token& token : parsed.structure.tokens()) {
      if (token.kind == Token::Kind::string && looks_like_sql(token.text)) {
        ADD_FAILURE() << parsed.file->path << ":" << token.line << ": \"" << token.text
                      << "\" looks like SQL";
      }
    }
  }
}

}  // namespace
}  // namespace scanclock::house
