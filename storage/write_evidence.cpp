#include "core/runtime/compression.hpp"
#include "core/runtime/log.hpp"
#include "storage/evidence_chain.hpp"
#include "storage/ledger_parts.hpp"
#include "storage/pg_ledger.hpp"
#include "storage/row_writer.hpp"
#include "storage/storable.hpp"

#include <map>
#include <memory>

namespace scanclock::ledger_parts {
namespace {

/// Compressed bytes of more than this travel alone, as a binary parameter.
constexpr std::size_t batched_bytes_max = 256 * 1024;

std::string key_of_row(const Digest& digest, const Digest& attached_to, std::string_view trust) {
  return key_text(digest.str(), attached_to.str(), trust);
}

/// In the order in which it was given, so that a chain tells the order of collection.
asio::awaitable<std::vector<NewEvidence>> claim_keys(PgTransaction& transaction,
                                                     const std::vector<EvidenceRow>& given) {
  std::map<std::string, std::int64_t> ids;
  const auto note = [&ids](const std::optional<PgResult>& claimed) {
    if (claimed) {
      for (const auto row : *claimed) {
        ids.emplace(
            key_text(row.text_view("digest"), row.text_view("attached_to"), row.text_view("trust")),
            row.int64("id"));
      }
    }
  };
  RowWriter rows(transaction, "ClaimEvidenceKeys", 4);
  for (const auto& [evidence, bytes] : given) {
    rows.add(evidence.digest, evidence.attached_to, to_string(evidence.trust),
             evidence.collected_at);
    if (rows.full()) {
      note(co_await rows.flush());
    }
  }
  note(co_await rows.flush());

  std::vector<NewEvidence> fresh;
  for (const auto& row : given) {
    const auto& evidence = row.evidence;
    auto id =
        ids.extract(key_of_row(evidence.digest, evidence.attached_to, to_string(evidence.trust)));
    if (!id.empty()) {
      fresh.emplace_back(row, id.mapped());
    }
  }
  co_return fresh;
}

void add_row(RowWriter& rows, std::int64_t id, const std::string& month, std::int64_t position,
             const Digest& hash, const Evidence& evidence) {
  const auto& report = evidence.report;
  std::optional<std::vector<std::string>> platform;
  if (report.platform) {
    const auto& named = *report.platform;
    platform.emplace({named.os, named.architecture, named.variant, named.os_version});
  }
  std::optional<std::string_view> defect;
  if (report.defect) {
    defect = to_string(*report.defect);
  }
  rows.add(id, month, position, hash, evidence.digest, evidence.attached_to,
           to_string(evidence.trust), evidence.source, to_string(evidence.origin),
           evidence.repository, evidence.collected_at, evidence.size_bytes, report.format,
           report.scanner, report.scanner_version, report.finished_at, report.finished_at_field,
           report.database_built_at, report.subjects, report.subject_config, report.inner_subjects,
           platform, report.names, report.counts.critical, report.counts.high, report.counts.medium,
           report.counts.low, report.counts.unknown, defect, report.defect_detail,
           to_string(evidence.signature), evidence.signature_detail);
}

/// Appends the rows of one month to its chain. The lock on the chain's end keeps others from
/// appending until the transaction is over.
asio::awaitable<void> append_month(PgTransaction& transaction, std::string month,
                                   const std::vector<NewEvidence>& fresh) {
  PgParameters partition;
  partition.add(month);
  co_await transaction.execute(query("PrepareEvidenceMonth"), std::move(partition));
  PgParameters opening;
  opening.add(month).add(chain_genesis(month).str());
  co_await transaction.execute(query("OpenEvidenceChain"), std::move(opening));
  PgParameters wanted;
  wanted.add(month);
  const auto end = co_await transaction.execute(query("LockEvidenceChain"), std::move(wanted));
  auto position = end.one().int64("length");
  auto head = Digest::from_trusted(end.one().text_view("head"));

  RowWriter rows(transaction, "StoreEvidence", 32);
  for (const auto& item : fresh) {
    const auto evidence = storable_evidence(item.row->evidence);
    head = chain_hash(head, month, ++position, evidence);
    add_row(rows, item.id, month, position, head, evidence);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
  PgParameters advance;
  advance.add(month).add(position).add(head.str());
  co_await transaction.execute(query("AdvanceEvidenceChain"), std::move(advance));
}

asio::awaitable<std::string> compress(BlockingPool& blocking, const std::string& bytes) {
  if (bytes.size() <= inline_compression_bytes_max) {
    co_return zstd_compress(bytes);
  }
  // A copy, because the work may outlive a cancelled caller.
  auto work = [copy = bytes] { return zstd_compress(copy); };
  co_return co_await blocking.run(std::move(work));
}

asio::awaitable<void> write_bytes(PgTransaction& transaction, const std::vector<NewEvidence>& fresh,
                                  BlockingPool& blocking) {
  RowWriter rows(transaction, "StoreEvidenceBytes", 4);
  for (const auto& item : fresh) {
    const auto& bytes = item.row->bytes;
    const auto& evidence = item.row->evidence;
    if (bytes.empty()) {
      continue;
    }
    auto compressed = co_await compress(blocking, bytes);
    if (compressed.size() > batched_bytes_max) {
      PgParameters parameters;
      parameters.add(evidence.digest.str()).add(bytes.size());
      parameters.add_bytes(std::move(compressed)).add(storable_time(evidence.collected_at));
      co_await transaction.execute(query("StoreLargeEvidenceBytes"), std::move(parameters));
      continue;
    }
    rows.add(evidence.digest, bytes.size(), BytesCell(compressed), evidence.collected_at);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

}  // namespace

asio::awaitable<void> write_evidence(PgTransaction& transaction, const ChangeSet& changes,
                                     BlockingPool& blocking) {
  if (changes.evidence.empty()) {
    co_return;
  }
  const auto fresh = co_await claim_keys(transaction, changes.evidence);
  std::map<std::string, std::vector<NewEvidence>> months;
  for (const auto& item : fresh) {
    months[evidence_month(storable_time(item.row->evidence.collected_at))].push_back(item);
  }
  for (const auto& [month, rows] : months) {
    co_await append_month(transaction, month, rows);
  }
  co_await write_bytes(transaction, fresh, blocking);
  co_await write_findings(transaction, fresh);
}

asio::awaitable<void> write_decisions(PgTransaction& transaction, const ChangeSet& changes) {
  std::int64_t unknown = 0;
  std::int64_t sent = 0;
  const auto note = [&unknown, &sent](const std::optional<PgResult>& stored) {
    if (stored) {
      unknown += sent - stored->one().int64("known");
      sent = 0;
    }
  };
  RowWriter rows(transaction, "StoreDecisions", 9);
  for (const auto& [evidence, policy, version, decision, decided_at] : changes.decisions) {
    std::optional<std::string_view> reason;
    if (decision.reason) {
      reason = to_string(*decision.reason);
    }
    rows.add(evidence.digest, evidence.attached_to, to_string(evidence.trust), policy, version,
             decision.accepted, reason, decision.detail, decided_at);
    ++sent;
    if (rows.full()) {
      note(co_await rows.flush());
    }
  }
  note(co_await rows.flush());
  if (unknown > 0) {
    // Refusing the whole set would hold up every alert in it.
    log::warning("storage", "{} decisions name evidence that is not in the database: not recorded",
                 unknown);
  }
}

}  // namespace scanclock::ledger_parts
