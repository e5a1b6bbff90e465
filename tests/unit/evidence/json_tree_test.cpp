#include "core/evidence/json_tree.hpp"

#include "core/evidence/json_reading.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <fstream>
#include <sys/wait.h>

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
    {"Numbers",
     {"a[]"},
     R"({"a": [0, -1, 18446744073709551615, 1e3, true, false]})",
     R"({"a": [0, -1, 18446744073709551615, 1e3, true, false]})"},
};

INSTANTIATE_TEST_SUITE_P(Table, Trees, ::testing::ValuesIn(tree_cases), case_name<TreeCase>);

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
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

std::string large_trivy_report(std::size_t bytes) {
  json report = trivy_report();
  json finding = {{"VulnerabilityID", ""},
                  {"PkgName", "libcurl4"},
                  {"InstalledVersion", "7.88.1-10"},
                  {"Severity", "HIGH"},
                  {"Title", "a heap overflow, in a parser"},
                  {"Description", std::string(600, 'd')},
                  {"References", json::array()},
                  {"CVSS", {{"nvd", {{"V3Vector", "CVSS:3.1/AV:N/AC:L"}, {"V3Score", 9.8}}}}}};
  for (int number = 0; number < 12; ++number) {
    finding["References"].push_back("https://advisories.example/" + std::to_string(number));
  }
  json& findings = report["Results"][0]["Vulnerabilities"];
  const std::size_t each = finding.dump(2).size() * 4 / 3;
  for (std::size_t number = 0; number * each < bytes; ++number) {
    finding["VulnerabilityID"] = "CVE-2026-" + std::to_string(number);
    findings.push_back(finding);
  }
  std::string text = report.dump(2);
  text.resize(bytes, ' ');
  return text;
}

std::size_t status_bytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) {
      return std::stoul(line.substr(field.size() + 1)) * 1024;
    }
  }
  return 0;
}

/// How much the resident memory of a process grows at most while it reads the text. A child's
/// high-water mark starts at what it has.
std::size_t growth_while_reading(std::string_view text, std::string_view defect) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  malloc_trim(0);
  const pid_t child = fork();
  if (child == 0) {
    const std::size_t before = status_bytes("VmRSS:");
    const bool as_expected = defect_of(read_report(text)) == defect;
    const std::size_t growth = status_bytes("VmHWM:") - before;
    const auto written = write(ends[1], &growth, sizeof growth);
    _exit(as_expected && written == sizeof growth ? 0 : 1);
  }
  std::size_t growth = 0;
  EXPECT_EQ(read(ends[0], &growth, sizeof growth), static_cast<ssize_t>(sizeof growth));
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  close(ends[0]);
  close(ends[1]);
  return growth;
}

#if defined(__SANITIZE_ADDRESS__)
constexpr bool memory_is_measurable = false;
#else
constexpr bool memory_is_measurable = true;
#endif

TEST(ReadingTheLargestReport, TakesAtMostTwiceItsSizeWithItsOwnBytes) {
  if (!memory_is_measurable) {
    GTEST_SKIP() << "a sanitizer takes memory of its own";
  }
  const std::string text = large_trivy_report(report_bytes_max);
  const std::size_t growth = growth_while_reading(text, "none");
  RecordProperty("growth_mib", static_cast<int>(growth >> 20U));
  EXPECT_LT(growth, text.size());
}

TEST(ReadingTheLargestReport, InAnEnvelopeTakesAtMostTwoAndAHalfTimesItsSizeBesides) {
  if (!memory_is_measurable) {
    GTEST_SKIP() << "a sanitizer takes memory of its own";
  }
  json statement = cosign_statement();
  std::string text;
  {
    json unpacked = json::parse(large_trivy_report(report_bytes_max / 4));
    statement["predicate"]["scanner"]["result"] = std::move(unpacked);
    text = envelope_of(statement);
  }
  ASSERT_LT(text.size(), report_bytes_max);
  const std::size_t growth = growth_while_reading(text, "none");
  RecordProperty("growth_mib", static_cast<int>(growth >> 20U));
  EXPECT_LT(2 * growth, 5 * text.size());
}

TEST(ReadingTheLargestReport, ThatIsMadeToCostMemoryTakesNoMore) {
  if (!memory_is_measurable) {
    GTEST_SKIP() << "a sanitizer takes memory of its own";
  }
  std::string text = R"({"SchemaVersion": 2, "Results": [{"Vulnerabilities": [{"Severity": "LOW"})";
  while (text.size() < report_bytes_max / 2) {
    text += R"(,{"Severity": "LOW"})";
  }
  text += "]}]}";
  const std::size_t growth = growth_while_reading(text, "too_large");
  EXPECT_LT(growth, 2 * report_bytes_max);
}

}  // namespace
}  // namespace scanclock::testing
