#include "core/evidence/reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// Reads any bytes as evidence. Beside crashes it looks for the one unforgivable answer: a report
// without a defect that has no time or no subject.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const scanclock::ScanReport report =
      scanclock::read_report(std::string_view(reinterpret_cast<const char*>(data), size));
  const bool has_subject = !report.subjects.empty() || !report.subject_config.empty();
  if (!report.defect && !(report.finished_at && has_subject)) {
    std::abort();
  }
  if (report.defect.has_value() == report.defect_detail.empty()) {
    std::abort();
  }
  return 0;
}
