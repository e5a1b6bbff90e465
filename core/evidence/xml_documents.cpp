#include "core/evidence/xml_documents.hpp"

#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace scanclock::evidence {
namespace {

/// The root element with its namespaces stands within them, whatever comes before it.
constexpr std::size_t xml_head_bytes = std::size_t{16} * 1024;

/// What stands between `<` and `>` at the root element; empty where the head has none.
std::string_view root_tag(std::string_view text) {
  while (true) {
    const std::size_t open = text.find('<');
    if (open == std::string_view::npos || open + 1 >= text.size()) {
      return {};
    }
    text.remove_prefix(open + 1);
    std::string_view end = ">";
    if (text.starts_with("!--")) {
      end = "-->";
    } else if (text.starts_with('?')) {
      end = "?>";
    } else if (!text.starts_with('!')) {
      return text.substr(0, text.find('>'));
    }
    const std::size_t close = text.find(end);
    if (close == std::string_view::npos) {
      return {};
    }
    text.remove_prefix(close + end.size());
  }
}

/// `TestResult` of `xccdf:TestResult id="…"`.
std::string_view local_name(std::string_view tag) {
  tag = tag.substr(0, tag.find_first_of(" \t\r\n/"));
  const std::size_t colon = tag.find(':');
  return colon == std::string_view::npos ? tag : tag.substr(colon + 1);
}

bool is_xccdf(std::string_view name, std::string_view tag) {
  static constexpr std::array<std::string_view, 4> names = {
      "TestResult", "Benchmark", "asset-report-collection", "data-stream-collection"};
  return tag.find("checklists.nist.gov/xccdf") != std::string_view::npos ||
         std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

ScanReport refuse_xml(std::string_view text) {
  ScanReport report;
  const std::string_view tag = root_tag(text.substr(0, xml_head_bytes));
  const std::string_view name = local_name(tag);
  if (is_xccdf(name, tag)) {
    report.format = "xccdf";
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "an xccdf result says how an image is configured, and is no vulnerability scan");
  } else if (name == "html" || name == "HTML") {
    note_defect(report, Rejection::unknown_format, "an html page, as a login form sends");
  } else {
    note_defect(report, Rejection::unknown_format,
                "an xml document with the root element " + shown_text(name));
  }
  return report;
}

// Source: NIST XCCDF 1.1 and 1.2, SCAP 1.3 (ARF), and what oscap writes.
constinit const Format xccdf_format{
    .info =
        {
            .name = "xccdf",
            .detection =
                "XML with the root element TestResult, Benchmark, asset-report-collection or "
                "data-stream-collection, or a namespace of XCCDF there; nothing further is read",
            .finished_at = "not read: end-time may lack its zone, and is no vulnerability scan's",
            .subjects = "not read: target is the host that ran the scanner",
            .scanner = "not read",
            .database_built_at = "not in the format",
            .counts = "none",
            .defects =
                "always not_a_vulnerability_scan: it is evidence of configuration. Other XML and "
                "HTML: unknown_format",
        },
};

}  // namespace scanclock::evidence
