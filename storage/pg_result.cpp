#include "storage/pg_result.hpp"

#include "storage/pg_parameters.hpp"

#include <libpq-fe.h>

#include <charconv>
#include <stdexcept>

namespace scanclock {
namespace {

[[noreturn]] void refuse(std::string_view column, std::string_view wanted) {
  throw std::logic_error("result column " + std::string(column) + " holds no " +
                         std::string(wanted));
}

int nibble(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  throw std::invalid_argument("not a hex bytea");
}

template <class Number>
Number number(std::string_view text, std::string_view column, std::string_view wanted) {
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) {
    refuse(column, wanted);
  }
  return value;
}

}  // namespace

std::optional<TimePoint> parse_timestamptz(std::string_view text) {
  constexpr std::size_t date_length = 10;
  const auto sign = text.find_last_of("+-");
  if (sign == std::string_view::npos || sign <= date_length) {
    return std::nullopt;
  }
  std::string completed(text);
  // PostgreSQL leaves the minutes of an offset out when they are zero.
  if (text.size() - sign == 3) {
    completed += ":00";
  }
  return parse_rfc3339(completed);
}

std::string parse_bytea(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) {
    throw std::invalid_argument("not a hex bytea");
  }
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t at = 2; at < text.size(); at += 2) {
    bytes.push_back(static_cast<char>(nibble(text[at]) * 16 + nibble(text[at + 1])));
  }
  return bytes;
}

struct PgResult::Rows {
  explicit Rows(pg_result* taken) : result(taken, PQclear) {
    const int fields = PQnfields(taken);
    columns.reserve(static_cast<std::size_t>(fields));
    for (int field = 0; field < fields; ++field) {
      columns.emplace_back(PQfname(taken, field));
    }
  }

  int column(std::string_view name) const {
    for (std::size_t index = 0; index < columns.size(); ++index) {
      if (columns[index] == name) {
        return static_cast<int>(index);
      }
    }
    throw std::logic_error("a result has no column " + std::string(name));
  }

  std::unique_ptr<pg_result, void (*)(pg_result*)> result;
  std::vector<std::string> columns;
};

PgResult::PgResult(pg_result* result)
    : rows_(std::make_shared<const Rows>(result)),
      size_(static_cast<std::size_t>(PQntuples(result))) {}

PgRow PgResult::operator[](std::size_t index) const {
  if (index >= size_) {
    throw std::out_of_range("there is no such result row");
  }
  return PgRow(*this, static_cast<int>(index));
}

PgRow PgResult::one() const {
  if (size_ != 1) {
    throw std::logic_error("a statement gave " + std::to_string(size_) + " rows instead of one");
  }
  return PgRow(*this, 0);
}

std::size_t PgResult::affected() const {
  const std::string_view count = PQcmdTuples(rows_->result.get());
  return count.empty() ? 0 : number<std::size_t>(count, "(affected)", "count");
}

std::string_view PgResult::command() const { return PQcmdStatus(rows_->result.get()); }

PgResult::Iterator PgResult::begin() const { return Iterator(*this, 0); }
PgResult::Iterator PgResult::end() const { return Iterator(*this, size_); }

bool PgRow::is_null(std::string_view column) const {
  return PQgetisnull(rows_->result.get(), row_, rows_->column(column)) != 0;
}

std::string_view PgRow::text_view(std::string_view column) const {
  const int field = rows_->column(column);
  const auto* rows = rows_->result.get();
  if (PQgetisnull(rows, row_, field) != 0) {
    refuse(column, "value, but NULL");
  }
  return std::string_view(PQgetvalue(rows, row_, field),
                          static_cast<std::size_t>(PQgetlength(rows, row_, field)));
}

std::string PgRow::text(std::string_view column) const { return std::string(text_view(column)); }

std::int64_t PgRow::int64(std::string_view column) const {
  return number<std::int64_t>(text_view(column), column, "integer");
}

double PgRow::real(std::string_view column) const {
  return number<double>(text_view(column), column, "number");
}

bool PgRow::boolean(std::string_view column) const {
  const auto value = text_view(column);
  if (value != "t" && value != "f") {
    refuse(column, "boolean");
  }
  return value == "t";
}

TimePoint PgRow::time(std::string_view column) const {
  const auto value = parse_timestamptz(text_view(column));
  if (!value) {
    refuse(column, "time");
  }
  return *value;
}

std::string PgRow::bytes(std::string_view column) const { return parse_bytea(text_view(column)); }

std::vector<std::string> PgRow::text_array(std::string_view column) const {
  std::vector<std::string> texts;
  for (auto& element : pg_text::parse_array(text_view(column))) {
    if (!element) {
      refuse(column, "array without NULL");
    }
    texts.push_back(std::move(*element));
  }
  return texts;
}

std::optional<std::string> PgRow::optional_text(std::string_view column) const {
  return is_null(column) ? std::nullopt : std::optional(text(column));
}

std::optional<std::int64_t> PgRow::optional_int64(std::string_view column) const {
  return is_null(column) ? std::nullopt : std::optional(int64(column));
}

std::optional<bool> PgRow::optional_boolean(std::string_view column) const {
  return is_null(column) ? std::nullopt : std::optional(boolean(column));
}

std::optional<TimePoint> PgRow::optional_time(std::string_view column) const {
  return is_null(column) ? std::nullopt : std::optional(time(column));
}

std::optional<std::string> PgRow::optional_bytes(std::string_view column) const {
  return is_null(column) ? std::nullopt : std::optional(bytes(column));
}

}  // namespace scanclock
