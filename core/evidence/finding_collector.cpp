#include "core/evidence/finding_collector.hpp"

#include "core/evidence/json_reading.hpp"

#include <algorithm>
#include <vector>

namespace scanclock::evidence {
namespace {

constexpr std::string_view cve_prefix = "CVE-";

/// Fit to be stored, and CVE ids in the capitals that catalogues use.
std::string vulnerability_id(std::string_view text) {
  std::string id = shown_text(text);
  const auto capital = [](char character) {
    return character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A')
                                                : character;
  };
  if (id.size() > cve_prefix.size() &&
      std::equal(cve_prefix.begin(), cve_prefix.end(), id.begin(),
                 [&](char wanted, char found) { return wanted == capital(found); })) {
    std::transform(id.begin(), id.end(), id.begin(), capital);
  }
  return id;
}

bool is_cve(const std::string& id) { return id.starts_with(cve_prefix); }

}  // namespace

void FindingCollector::add(std::string_view id, std::span<const std::string> aliases,
                           Severity severity) {
  if (aliases.empty()) {
    add(id, severity);
    return;
  }
  ++entries_;
  count(counts_, severity);
  std::vector<std::string> cves;
  std::vector<std::string> others;
  const auto take = [&](std::string_view text) {
    std::string taken = vulnerability_id(text);
    auto& list = is_cve(taken) ? cves : others;
    if (!taken.empty() && std::find(list.begin(), list.end(), taken) == list.end() &&
        list.size() <= finding_aliases_max) {
      list.push_back(std::move(taken));
    }
  };
  take(id);
  for (const std::string& alias : aliases) {
    take(alias);
  }
  if (!cves.empty()) {
    for (const std::string& cve : cves) {
      merge(cve, others, severity);
    }
  } else if (!others.empty()) {
    merge(std::move(others.front()), std::span(others).subspan(1), severity);
  }
}

void FindingCollector::add(std::string_view id, Severity severity) {
  ++entries_;
  count(counts_, severity);
  if (!id.empty()) {
    merge(vulnerability_id(id), {}, severity);
  }
}

void FindingCollector::add(FindingCollector more) {
  entries_ += more.entries_;
  too_many_ = too_many_ || more.too_many_;
  evidence::add(counts_, more.counts_);
  for (const auto& [id, vulnerability] : more.by_id_) {
    const std::vector<std::string> aliases(vulnerability.aliases.begin(),
                                           vulnerability.aliases.end());
    merge(id, aliases, vulnerability.severity);
  }
}

void FindingCollector::merge(std::string id, std::span<const std::string> others,
                             Severity severity) {
  auto found = by_id_.find(id);
  if (found == by_id_.end()) {
    if (by_id_.size() == findings_max) {
      too_many_ = true;
      return;
    }
    found = by_id_.try_emplace(std::move(id)).first;
  }
  Vulnerability& vulnerability = found->second;
  vulnerability.severity = std::max(vulnerability.severity, severity);
  for (const std::string& other : others) {
    if (vulnerability.aliases.size() < finding_aliases_max) {
      vulnerability.aliases.insert(other);
    }
  }
}

void FindingCollector::finish(ScanReport& report) {
  evidence::add(report.counts, counts_);
  report.findings.clear();
  report.findings.reserve(by_id_.size());
  while (!by_id_.empty()) {
    auto entry = by_id_.extract(by_id_.begin());
    Finding finding;
    finding.id = std::move(entry.key());
    finding.severity = entry.mapped().severity;
    finding.aliases.assign(entry.mapped().aliases.begin(), entry.mapped().aliases.end());
    report.findings.push_back(std::move(finding));
  }
  std::sort(report.findings.begin(), report.findings.end(),
            [](const Finding& left, const Finding& right) { return left.id < right.id; });
  if (too_many_) {
    note_defect(report, Rejection::too_large,
                "names more than " + std::to_string(findings_max) + " vulnerabilities");
  }
}

}  // namespace scanclock::evidence
