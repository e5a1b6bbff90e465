#include "core/evidence/reader.hpp"
#include "core/runtime/large_buffers.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sys/wait.h>

namespace scanclock::testing {
namespace {

using nlohmann::json;

/// As the daemon does before anything else: holes of large buffers would count as used memory.
class LargeBuffersReturned : public ::testing::Environment {
 public:
  void SetUp() override { return_large_buffers_at_once(); }
};

const auto* const large_buffers_returned =
    ::testing::AddGlobalTestEnvironment(new LargeBuffersReturned);

/// Put together as text: what a large tree leaves behind in the heap would count as used memory.
std::string large_trivy_report(std::size_t bytes) {
  const std::string mark = "\"the findings\"";
  json report = trivy_report();
  report["Results"][0]["Vulnerabilities"] = json::array({"the findings"});
  json finding = {{"VulnerabilityID", "CVE-2026-"},
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
  const std::string one = finding.dump(2);
  const std::size_t id_end = one.find("CVE-2026-") + std::string("CVE-2026-").size();
  std::string text = report.dump(2);
  const std::size_t at = text.find(mark);
  const std::string tail = text.substr(at + mark.size());
  text.resize(at);
  text.reserve(bytes);
  for (int number = 0; text.size() + one.size() + tail.size() + 64 < bytes; ++number) {
    text += number == 0 ? "" : ",\n";
    text.append(one, 0, id_end).append(std::to_string(number)).append(one, id_end);
  }
  text += tail;
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

/// A statement around a report, without a tree of either. The report stands in it as it is, or as
/// the text that cosign's custom predicate holds.
std::string large_statement(std::size_t report_bytes, bool as_text) {
  const std::string mark = "\"the report\"";
  json statement = as_text ? in_toto_statement() : cosign_statement();
  if (as_text) {
    statement["predicateType"] = "https://cosign.sigstore.dev/attestation/v1";
    statement["predicate"] = {{"Data", "the report"}};
  } else {
    statement["predicate"]["scanner"]["result"] = "the report";
  }
  std::string text = statement.dump();
  const std::string report = large_trivy_report(report_bytes);
  return text.replace(text.find(mark), mark.size(), as_text ? json(report).dump() : report);
}

/// How much the resident memory of a process grows at most while it reads the text. A child's
/// high-water mark starts at what it has.
std::size_t growth_while_reading(std::string_view text, std::string_view defect) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  malloc_trim(0);
  const pid_t child = fork();
  if (child == 0) {
    // So that the pages of the program itself count as what it has.
    read_report(envelope_around(large_statement(1 << 16, true)));
    read_report(envelope_around(large_statement(1 << 16, false)));
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

std::string large_bundle(const std::string& envelope) {
  return R"({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
    "verificationMaterial": {"publicKey": {"hint": ""}}, "dsseEnvelope": )" +
         envelope + "}";
}

/// Such a text the parser has to copy, for it looks a few bytes behind its end.
void end_at_the_end_of_a_page(std::string& text) {
  constexpr std::size_t page_bytes = 4096;
  text.reserve(text.size() + page_bytes);
  while (reinterpret_cast<std::uintptr_t>(text.data() + text.size()) % page_bytes != 0) {
    text += ' ';
  }
}

struct EnvelopeCase {
  const char* name;
  bool as_text;
  bool in_a_bundle;
  bool with_escapes;
};

class ReadingALargeEnvelope : public ::testing::TestWithParam<EnvelopeCase> {};

TEST_P(ReadingALargeEnvelope, TakesAtMostTwiceItsSizeBesides) {
  if (!memory_is_measurable) {
    GTEST_SKIP() << "a sanitizer takes memory of its own";
  }
  std::string text = envelope_around(large_statement(report_bytes_max / 8, GetParam().as_text));
  if (GetParam().in_a_bundle) {
    text = large_bundle(text);
  }
  if (GetParam().with_escapes) {
    const std::size_t at = text.find("eyJ");
    text.replace(at, 1, R"(\u0065)");
  } else {
    end_at_the_end_of_a_page(text);
  }
  ASSERT_LT(text.size(), report_bytes_max);
  const std::size_t growth = growth_while_reading(text, "none");
  RecordProperty("growth_percent", static_cast<int>(100 * growth / text.size()));
  EXPECT_LT(growth, 2 * text.size());
}

const EnvelopeCase envelope_cases[] = {
    {"InAnEnvelope", false, false, false},
    {"InABundle", false, true, false},
    {"AsTextInAnEnvelope", true, false, false},
    {"InEscapedBase64", false, false, true},
};

INSTANTIATE_TEST_SUITE_P(Table, ReadingALargeEnvelope, ::testing::ValuesIn(envelope_cases),
                         case_name<EnvelopeCase>);

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
