#pragma once

#include "core/domain/container_id.hpp"
#include "core/domain/digest.hpp"
#include "core/domain/optional_time.hpp"
#include "core/domain/time.hpp"
#include "storage/pg_parameters.hpp"
#include "storage/pg_transaction.hpp"
#include "storage/storable.hpp"

#include <boost/asio/awaitable.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scanclock {

/// A batch is sent when it reaches one of these, so that neither building nor sending one holds the
/// I/O thread for long.
inline constexpr std::size_t batch_rows_max = 1000;
inline constexpr std::size_t batch_bytes_max = 2 * 1024 * 1024;

/// Bytes for a bytea[] column.
struct BytesCell {
  explicit BytesCell(std::string_view cell_bytes) : bytes(cell_bytes) {}
  std::string_view bytes;
};

/// How one element of an array literal is written (PostgreSQL, section 8.15.2). Texts and times are
/// made storable (storage/storable.hpp).
namespace array_element {
void append(std::string& literal, std::string_view text);
void append(std::string& literal, const std::string& text);
void append(std::string& literal, const Digest& digest);
void append(std::string& literal, TimePoint time);
void append(std::string& literal, const ContainerId& id);
void append(std::string& literal, bool value);
void append(std::string& literal, BytesCell cell);

template <std::integral Integer>
requires(!std::same_as<Integer, bool>) void append(std::string& literal, Integer value) {
  literal += std::to_string(value);
}

/// A list is written as an array literal within the element; the statement casts it to text[].
template <class List>
requires(std::same_as<List, std::vector<typename List::value_type>> ||
         std::same_as<List, std::set<typename List::value_type>>) void append(std::string& literal,
                                                                              const List& list) {
  std::string inner = "{";
  for (const auto& item : list) {
    if (inner.size() > 1) {
      inner.push_back(',');
    }
    append(inner, item);
  }
  inner.push_back('}');
  append(literal, std::string_view(inner));
}

template <class Value>
void append(std::string& literal, const std::optional<Value>& value) {
  if (value) {
    append(literal, *value);
  } else {
    literal += "NULL";
  }
}

inline void append(std::string& literal, const OptionalTime& time) {
  append(literal, std::optional<TimePoint>(time));
}
}  // namespace array_element

/// Stores rows with a statement that unnests one array a column: one round trip a batch, never one
/// a row. `transaction` must outlive it.
class RowWriter {
 public:
  RowWriter(PgTransaction& transaction, std::string_view statement, std::size_t columns);

  /// One value a column, in the order of the statement's parameters.
  template <class... Values>
  void add(const Values&... values) {
    if (sizeof...(values) != arrays_.size()) {
      throw std::logic_error("statement " + statement_.name + " takes another number of columns");
    }
    std::size_t column = 0;
    (append(column++, values), ...);
    ++rows_;
  }

  bool full() const { return rows_ >= batch_rows_max || bytes_ >= batch_bytes_max; }

  /// Runs the statement for what was added since the last time, if anything was. Throws PgError.
  asio::awaitable<std::optional<PgResult>> flush();

 private:
  template <class Value>
  void append(std::size_t column, const Value& value) {
    auto& array = arrays_[column];
    const auto size_before = array.size();
    array.push_back(rows_ == 0 ? '{' : ',');
    array_element::append(array, value);
    bytes_ += array.size() - size_before;
  }

  PgTransaction& transaction_;
  const Query& statement_;
  std::vector<std::string> arrays_;
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
};

/// The last item of each key, in the order in which the keys first occur: an upsert may not meet
/// the same row twice. `key` makes a std::string of an item.
template <class Items, class Key>
std::vector<const typename Items::value_type*> newest_of_each(const Items& items, Key key) {
  std::vector<const typename Items::value_type*> newest;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& item : items) {
    const auto [place, is_new] = places.try_emplace(key(item), newest.size());
    if (is_new) {
      newest.push_back(&item);
    } else {
      newest[place->second] = &item;
    }
  }
  return newest;
}

/// Joins the parts of a key as they are stored, where different texts may have become the same.
/// Unambiguous, because storable texts hold no NUL.
template <class... Parts>
std::string key_text(const Parts&... parts) {
  std::string text;
  ((text += storable_text(parts), text.push_back('\0')), ...);
  return text;
}

}  // namespace scanclock
