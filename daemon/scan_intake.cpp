#include "daemon/scan_intake.hpp"

#include "core/domain/trust.hpp"
#include "core/runtime/hashing.hpp"
#include "core/runtime/log.hpp"
#include "daemon/evidence_view.hpp"
#include "daemon/signature_check.hpp"

#include <utility>

namespace scanclock {
namespace {

HandedOutcome refused_report(Rejection reason, std::string detail) {
  HandedOutcome outcome;
  outcome.reason = reason;
  outcome.detail = std::move(detail);
  return outcome;
}

/// True when the stated time is the one that counts.
bool apply_stated_time(const std::optional<TimePoint>& stated, ScanReport& report) {
  if (!stated) {
    return false;
  }
  if (report.defect == Rejection::no_time) {
    report.defect.reset();
    report.defect_detail.clear();
  }
  if (report.finished_at && *report.finished_at <= *stated) {
    return false;
  }
  report.finished_at = stated;
  report.finished_at_field = "finished_at parameter";
  return true;
}

/// What was stated is a part of the evidence: a scanner that prints no time prints the same bytes
/// every night, and each night is a scan of its own.
std::string with_statement(TimePoint finished_at, const std::string& report) {
  return std::string(statement_header) + format_rfc3339(finished_at) + "\n\n" + report;
}

/// The bytes as they are kept, and their digest.
struct KeptBytes {
  KeptBytes() = default;
  std::string bytes;
  Digest digest;
};

KeptBytes kept_bytes(const HandedReport& handed, bool is_time_stated) {
  KeptBytes kept;
  kept.bytes = is_time_stated ? with_statement(*handed.finished_at, *handed.bytes) : *handed.bytes;
  kept.digest = sha256(kept.bytes);
  return kept;
}

/// Hashing a large report takes longer than the I/O thread may.
asio::awaitable<KeptBytes> kept_bytes_on(BlockingPool& pool, HandedReport handed,
                                         bool is_time_stated) {
  if (handed.bytes->size() <= parse_inline_bytes_max) {
    co_return kept_bytes(handed, is_time_stated);
  }
  auto work = [handed, is_time_stated] { return kept_bytes(handed, is_time_stated); };
  co_return co_await pool.run(std::move(work));
}

/// Not kept: whoever hands them in is told, and the same bytes may count later.
bool is_worth_keeping(const ScanReport& report) {
  return report.defect != Rejection::malformed && report.defect != Rejection::unknown_format &&
         report.defect != Rejection::too_large && report.defect != Rejection::no_time;
}

Evidence handed_evidence(const HandedReport& handed, const KeptBytes& kept, ScanReport report,
                         TimePoint now) {
  Evidence evidence;
  evidence.digest = kept.digest;
  evidence.source = handed.source;
  evidence.origin = handed.origin;
  evidence.trust = trust_of_origin(handed.origin);
  evidence.attached_to = handed.image;
  evidence.repository = handed.repository;
  evidence.collected_at = now;
  evidence.size_bytes = kept.bytes.size();
  evidence.report = std::move(report);
  return evidence;
}

}  // namespace

ScanIntake::ScanIntake(Engine& engine, Clock& clock, BlockingPool& pool, Telemetry& telemetry)
    : engine_(engine), clock_(clock), pool_(pool), telemetry_(telemetry) {}

asio::awaitable<HandedOutcome> ScanIntake::hand_in(HandedReport handed) {
  ReadEvidence read = co_await read_evidence_on(pool_, handed.bytes);
  ScanReport& report = read.report;
  const bool is_time_stated = apply_stated_time(handed.finished_at, report);
  if (!is_worth_keeping(report)) {
    co_return refused_report(*report.defect, report.defect_detail);
  }
  KeptBytes kept = co_await kept_bytes_on(pool_, handed, is_time_stated);
  const TimePoint now = clock_.now();
  UncheckedEvidence unchecked;
  unchecked.evidence = handed_evidence(handed, kept, std::move(report), now);
  // Nobody signed a time that is stated beside the report.
  if (read.envelope && !is_time_stated) {
    unchecked.envelope = std::make_shared<const Envelope>(std::move(*read.envelope));
  }
  Evidence evidence =
      co_await check_signatures_on(pool_, engine_.inventory(), std::move(unchecked));
  const EvidenceKey key = key_of(evidence);
  if (engine_.inventory().add_evidence(std::move(evidence), std::move(kept.bytes), now)) {
    telemetry_.evidence_collected(*engine_.inventory().evidence(key));
    log::info("evidence", "{} handed in a report {} ({} bytes)", handed.source,
              key.digest.short_form(), handed.bytes->size());
  }
  engine_.wake();
  const bool stored = co_await engine_.stored(report_store_wait_max);
  const EvidenceRecord& record = *engine_.inventory().evidence(key);
  HandedOutcome outcome;
  outcome.evidence = key;
  if (!stored) {
    outcome.kind = HandedOutcome::Kind::not_stored;
  } else if (is_accepted(record)) {
    outcome.kind = HandedOutcome::Kind::accepted;
  } else if (!record.decisions.empty()) {
    const Decision& decision = record.decisions.begin()->second;
    outcome.reason = decision.reason;
    outcome.detail = decision.detail;
  }
  co_return outcome;
}

}  // namespace scanclock
