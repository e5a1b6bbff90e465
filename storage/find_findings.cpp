#include "storage/pg_ledger.hpp"
#include "storage/pg_transaction.hpp"

#include <algorithm>
#include <stdexcept>

namespace scanclock {
namespace {

/// A page of the API, and one more that tells of the next.
constexpr int findings_per_page_max = 5001;

FindingSeverity read_severity(const PgRow& row) {
  const auto number = row.int64("severity");
  if (number < 0 || number > static_cast<int>(FindingSeverity::critical)) {
    throw std::logic_error("unknown severity of a stored finding: " + std::to_string(number));
  }
  return static_cast<FindingSeverity>(number);
}

}  // namespace

asio::awaitable<std::optional<FindingPage>> PgLedger::evidence_findings(Digest digest,
                                                                        std::string after,
                                                                        int limit) {
  PgParameters wanted;
  wanted.add(digest.str());
  const auto records = co_await pool_.execute(query("FindEvidenceFindings"), std::move(wanted));
  if (records.empty()) {
    co_return std::nullopt;
  }
  FindingPage page;
  const auto evidence_id = records.one().optional_int64("evidence_id");
  if (!evidence_id) {
    co_return page;
  }
  page.recorded = true;
  page.omitted = records.one().int64("omitted");
  PgParameters place;
  place.add(*evidence_id).add(after).add(std::clamp(limit, 0, findings_per_page_max));
  const auto rows = co_await pool_.execute(query("ListFindings"), std::move(place));
  for (const auto row : rows) {
    Finding finding;
    finding.id = row.text("name");
    finding.severity = read_severity(row);
    finding.aliases = row.text_array("aliases");
    page.findings.push_back(std::move(finding));
  }
  co_return page;
}

}  // namespace scanclock
