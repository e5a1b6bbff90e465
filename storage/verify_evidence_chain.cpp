#include "storage/evidence_chain.hpp"
#include "storage/pg_transaction.hpp"
#include "storage/row_reading.hpp"

#include <map>
#include <set>

namespace scanclock {
namespace {

constexpr std::int64_t rows_per_read_max = 500;

struct RecordedEnd {
  RecordedEnd() = default;
  std::int64_t length = 0;
  std::string head;
  /// How many rows there are, whatever positions they claim.
  std::int64_t rows = 0;
};

/// Walks along the rows of a month.
class ChainWalk {
 public:
  explicit ChainWalk(std::string month) : month_(std::move(month)), head_(chain_genesis(month_)) {}

  const std::string& month() const { return month_; }
  std::int64_t length() const { return length_; }

  /// Returns what is wrong with the row, if anything is.
  std::optional<ChainBreak> step(const PgRow& row) {
    const auto position = row.int64("chain_position");
    if (position > length_ + 1) {
      return broken(length_ + 1, "the row is missing");
    }
    if (position <= length_) {
      return broken(position, row.text("digest"), "the position is used twice");
    }
    Evidence evidence;
    try {
      evidence = read_evidence(row);
    } catch (const std::logic_error& error) {
      return broken(position, row.text("digest"), error.what());
    }
    const auto form = row.is_null("signature_state") ? RowForm::first : RowForm::with_signature;
    head_ = chain_hash(head_, month_, position, evidence, form);
    if (head_.str() != row.text_view("row_hash")) {
      auto found = broken(position, evidence.digest.str(), "the row does not agree with its hash");
      found.expected_hash = head_.str();
      found.found_hash = row.text("row_hash");
      return found;
    }
    if (evidence_month(evidence.collected_at) != month_) {
      return broken(position, evidence.digest.str(), "the row is in the chain of another month");
    }
    ++length_;
    return std::nullopt;
  }

  std::optional<ChainBreak> finish(const RecordedEnd& end) const {
    if (end.length > length_) {
      return broken(length_ + 1, "the chain ends before its recorded length of " +
                                     std::to_string(end.length) + " rows");
    }
    if (end.length < length_ || end.head != head_.str()) {
      auto found = broken(length_, "the chain does not end as recorded");
      found.expected_hash = head_.str();
      found.found_hash = end.head;
      return found;
    }
    if (end.rows != length_) {
      return broken(length_, "the month has " + std::to_string(end.rows) + " rows");
    }
    return std::nullopt;
  }

 private:
  ChainBreak broken(std::int64_t position, std::string what) const {
    ChainBreak found;
    found.month = month_;
    found.position = position;
    found.what = std::move(what);
    return found;
  }

  ChainBreak broken(std::int64_t position, std::string evidence, std::string what) const {
    auto found = broken(position, std::move(what));
    found.evidence = std::move(evidence);
    return found;
  }

  std::string month_;
  Digest head_;
  std::int64_t length_ = 0;
};

asio::awaitable<std::optional<ChainBreak>> walk_month(PgTransaction& transaction, ChainWalk& walk) {
  for (;;) {
    PgParameters parameters;
    parameters.add(walk.month()).add(walk.length()).add(rows_per_read_max);
    const auto rows =
        co_await transaction.execute(query("ReadEvidenceChain"), std::move(parameters));
    for (const auto row : rows) {
      if (auto found = walk.step(row)) {
        co_return found;
      }
    }
    if (rows.empty()) {
      co_return std::nullopt;
    }
  }
}

}  // namespace

asio::awaitable<Result<ChainReport, ChainBreak>> verify_evidence_chain(PgPool& pool) {
  auto transaction = co_await PgTransaction::begin_snapshot(pool);
  std::map<std::string, RecordedEnd> ends;
  const auto chains = co_await transaction.execute(query("ListEvidenceChains"));
  for (const auto row : chains) {
    auto& end = ends[row.text("month")];
    end.length = row.int64("length");
    end.head = row.text("head");
  }
  // A month whose record of its end was taken away must not go unread.
  const auto months = co_await transaction.execute(query("ListEvidenceMonths"));
  for (const auto row : months) {
    ends[row.text("month")].rows = row.int64("rows");
  }
  ChainReport report;
  for (const auto& [month, end] : ends) {
    ChainWalk walk(month);
    auto found = co_await walk_month(transaction, walk);
    if (!found) {
      found = walk.finish(end);
    }
    if (found) {
      co_await transaction.rollback();
      co_return *found;
    }
    ++report.months;
    report.rows += walk.length();
  }
  co_await transaction.rollback();
  co_return report;
}

}  // namespace scanclock
