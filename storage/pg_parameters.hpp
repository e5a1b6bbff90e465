#pragma once

#include "core/domain/time.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

/// How values are written for PostgreSQL as text (PostgreSQL, chapter 8).
namespace pg_text {
std::string of(std::string_view value);
std::string of(const char* value);
std::string of(const std::string& value);
std::string of(bool value);
std::string of(double value);
std::string of(TimePoint value);
template <std::integral Integer>
requires(!std::same_as<Integer, bool>) std::string of(Integer value) {
  return std::to_string(value);
}

/// `\x` and hex digits.
std::string of_bytes(std::string_view bytes);

/// One array literal, each element quoted, missing ones as NULL (PostgreSQL, section 8.15.2).
std::string array_of(const std::vector<std::optional<std::string>>& elements);

/// Reads a one-dimensional array literal. Throws std::invalid_argument for anything else.
std::vector<std::optional<std::string>> parse_array(std::string_view literal);
}  // namespace pg_text

/// The parameters of one statement, in order: add() gives $1, the next add() $2.
class PgParameters {
 public:
  PgParameters() = default;

  template <class Value>
  PgParameters& add(const Value& value) {
    values_.emplace_back(pg_text::of(value));
    return *this;
  }

  /// Takes a large text without copying it.
  PgParameters& add(std::string&& value) {
    values_.emplace_back(std::move(value));
    return *this;
  }

  /// An empty optional is NULL.
  template <class Value>
  PgParameters& add(const std::optional<Value>& value) {
    return value ? add(*value) : add_null();
  }

  PgParameters& add_null();

  /// A bytea, sent as it is: hex digits would double it.
  PgParameters& add_bytes(std::string bytes);
  PgParameters& add_optional_bytes(const std::optional<std::string>& bytes);

  /// An array for `unnest($1::text[])` and the like.
  template <class Value>
  PgParameters& add_array(const std::vector<Value>& elements) {
    std::vector<std::optional<std::string>> texts;
    texts.reserve(elements.size());
    for (const auto& element : elements) {
      texts.push_back(element_text(element));
    }
    return add(pg_text::array_of(texts));
  }

  /// An array for `unnest($1::bytea[])`.
  PgParameters& add_bytes_array(const std::vector<std::string>& elements);

  std::size_t size() const { return values_.size(); }

  /// The text of $index+1, or nothing for NULL.
  const std::optional<std::string>& at(std::size_t index) const { return values_.at(index).text; }
  bool binary(std::size_t index) const { return values_.at(index).binary; }

 private:
  struct Parameter {
    explicit Parameter(std::optional<std::string> parameter_text, bool is_binary = false)
        : text(std::move(parameter_text)), binary(is_binary) {}
    std::optional<std::string> text;
    bool binary;
  };

  template <class Value>
  static std::optional<std::string> element_text(const Value& value) {
    return pg_text::of(value);
  }
  template <class Value>
  static std::optional<std::string> element_text(const std::optional<Value>& value) {
    if (!value) {
      return std::nullopt;
    }
    return pg_text::of(*value);
  }

  std::vector<Parameter> values_;
};

}  // namespace scanclock
