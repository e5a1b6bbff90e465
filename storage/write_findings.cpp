#include "storage/ledger_parts.hpp"
#include "storage/row_writer.hpp"
#include "storage/storable.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace scanclock::ledger_parts {
namespace {

/// A hundred times what a bad image has. A report that is all invented names must not fill the
/// table of names, which every later report shares.
constexpr std::size_t findings_per_report_max = 50'000;
constexpr std::size_t aliases_per_finding_max = 32;
/// An index entry must hold it; real names have at most 30.
constexpr std::size_t vulnerability_name_bytes_max = 200;
/// Evidence is written in groups of about this many findings, so that no step takes long.
constexpr std::size_t findings_per_group = 2000;

using Numbers = std::unordered_map<std::string, std::int64_t>;

bool is_storable_name(const std::string& name) {
  return !name.empty() && name.size() <= vulnerability_name_bytes_max;
}

/// What is recorded of a report.
struct KeptFindings {
  std::vector<const Finding*> findings;
  std::size_t omitted = 0;
};

/// The gravest ones when there are too many.
KeptFindings kept_findings(const ScanReport& report) {
  KeptFindings kept;
  for (const auto& finding : report.findings) {
    if (is_storable_name(finding.id)) {
      kept.findings.push_back(&finding);
    }
  }
  if (kept.findings.size() > findings_per_report_max) {
    const auto end = kept.findings.begin() + std::ptrdiff_t{findings_per_report_max};
    std::nth_element(kept.findings.begin(), end, kept.findings.end(),
                     [](const Finding* left, const Finding* right) {
                       return std::pair(right->severity, std::string_view(left->id)) <
                              std::pair(left->severity, std::string_view(right->id));
                     });
    kept.findings.erase(end, kept.findings.end());
  }
  kept.omitted = report.findings.size() - kept.findings.size();
  return kept;
}

/// Bytes that are no scan at all have no findings to record, which is not the same as none.
bool has_findings_to_record(const ScanReport& report) {
  return report.defect != Rejection::malformed && report.defect != Rejection::unknown_format &&
         report.defect != Rejection::too_large &&
         report.defect != Rejection::not_a_vulnerability_scan;
}

struct GroupItem {
  std::int64_t evidence_id = 0;
  KeptFindings kept;
};

/// Asks for the numbers of these names, in pieces, and gives numbers to those that are new.
asio::awaitable<void> number_names(PgTransaction& transaction, std::vector<std::string> names,
                                   Numbers& numbers) {
  for (std::size_t begin = 0; begin < names.size(); begin += batch_rows_max) {
    const auto first = names.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last =
        names.begin() + static_cast<std::ptrdiff_t>(std::min(begin + batch_rows_max, names.size()));
    const std::vector<std::string> piece(first, last);
    PgParameters added;
    added.add_array(piece);
    co_await transaction.execute(query("AddVulnerabilities"), std::move(added));
    PgParameters wanted;
    wanted.add_array(piece);
    const auto rows = co_await transaction.execute(query("FindVulnerabilities"), std::move(wanted));
    for (const auto row : rows) {
      numbers.emplace(row.text("name"), row.int64("id"));
    }
  }
}

asio::awaitable<void> write_aliases(PgTransaction& transaction, const std::vector<GroupItem>& group,
                                    const Numbers& numbers) {
  std::set<std::pair<std::string, std::int64_t>> written;
  RowWriter rows(transaction, "AddVulnerabilityAliases", 3);
  for (const auto& item : group) {
    for (const auto* finding : item.kept.findings) {
      const auto number = numbers.at(storable_text(finding->id));
      std::size_t count = 0;
      for (const auto& alias : finding->aliases) {
        if (!is_storable_name(alias) || count++ == aliases_per_finding_max ||
            !written.emplace(storable_text(alias), number).second) {
          continue;
        }
        rows.add(alias, number, item.evidence_id);
        if (rows.full()) {
          co_await rows.flush();
        }
      }
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_group(PgTransaction& transaction, const std::vector<GroupItem>& group,
                                  Numbers& numbers) {
  std::unordered_set<std::string> unknown;
  for (const auto& item : group) {
    for (const auto* finding : item.kept.findings) {
      auto name = storable_text(finding->id);
      if (!numbers.contains(name)) {
        unknown.insert(std::move(name));
      }
    }
  }
  std::vector<std::string> names(unknown.begin(), unknown.end());
  // Two that number names at once must not wait for one another crosswise.
  std::sort(names.begin(), names.end());
  co_await number_names(transaction, std::move(names), numbers);

  RowWriter rows(transaction, "StoreEvidenceFindings", 4);
  for (const auto& item : group) {
    std::map<std::int64_t, FindingSeverity> gravest;
    for (const auto* finding : item.kept.findings) {
      auto& severity = gravest[numbers.at(storable_text(finding->id))];
      severity = std::max(severity, finding->severity);
    }
    std::vector<std::int64_t> vulnerabilities;
    std::vector<int> severities;
    for (const auto& [number, severity] : gravest) {
      vulnerabilities.push_back(number);
      severities.push_back(static_cast<int>(severity));
    }
    rows.add(item.evidence_id, vulnerabilities, severities, item.kept.omitted);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
  co_await write_aliases(transaction, group, numbers);
}

}  // namespace

asio::awaitable<void> write_findings(PgTransaction& transaction,
                                     const std::vector<NewEvidence>& fresh) {
  Numbers numbers;
  std::vector<GroupItem> group;
  std::size_t grouped = 0;
  for (const auto& item : fresh) {
    const auto& report = item.row->evidence.report;
    if (!has_findings_to_record(report)) {
      continue;
    }
    GroupItem next;
    next.evidence_id = item.id;
    next.kept = kept_findings(report);
    grouped += next.kept.findings.size();
    group.push_back(std::move(next));
    if (grouped >= findings_per_group || group.size() >= batch_rows_max) {
      co_await write_group(transaction, group, numbers);
      group.clear();
      grouped = 0;
    }
  }
  if (!group.empty()) {
    co_await write_group(transaction, group, numbers);
  }
}

}  // namespace scanclock::ledger_parts
