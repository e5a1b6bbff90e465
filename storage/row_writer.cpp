#include "storage/row_writer.hpp"

#include <algorithm>

namespace scanclock {
namespace array_element {
namespace {

void append_quoted(std::string& literal, std::string_view text) {
  literal.push_back('"');
  std::size_t copied = 0;
  // Piece by piece: a body has kilobytes between few quotes.
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"' || text[at] == '\\') {
      literal.append(text, copied, at - copied);
      literal.push_back('\\');
      copied = at;
    }
  }
  literal.append(text, copied);
  literal.push_back('"');
}

}  // namespace

void append(std::string& literal, std::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return c > 0; })) {
    append_quoted(literal, text);
  } else {
    append_quoted(literal, storable_text(text));
  }
}

void append(std::string& literal, const std::string& text) {
  append(literal, std::string_view(text));
}

void append(std::string& literal, const Digest& digest) { append_quoted(literal, digest.str()); }

void append(std::string& literal, const ContainerId& id) { append(literal, id.str()); }

void append(std::string& literal, TimePoint time) {
  append_quoted(literal, pg_text::of(storable_time(time)));
}

void append(std::string& literal, bool value) { literal += value ? "t" : "f"; }

void append(std::string& literal, BytesCell cell) {
  append_quoted(literal, pg_text::of_bytes(cell.bytes));
}

}  // namespace array_element

RowWriter::RowWriter(PgTransaction& transaction, std::string_view statement, std::size_t columns)
    : transaction_(transaction), statement_(query(statement)), arrays_(columns) {}

asio::awaitable<std::optional<PgResult>> RowWriter::flush() {
  if (rows_ == 0) {
    co_return std::nullopt;
  }
  PgParameters parameters;
  for (auto& array : arrays_) {
    array.push_back('}');
    parameters.add(std::move(array));
    array.clear();
  }
  rows_ = 0;
  bytes_ = 0;
  co_return co_await transaction_.execute(statement_, std::move(parameters));
}

}  // namespace scanclock
