#include "core/evidence/json_tree.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace scanclock::testing {
namespace {

using nlohmann::json;

struct BytesCase {
  const char* name;
  std::string_view bytes;
  const char* defect;
};

class BadBytes : public ::testing::TestWithParam<BytesCase> {};

TEST_P(BadBytes, AreADefectAndNoException) {
  const ScanReport report = read_report(GetParam().bytes);
  EXPECT_EQ(defect_of(report), GetParam().defect) << report.defect_detail;
  EXPECT_FALSE(report.defect_detail.empty());
  EXPECT_EQ(report.finished_at, std::nullopt);
}

const BytesCase bad_bytes[] = {
    {"Nothing", "", "malformed"},
    {"Blanks", " \r\n\t", "malformed"},
    {"AMark", "\xEF\xBB\xBF", "malformed"},
    {"Markup", "<?xml version=\"1.0\"?><report/>", "unknown_format"},
    {"AWord", "null", "unknown_format"},
    {"AnOpenBrace", "{", "malformed"},
    {"HalfAString", R"({"a": ")", "malformed"},
    {"ABackslashAtTheEnd", R"({"a\)", "malformed"},
    {"MoreAfterTheEnd", "{} {}", "malformed"},
    {"BracketsThatDoNotMatch", "[}", "malformed"},
    {"OnlyClosing", "[]]]]]", "malformed"},
    {"BrokenUtf8", "{\"a\": \"\xC3\x28\"}", "malformed"},
    {"ASurrogateAlone", R"({"CreatedAt": "\ud800"})", "malformed"},
    {"ANumberOutOfRange", R"({"SchemaVersion": 1e999})", "malformed"},
    {"AKeyTwice", R"({"SchemaVersion": 2, "b": {"a": 1}, "SchemaVersion": 2})", "malformed"},
    {"AKeyTwiceInside", R"({"Results": [{"Class": "a", "Class": "a"}]})", "malformed"},
    {"AKeyTwiceInOtherLetters", R"({"SchemaVersion": 2, "Schema\u0056ersion": 2})", "malformed"},
    {"AWordThatIsNone", R"({"CreatedAt": nul})", "malformed"},
    {"ACommaTooMany", R"({"a": [1, 2,]})", "malformed"},
    {"AColonTooMany", R"({"a":: 1})", "malformed"},
    {"ANameThatIsNoText", R"({1: 1})", "malformed"},
    {"BracesThatDoNotMatchInside", R"({"a": {"b": [1, 2}}})", "malformed"},
    {"AnEndTooEarly", R"({"a": {"b": 1})", "malformed"},
    {"AnEndInAText", R"({"a": "b})", "malformed"},
    {"ALineBreakInAText", "{\"a\": \"b\nc\"}", "malformed"},
    {"AnEmptyObject", "{}", "unknown_format"},
    {"AnEmptyArray", "[]", "unknown_format"},
    {"AnImageManifest", R"({"schemaVersion": 2, "layers": []})", "unknown_format"},
    {"CycloneDx", R"({"bomFormat": "CycloneDX", "vulnerabilities": []})",
     "not_a_vulnerability_scan"},
    {"Spdx", R"({"spdxVersion": "SPDX-2.3"})", "not_a_vulnerability_scan"},
    {"OpenVex", R"({"@context": "https://openvex.dev/ns/v0.2.0", "statements": []})",
     "not_a_vulnerability_scan"},
    {"Syft", R"({"artifacts": [], "descriptor": {"name": "syft"}})", "not_a_vulnerability_scan"},
    {"ABarePredicate", R"({"scanner": {"uri": "x"}, "metadata": {}})", "unknown_format"},
    {"ATypeThatIsNoText", R"({"predicateType": 7})", "unknown_format"},
    {"RunsThatAreNoArray", R"({"version": "2.1.0", "runs": {}})", "malformed"},
    {"RunsOfNumbers", R"({"version": "2.1.0", "runs": [1, null]})", "malformed"},
};

INSTANTIATE_TEST_SUITE_P(Table, BadBytes, ::testing::ValuesIn(bad_bytes), case_name<BytesCase>);

TEST(BadInput, AMillionLevelsDeepIsRefused) {
  constexpr std::size_t levels = 1'000'000;
  std::string objects;
  for (std::size_t level = 0; level < levels; ++level) {
    objects += R"({"a":)";
  }
  const std::string brackets = std::string(levels, '[') + std::string(levels, ']');
  for (const std::string& deep :
       {brackets, R"({"Results":)" + brackets + "}", R"({"unknown":)" + brackets + "}",
        std::string(levels, '['), objects, objects + "0" + std::string(levels, '}')}) {
    EXPECT_EQ(defect_of(read_report(deep)), "malformed");
    const ScanReport wrapped = read_report(envelope_around(deep));
    EXPECT_EQ(defect_of(wrapped), "malformed");
    EXPECT_TRUE(wrapped.defect_detail.starts_with("payload: ")) << wrapped.defect_detail;
  }
  EXPECT_EQ(read_report(brackets).defect_detail, "nested deeper than 64 levels");
  json statement = cosign_statement();
  statement["predicate"]["scanner"]["result"] = std::string(levels, '[');
  EXPECT_EQ(defect_of(read_report(envelope_of(statement))), "malformed");
}

TEST(BadInput, TooManyValuesAreRefusedBeforeTheyCostMemory) {
  std::string many = "[0";
  for (std::size_t value = 0; value < evidence::json_values_max; ++value) {
    many += ",0";
  }
  EXPECT_EQ(defect_of(read_report(many + "]")), "too_large");
}

TEST(BadInput, CommasInTextAreNoValues) {
  const std::string text = R"({"bomFormat": "\",)" + std::string(5'000'000, ',') + R"("})";
  EXPECT_EQ(defect_of(read_report(text)), "not_a_vulnerability_scan");
}

TEST(BadInput, TooManyBytesAreRefused) {
  EXPECT_EQ(defect_of(read_report("{" + std::string(report_bytes_max, ' '))), "too_large");
}

TEST(BadInput, TenMebibytesOfGarbageAreRefused) {
  std::mt19937 random(20261001);
  std::string garbage(std::size_t{10} * 1024 * 1024, '\0');
  for (char& byte : garbage) {
    byte = static_cast<char>(random());
  }
  EXPECT_EQ(defect_of(read_report("{" + garbage)), "malformed");
  EXPECT_EQ(defect_of(read_report("[\"" + garbage)), "malformed");
}

TEST(BadInput, TooManySubjectsAreMalformed) {
  json statement = in_toto_statement();
  for (int number = 1000; number < 2100; ++number) {
    const std::string hex = std::string(60, 'a') + std::to_string(number);
    statement["subject"].push_back({{"digest", {{"sha256", hex}}}});
  }
  EXPECT_EQ(defect_of(read_report(envelope_of(statement))), "malformed");
}

TEST(BadInput, AByteOrderMarkDoesNoHarm) {
  EXPECT_EQ(defect_of(read_report("\xEF\xBB\xBF" + trivy_report().dump())), "none");
}

TEST(Formats, AreDocumentedEachOnceAndCoverEveryReader) {
  std::vector<std::string_view> names;
  for (const FormatInfo& format : formats()) {
    names.push_back(format.name);
    for (const std::string_view text :
         {format.detection, format.finished_at, format.subjects, format.scanner,
          format.database_built_at, format.counts, format.defects}) {
      EXPECT_FALSE(text.empty()) << format.name;
    }
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  for (const char* name : {"trivy-json", "grype-json", "sarif", "cosign-vuln", "in-toto-vulns",
                           "in-toto", "dsse", "sigstore-bundle"}) {
    EXPECT_TRUE(std::binary_search(names.begin(), names.end(), name)) << name;
  }
}

}  // namespace
}  // namespace scanclock::testing
