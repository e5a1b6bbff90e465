#include "tests/unit/house/source_structure.hpp"

#include "tests/unit/house/source_tree.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace scanclock::house {
namespace {

std::vector<std::string> texts_of(const std::string& code) {
  std::vector<std::string> texts;
  for (const Token& token : tokenize(code)) {
    texts.push_back(token.text);
  }
  return texts;
}

TEST(SourceTokens, LeaveOutCommentsAndKeepLiteralsWhole) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts_of("a /* b */ c // d\ne"), (Texts{"a", "c", "e"}));
  EXPECT_EQ(texts_of("f(\"a // b \\\" c\", '\\'')"),
            (Texts{"f", "(", "a // b \\\" c", ",", "\\'", ")"}));
  EXPECT_EQ(texts_of("R\"x(a)\" b)x\" u8\"c\""), (Texts{"a)\" b", "c"}));
  EXPECT_EQ(texts_of("1'000 a::b->c"), (Texts{"1'000", "a", "::", "b", "->", "c"}));
  EXPECT_EQ(texts_of("#define A \\\n  B\nc"), (Texts{"#define A \\\n  B", "c"}));
}

TEST(SourceTokens, KnowTheirLines) {
  const std::vector<Token> tokens = tokenize("a\n/*\n*/ b\n#if 1\nR\"(\n\n)\" c");
  ASSERT_EQ(tokens.size(), 5u);
  EXPECT_EQ(tokens[0].line, 1);
  EXPECT_EQ(tokens[1].line, 3);
  EXPECT_EQ(tokens[2].line, 4);
  EXPECT_EQ(tokens[3].line, 5);
  EXPECT_EQ(tokens[4].line, 7);
}

TEST(SourceStructure, RefusesBracketsThatDoNotMatch) {
  EXPECT_THROW(Structure(tokenize("f() {")), std::runtime_error);
  EXPECT_THROW(Structure(tokenize("f(])")), std::runtime_error);
}

TEST(SourceStructure, FindsFunctionsAndTheirLengths) {
  const Structure structure(
      tokenize("namespace n {\n"
               "int a() { return 1; }\n"
               "class B {\n"
               "  B() : x_{1}, y_(2) {\n"
               "    auto l = [&](int i) -> int {\n"
               "      return i;\n"
               "    };\n"
               "  }\n"
               "  int x_{};\n"
               "};\n"
               "auto B::c() const -> std::optional<int> {\n"
               "  return {};\n"
               "}\n"
               "const T table[] = {{1}, {2}};\n"
               "TEST(Suite, Name) {\n"
               "}\n"
               "}\n"));
  std::vector<std::pair<std::string, int>> found;
  for (const Function& function : structure.functions()) {
    found.emplace_back(function.name, function.body_lines);
  }
  const std::vector<std::pair<std::string, int>> wanted{
      {"a", 1}, {"B", 5}, {"B::c", 3}, {"TEST(Suite,Name)", 2}};
  EXPECT_EQ(found, wanted);
}

TEST(SourceStructure, FindsIncludes) {
  const Structure structure(
      tokenize("#include \"core/net/url.hpp\"\n#  include <vector>  // \"x\"\n"));
  const std::vector<Include> includes = includes_of(structure);
  ASSERT_EQ(includes.size(), 2u);
  EXPECT_EQ(includes[0].name, "core/net/url.hpp");
  EXPECT_TRUE(includes[0].is_quoted);
  EXPECT_EQ(includes[1].name, "vector");
  EXPECT_FALSE(includes[1].is_quoted);
  EXPECT_EQ(includes[1].line, 2);
}

}  // namespace
}  // namespace scanclock::house
