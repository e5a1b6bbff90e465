#include "core/evidence/json_tree.hpp"

#include "core/evidence/json_reading.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

using evidence::build_json_tree;
using evidence::json_depth_max;
using evidence::KeepTree;
using nlohmann::json;

struct TreeCase {
  const char* name;
  std::vector<const char*> places;
  const char* text;
  const char* tree;
};

class Trees : public ::testing::TestWithParam<TreeCase> {};

TEST_P(Trees, HoldWhatIsKept) {
  KeepTree keep;
  for (const char* place : GetParam().places) {
    keep.add(place);
  }
  ScanReport report;
  const auto tree = build_json_tree(report, GetParam().text, keep);
  ASSERT_TRUE(tree) << report.defect_detail;
  EXPECT_EQ(*tree, json::parse(GetParam().tree));
}

const TreeCase tree_cases[] = {
    {"Members",
     {"a", "b.c"},
     R"({"a": 1, "b": {"c": "x", "d": 2}, "e": 3})",
     R"({"a": 1, "b": {"c": "x"}})"},
    {"Elements",
     {"a[].b"},
     R"({"a": [{"b": 1, "c": 2}, {"b": null}]})",
     R"({"a": [{"b": 1}, {"b": null}]})"},
    {"ElementsOfElements", {"a[][]"}, R"({"a": [[1], [2, 3]]})", R"({"a": [[1], [2, 3]]})"},
    {"ElementsOfTheRoot", {"[].a"}, R"([{"a": 1, "b": 2}, 7])", R"([{"a": 1}, 7])"},
    {"Choices",
     {"{a,b.c}[].{d,e}"},
     R"({"a": [{"d": 1, "e": 2, "f": 3}], "b": {"c": [{"e": 4}]}})",
     R"({"a": [{"d": 1, "e": 2}], "b": {"c": [{"e": 4}]}})"},
    {"AnyName",
     {"a.*.b"},
     R"({"a": {"x": {"b": 1, "c": 2}, "y": {"b": 3}}})",
     R"({"a": {"x": {"b": 1}, "y": {"b": 3}}})"},
    {"NamesThatStartSo",
     {"a/b*"},
     R"({"a/b1": 1, "a/b": 2, "a/c": 3})",
     R"({"a/b1": 1, "a/b": 2})"},
    {"ADotInAName", {R"(a\.b)"}, R"({"a.b": 1, "a": {"b": 2}})", R"({"a.b": 1})"},
    {"ScalarsWhereMoreWasExpected",
     {"a[].b", "c.d"},
     R"({"a": "x", "c": 1.5})",
     R"({"a": "x", "c": 1.5})"},
    {"TheTypeAndTheEmptinessOfWhatIsNotKept",
     {"a", "b", "c", "d", "e.f", "g[].h"},
     R"({"a": [1, 2], "b": {"x": 1}, "c": [], "d": {}, "e": [{"f": 1}], "g": [{"i": 1}]})",
     R"({"a": [null], "b": {"": null}, "c": [], "d": {}, "e": [null], "g": [{"": null}]})"},
    {"EscapedTexts", {"a"}, R"({"a": "\"\\\/\n\u00e9\ud83d\ude00"})", R"({"a": "\"\\/\né😀"})"},
    {"EscapedNames", {"a\"b"}, R"({"a\"\u0062": 1})", R"({"a\"b": 1})"},
    {"Base64AsWhatItSays",
     {"{a,b,c}<base64>", "d.e[]<base64>"},
     R"({"a": "Zm9vYg==", "b": "Zm9v\u0059g", "c": 7, "d": {"e": ["", "Ynk"]}})",
     R"({"a": "foob", "b": "foob", "c": 7, "d": {"e": ["", "by"]}})"},
    {"Numbers",
     {"a[]"},
     R"({"a": [0, -1, 18446744073709551615, 1e3, true, false]})",
     R"({"a": [0, -1, 18446744073709551615, 1e3, true, false]})"},
};

INSTANTIATE_TEST_SUITE_P(Table, Trees, ::testing::ValuesIn(tree_cases), case_name<TreeCase>);

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(Trees, HoldNoTextForWhatShouldBeBase64) {
  KeepTree keep;
  keep.add("a<base64>");
  for (const char* text : {R"({"a": "%%%"})", R"({"a": "A"})", R"({"a": "+-8="})"}) {
    ScanReport report;
    const auto tree = build_json_tree(report, text, keep);
    ASSERT_TRUE(tree) << report.defect_detail;
    EXPECT_TRUE(tree->at("a").is_binary()) << text;
  }
}

TEST(Trees, GoAsDeepAsAllowed) {
  ScanReport report;
  EXPECT_TRUE(build_json_tree(report, nested(json_depth_max), KeepTree()));
  EXPECT_FALSE(build_json_tree(report, nested(json_depth_max + 1), KeepTree()));
  EXPECT_EQ(defect_of(report), "malformed");
}

TEST(Trees, MayHoldEqualNamesInDifferentObjects) {
  KeepTree keep;
  keep.add("[].{a,b.a}");
  ScanReport report;
  EXPECT_TRUE(build_json_tree(report, R"([{"a": "a", "b": {"a": 1}}, {"a": 1}])", keep));
  EXPECT_FALSE(build_json_tree(report, R"([{"b": {"a": 1, "a": 1}}])", keep));
}

TEST(Trees, AreTheSameWhereverTheTextEndsInItsPage) {
  KeepTree keep;
  keep.add("a[]");
  constexpr std::size_t page_bytes = 4096;
  const std::string text = R"({"a": ["0123456789", "x\ny", 12345]})";
  std::string room(3 * page_bytes, '}');
  const auto start = page_bytes - reinterpret_cast<std::uintptr_t>(room.data()) % page_bytes;
  for (std::size_t at = start + page_bytes - 200; at < start + page_bytes; ++at) {
    room.replace(at, text.size(), text);
    ScanReport report;
    const auto tree = build_json_tree(report, std::string_view(room).substr(at, text.size()), keep);
    ASSERT_TRUE(tree) << report.defect_detail;
    EXPECT_EQ(*tree, json::parse(text));
  }
}

/// In every cut of a report either nothing is read or an error is found.
TEST(Trees, OfACutTextAreRefused) {
  const std::string text = trivy_report().dump();
  for (std::size_t size = 1; size < text.size(); ++size) {
    ScanReport report;
    ASSERT_FALSE(evidence::parse_json(report, std::string_view(text).substr(0, size))) << size;
    ASSERT_EQ(defect_of(report), "malformed");
  }
}

}  // namespace
}  // namespace scanclock::testing
