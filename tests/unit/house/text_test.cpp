#include "tests/unit/house/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <string_view>

namespace scanclock::house {
namespace {

constexpr std::size_t columns_max = 100;

/// Code points, which in this tree are columns.
std::size_t columns_of(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

bool has_left_over_mark(std::string_view line) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; };
  // Written so that this file does not find itself.
  for (const std::string_view mark : {"TO"
                                      "DO",
                                      "FIX"
                                      "ME",
                                      "XX"
                                      "X"}) {
    for (std::size_t at = line.find(mark); at != line.npos; at = line.find(mark, at + 1)) {
      const std::size_t end = at + mark.size();
      if ((at == 0 || !is_letter(line[at - 1])) && (end == line.size() || !is_letter(line[end]))) {
        return true;
      }
    }
  }
  return false;
}

/// Lines of tests inside a raw string that spans lines: samples are as long as they are.
std::set<int> sample_lines(const ParsedFile& parsed) {
  std::set<int> lines;
  if (parsed.file->is_product()) {
    return lines;
  }
  for (const Token& token : parsed.structure.tokens()) {
    if (token.kind == Token::Kind::string) {
      const auto breaks = std::count(token.text.begin(), token.text.end(), '\n');
      for (int line = 0; breaks > 0 && line <= breaks; ++line) {
        lines.insert(token.line + line);
      }
    }
  }
  return lines;
}

bool is_vague_name(const std::string& path) {
  static const std::regex words("(^|_)(utils?|helpers?|managers?|common|misc)(_|$)");
  return std::regex_search(std::filesystem::path(path).stem().string(), words);
}

TEST(Text, RulesCanFail) {
  EXPECT_EQ(columns_of("a→b"), 3u);
  EXPECT_TRUE(
      has_left_over_mark("// TO"
                         "DO later"));
  EXPECT_FALSE(
      has_left_over_mark("TO"
                         "DOS"));
  EXPECT_TRUE(is_vague_name("core/net/http_utils.cpp"));
  EXPECT_TRUE(is_vague_name("core/common.hpp"));
  EXPECT_FALSE(is_vague_name("core/uncommon_words.hpp"));
}

TEST(Text, OfSourcesKeepsTheHouseStyle) {
  for (const SourceFile& file : source_tree()) {
    EXPECT_FALSE(is_vague_name(file.path)) << file.path << ": the name says nothing";
    EXPECT_TRUE(file.text.ends_with('\n')) << file.path << ": the last line does not end";
    EXPECT_FALSE(file.text.ends_with("\n\n")) << file.path << ": an empty line ends the file";
    int number = 0;
    for (const std::string_view line : file.lines()) {
      ++number;
      const auto place = [&] { return file.path + ":" + std::to_string(number); };
      EXPECT_EQ(line.find('\t'), std::string_view::npos) << place() << ": a tab";
      EXPECT_EQ(line.find('\r'), std::string_view::npos) << place() << ": a carriage return";
      EXPECT_FALSE(line.ends_with(' ')) << place() << ": trailing blanks";
      EXPECT_FALSE(has_left_over_mark(line)) << place() << ": unfinished";
    }
  }
}

TEST(Text, IsAtMostAHundredColumnsWide) {
  const auto judge = [](const SourceFile& file, const std::set<int>& excused) {
    int number = 0;
    for (const std::string_view line : file.lines()) {
      ++number;
      if (!excused.contains(number)) {
        EXPECT_LE(columns_of(line), columns_max) << file.path << ":" << number;
      }
    }
  };
  for (const ParsedFile& parsed : parsed_tree()) {
    judge(*parsed.file, sample_lines(parsed));
  }
  for (const SourceFile& file : source_tree()) {
    if (!file.is_cpp()) {
      judge(file, {});
    }
  }
}

TEST(Text, OfHeadersBeginsWithPragmaOnce) {
  for (const SourceFile& file : source_tree()) {
    if (file.is_header()) {
      EXPECT_TRUE(file.text.starts_with("#pragma once\n")) << file.path;
    }
  }
}

}  // namespace
}  // namespace scanclock::house
