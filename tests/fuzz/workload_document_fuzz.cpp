#include "core/workloads/workload_document.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace {

using namespace scanclock;
using fuzzing::require;

const TimePoint now = *parse_rfc3339("2026-11-01T12:00:00Z");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzzing::text_of(data, size);
  const auto report = parse_workload_document(text, now);
  if (!report) {
    require(!report.error().message.empty(), "a refusal says why");
    return 0;
  }
  require(!report->source.empty(), "a view is of a source");
  require(is_set(report->observed_at) && report->observed_at <= now + workload_document_future_max,
          "a view is of a moment that has been");
  std::set<std::string> ids;
  for (const ContainerObservation& container : report->containers) {
    require(ids.insert(container.id).second, "a container is named once");
    require(!container.image.empty() || !container.digests.empty(), "a container has an image");
    require(container.id.find('\0') == std::string::npos, "no database stores a NUL");
  }
  const std::string written = workload_document(*report).dump();
  const auto again = parse_workload_document(written, now);
  require(again.has_value(), "what is written can be read");
  require(again->containers == report->containers && again->complete == report->complete,
          "and says the same");
  require(
      parse_workload_document(text, now, "another").has_value() == (report->source == "another"),
      "a document speaks for its own source alone");
  return 0;
}
