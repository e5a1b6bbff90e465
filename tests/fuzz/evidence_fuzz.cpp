#include "core/evidence/reader.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>

// Reads any bytes as evidence. Beside crashes it looks for the one unforgivable answer: a report
// without a defect that has no time or no subject.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using scanclock::fuzzing::require;
  const scanclock::ScanReport report =
      scanclock::read_report(scanclock::fuzzing::text_of(data, size));
  const bool has_subject = !report.subjects.empty() || !report.subject_config.empty();
  require(report.defect || (report.finished_at && has_subject),
          "a report without a defect has a time and a subject");
  require(report.defect.has_value() != report.defect_detail.empty(),
          "a defect, and nothing else, is explained");
  require(report.finished_at.has_value() != report.finished_at_field.empty(),
          "a time, and nothing else, has a field that it comes from");
  const auto not_before = [](const scanclock::Finding& left, const scanclock::Finding& right) {
    return left.id >= right.id;
  };
  require(std::adjacent_find(report.findings.begin(), report.findings.end(), not_before) ==
              report.findings.end(),
          "findings are sorted and each stands there once");
  return 0;
}
