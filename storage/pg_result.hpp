#pragma once

#include "core/domain/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct pg_result;

namespace scanclock {

/// Reads `2026-11-01 12:00:00.5+00`, PostgreSQL's ISO form of a timestamptz in any session time
/// zone. Returns nothing for infinities, years before 1 and anything else.
std::optional<TimePoint> parse_timestamptz(std::string_view text);

/// Reads `\x…`. Throws std::invalid_argument for anything else.
std::string parse_bytea(std::string_view text);

class PgRow;

/// The rows of one statement. Copies share them. Any thread, one at a time.
class PgResult {
 public:
  /// Takes over a libpq result.
  explicit PgResult(pg_result* result);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Throws std::out_of_range beyond size().
  PgRow operator[](std::size_t index) const;

  /// The only row. Throws std::logic_error when there is none or there are more.
  PgRow one() const;

  /// How many rows a command changed; 0 for others.
  std::size_t affected() const;

  /// The command tag, such as `COMMIT` or `INSERT 0 1`.
  std::string_view command() const;

  class Iterator;
  Iterator begin() const;
  Iterator end() const;

 private:
  friend class PgRow;
  struct Rows;

  std::shared_ptr<const Rows> rows_;
  std::size_t size_;
};

/// One row; keeps its result's memory. Every getter throws std::logic_error for an unknown
/// column, a value of another form, and (but for the optional ones) NULL: those are mistakes in a
/// query, not outcomes.
class PgRow {
 public:
  PgRow(const PgResult& result, int row) : rows_(result.rows_), row_(row) {}

  bool is_null(std::string_view column) const;

  /// Valid as long as the row or its result.
  std::string_view text_view(std::string_view column) const;
  std::string text(std::string_view column) const;
  std::int64_t int64(std::string_view column) const;
  double real(std::string_view column) const;
  bool boolean(std::string_view column) const;
  TimePoint time(std::string_view column) const;
  std::string bytes(std::string_view column) const;
  /// text[] without NULL elements.
  std::vector<std::string> text_array(std::string_view column) const;

  std::optional<std::string> optional_text(std::string_view column) const;
  std::optional<std::int64_t> optional_int64(std::string_view column) const;
  std::optional<bool> optional_boolean(std::string_view column) const;
  std::optional<TimePoint> optional_time(std::string_view column) const;
  std::optional<std::string> optional_bytes(std::string_view column) const;

 private:
  std::shared_ptr<const PgResult::Rows> rows_;
  int row_;
};

class PgResult::Iterator {
 public:
  Iterator(const PgResult& result, std::size_t index) : result_(&result), index_(index) {}
  PgRow operator*() const { return PgRow(*result_, static_cast<int>(index_)); }
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  bool operator==(const Iterator& other) const { return index_ == other.index_; }

 private:
  const PgResult* result_;
  std::size_t index_;
};

}  // namespace scanclock
