#include "storage/evidence_chain.hpp"

#include "core/runtime/hashing.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <string_view>

namespace scanclock {
namespace {

/// Appends `name:length:value;`.
void append_field(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).push_back(':');
  text.append(std::to_string(value.size())).push_back(':');
  text.append(value).push_back(';');
}

void append_field(std::string& text, std::string_view name, std::int64_t value) {
  append_field(text, name, std::string_view(std::to_string(value)));
}

/// Microseconds since the Unix epoch; `-` for none.
void append_field(std::string& text, std::string_view name, const std::optional<TimePoint>& time) {
  if (time) {
    append_field(text, name, std::int64_t{time->time_since_epoch().count()});
  } else {
    append_field(text, name, std::string_view("-"));
  }
}

void append_report(std::string& text, const ScanReport& report) {
  append_field(text, "format", report.format);
  append_field(text, "scanner", report.scanner);
  append_field(text, "scanner_version", report.scanner_version);
  append_field(text, "finished_at", report.finished_at);
  append_field(text, "finished_at_field", report.finished_at_field);
  append_field(text, "database_built_at", report.database_built_at);
  append_field(text, "subjects", static_cast<std::int64_t>(report.subjects.size()));
  for (const auto& subject : report.subjects) {
    append_field(text, "subject", subject.str());
  }
  append_field(text, "subject_config", report.subject_config.str());
  append_field(text, "inner_subjects", static_cast<std::int64_t>(report.inner_subjects.size()));
  for (const auto& subject : report.inner_subjects) {
    append_field(text, "inner_subject", subject.str());
  }
  append_field(text, "platform", std::int64_t{report.platform ? 1 : 0});
  if (report.platform) {
    append_field(text, "os", report.platform->os);
    append_field(text, "architecture", report.platform->architecture);
    append_field(text, "variant", report.platform->variant);
    append_field(text, "os_version", report.platform->os_version);
  }
  append_field(text, "names", static_cast<std::int64_t>(report.names.size()));
  for (const auto& name : report.names) {
    append_field(text, "name", name);
  }
  append_field(text, "critical", std::int64_t{report.counts.critical});
  append_field(text, "high", std::int64_t{report.counts.high});
  append_field(text, "medium", std::int64_t{report.counts.medium});
  append_field(text, "low", std::int64_t{report.counts.low});
  append_field(text, "unknown", std::int64_t{report.counts.unknown});
  append_field(text, "defect", report.defect ? to_string(*report.defect) : std::string_view("-"));
  append_field(text, "defect_detail", report.defect_detail);
}

}  // namespace

std::string evidence_month(TimePoint collected_at) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(collected_at));
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-01", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()));
  return text.data();
}

Digest chain_genesis(const std::string& month) {
  return sha256("scanclock evidence chain 1 " + month);
}

std::string canonical_row_text(const std::string& month, std::int64_t position,
                               const Evidence& evidence, RowForm form) {
  std::string text = "scanclock evidence row " + std::to_string(static_cast<int>(form)) + ";";
  text.reserve(1024);
  append_field(text, "month", month);
  append_field(text, "position", position);
  append_field(text, "digest", evidence.digest.str());
  append_field(text, "attached_to", evidence.attached_to.str());
  append_field(text, "trust", to_string(evidence.trust));
  append_field(text, "source", evidence.source);
  append_field(text, "origin", to_string(evidence.origin));
  append_field(text, "repository", evidence.repository);
  append_field(text, "collected_at", std::optional<TimePoint>(evidence.collected_at));
  append_field(text, "size_bytes", static_cast<std::int64_t>(evidence.size_bytes));
  if (form == RowForm::with_signature) {
    append_field(text, "signature_state", to_string(evidence.signature));
    append_field(text, "signature_detail", evidence.signature_detail);
  }
  append_report(text, evidence.report);
  return text;
}

Digest chain_hash(const Digest& previous, const std::string& month, std::int64_t position,
                  const Evidence& evidence, RowForm form) {
  return sha256(previous.str() + canonical_row_text(month, position, evidence, form));
}

}  // namespace scanclock
