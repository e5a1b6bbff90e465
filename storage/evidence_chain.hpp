#pragma once

#include "core/domain/digest.hpp"
#include "core/domain/evidence.hpp"
#include "core/domain/result.hpp"
#include "storage/pg_pool.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

namespace scanclock {

/// The first day of the month of a time in UTC, `2026-11-01`: names the chain and the partition.
std::string evidence_month(TimePoint collected_at);

/// What the first row of a month's chain follows on: the sha256 of a text with the month in it.
Digest chain_genesis(const std::string& month);

/// The forms of a row's canonical text, each with a prefix of its own. The first knows no
/// signatures: it is that of the rows whose signature columns are NULL.
enum class RowForm { first = 1, with_signature = 2 };

/// The canonical text of a row: every column but the hash itself, each with the length of its
/// value, so that no two rows share a text.
std::string canonical_row_text(const std::string& month, std::int64_t position,
                               const Evidence& evidence, RowForm form = RowForm::with_signature);

/// sha256(the previous row's hash as printed || canonical row text).
Digest chain_hash(const Digest& previous, const std::string& month, std::int64_t position,
                  const Evidence& evidence, RowForm form = RowForm::with_signature);

struct ChainReport {
  ChainReport() = default;
  std::int64_t months = 0;
  std::int64_t rows = 0;
};

/// The first place where the record does not agree with itself.
struct ChainBreak {
  ChainBreak() = default;
  std::string month;
  /// Within the month, from 1.
  std::int64_t position = 0;
  /// Of the evidence whose row it is; empty when there is no such row.
  std::string evidence;
  /// The row's hash as it follows from the row and those before it, and as it stands there; both
  /// empty when it is not a hash that is wrong.
  std::string expected_hash;
  std::string found_hash;
  /// For people: what is wrong with the row.
  std::string what;
};

/// Recomputes the chain of every month from the rows, and compares their ends with those recorded.
/// Finds rows that were changed, removed, put in, reordered or cut off. Reads everything in one
/// snapshot, in pieces. Throws PgError.
asio::awaitable<Result<ChainReport, ChainBreak>> verify_evidence_chain(PgPool& pool);

}  // namespace scanclock
