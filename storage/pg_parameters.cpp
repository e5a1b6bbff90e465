#include "storage/pg_parameters.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace scanclock {
namespace pg_text {
namespace {

/// Reads array elements one after the other.
class ArrayReader {
 public:
  explicit ArrayReader(std::string_view text) : rest_(text) {}

  std::vector<std::optional<std::string>> read() {
    expect('{');
    std::vector<std::optional<std::string>> elements;
    if (peek() == '}') {
      expect('}');
    } else {
      elements.push_back(element());
      while (peek() == ',') {
        expect(',');
        elements.push_back(element());
      }
      expect('}');
    }
    if (!rest_.empty()) {
      fail();
    }
    return elements;
  }

 private:
  [[noreturn]] static void fail() {
    throw std::invalid_argument("not a one-dimensional array literal");
  }

  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  char take() {
    if (rest_.empty()) {
      fail();
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void expect(char wanted) {
    if (take() != wanted) {
      fail();
    }
  }

  std::optional<std::string> element() {
    std::string text;
    if (peek() == '"') {
      take();
      for (char c = take(); c != '"'; c = take()) {
        text.push_back(c == '\\' ? take() : c);
      }
      return text;
    }
    while (!rest_.empty() && peek() != ',' && peek() != '}') {
      const char c = take();
      if (c == '{' || c == '"') {
        fail();
      }
      text.push_back(c == '\\' ? take() : c);
    }
    if (text.empty()) {
      fail();
    }
    if (text == "NULL") {
      return std::nullopt;
    }
    return text;
  }

  std::string_view rest_;
};

}  // namespace

std::string of(std::string_view value) { return std::string(value); }
std::string of(const char* value) { return value; }
std::string of(const std::string& value) { return value; }
std::string of(bool value) { return value ? "true" : "false"; }

std::string of(double value) {
  if (!std::isfinite(value)) {
    return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  std::array<char, 64> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), written.ptr);
}

std::string of(TimePoint value) { return format_rfc3339(value); }

std::string of_bytes(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "\\x";
  text.reserve(2 + 2 * bytes.size());
  for (const unsigned char byte : bytes) {
    text.push_back(digits[byte >> 4U]);
    text.push_back(digits[byte & 15U]);
  }
  return text;
}

std::string array_of(const std::vector<std::optional<std::string>>& elements) {
  std::size_t length = 2;
  for (const auto& element : elements) {
    length += 4 + (element ? element->size() : 0);
  }
  std::string literal;
  literal.reserve(length);
  literal.push_back('{');
  for (const auto& element : elements) {
    if (literal.size() > 1) {
      literal.push_back(',');
    }
    if (!element) {
      literal += "NULL";
      continue;
    }
    literal.push_back('"');
    for (const char c : *element) {
      if (c == '"' || c == '\\') {
        literal.push_back('\\');
      }
      literal.push_back(c);
    }
    literal.push_back('"');
  }
  literal.push_back('}');
  return literal;
}

std::vector<std::optional<std::string>> parse_array(std::string_view literal) {
  return ArrayReader(literal).read();
}

}  // namespace pg_text

PgParameters& PgParameters::add_null() {
  values_.emplace_back(std::nullopt);
  return *this;
}

PgParameters& PgParameters::add_bytes(std::string bytes) {
  values_.emplace_back(std::move(bytes), true);
  return *this;
}

PgParameters& PgParameters::add_optional_bytes(const std::optional<std::string>& bytes) {
  return bytes ? add_bytes(*bytes) : add_null();
}

PgParameters& PgParameters::add_bytes_array(const std::vector<std::string>& elements) {
  std::vector<std::optional<std::string>> texts;
  texts.reserve(elements.size());
  for (const auto& element : elements) {
    texts.emplace_back(pg_text::of_bytes(element));
  }
  return add(pg_text::array_of(texts));
}

}  // namespace scanclock
