#include "config/cursor.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace scanclock {
namespace {

std::string quoted(std::string_view text) {
  constexpr std::size_t shown_max = 80;
  if (text.size() > shown_max) {
    return "\"" + std::string(text.substr(0, shown_max)) + "…\"";
  }
  return "\"" + std::string(text) + "\"";
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::string plain_number(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') {
    text.pop_back();
  }
  return text;
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) {
    return std::nullopt;
  }
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  unsigned shift = 0;
  if (unit == "KiB") {
    shift = 10;
  } else if (unit == "MiB") {
    shift = 20;
  } else if (unit == "GiB") {
    shift = 30;
  } else if (!unit.empty() && unit != "B") {
    return std::nullopt;
  }
  if (value > (std::numeric_limits<std::uint64_t>::max() >> shift)) {
    return std::nullopt;
  }
  return value << shift;
}

Cursor::Cursor(LoadContext& context, YamlNode::Pointer node, std::string path)
    : context_(&context), node_(std::move(node)), path_(std::move(path)) {}

void Cursor::fail(const std::string& message, const std::string& hint) const {
  const std::string where = path_.empty() ? "" : path_ + ": ";
  context_->errors.push_back(SettingsError{context_->file, node_->mark, where + message, hint});
}

std::string Cursor::kind_name() const {
  switch (node_->kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a single value";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
  }
  return "";
}

std::string Cursor::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

std::optional<std::string> Cursor::text() const {
  if (node_->kind != YamlNode::Kind::scalar) {
    fail("expected a text, found " + kind_name());
    return std::nullopt;
  }
  if (node_->text.empty()) {
    fail("must not be empty");
    return std::nullopt;
  }
  if (node_->text.find('\0') != std::string::npos) {
    fail("holds a zero byte");
    return std::nullopt;
  }
  return node_->text;
}

std::optional<bool> Cursor::boolean() const {
  if (node_->kind == YamlNode::Kind::scalar && node_->plain) {
    if (node_->text == "true") {
      return true;
    }
    if (node_->text == "false") {
      return false;
    }
  }
  fail(node_->kind == YamlNode::Kind::scalar
           ? "expected true or false, found " + quoted(node_->text)
           : "expected true or false, found " + kind_name());
  return std::nullopt;
}

std::optional<std::int64_t> Cursor::integer(std::int64_t min, std::int64_t max) const {
  const std::string range = "from " + std::to_string(min) + " to " + std::to_string(max);
  const std::optional<std::string> value = text();
  if (!value) {
    return std::nullopt;
  }
  const auto number = parse_number<std::int64_t>(*value);
  if (!number || *number < min || *number > max) {
    fail("expected a whole number " + range + ", found " + quoted(*value));
    return std::nullopt;
  }
  return number;
}

std::optional<double> Cursor::number(double min, double max) const {
  const std::optional<std::string> value = text();
  if (!value) {
    return std::nullopt;
  }
  const auto number = parse_number<double>(*value);
  if (!number || !std::isfinite(*number) || *number < min || *number > max) {
    fail("expected a number from " + plain_number(min) + " to " + plain_number(max) + ", found " +
         quoted(*value));
    return std::nullopt;
  }
  return number;
}

std::optional<Duration> Cursor::duration(Duration min) const {
  const std::optional<std::string> value = text();
  if (!value) {
    return std::nullopt;
  }
  const std::optional<Duration> duration = parse_duration(*value);
  if (!duration) {
    fail(quoted(*value) + " is not a duration",
         "write a number and a unit, such as 30d, 12h, 15m, 30s or 500ms");
    return std::nullopt;
  }
  if (*duration < min) {
    fail("must be at least " + format_duration(min) + ", found " + quoted(*value));
    return std::nullopt;
  }
  return duration;
}

std::optional<std::uint64_t> Cursor::size(std::uint64_t min, std::uint64_t max) const {
  const std::optional<std::string> value = text();
  if (!value) {
    return std::nullopt;
  }
  const std::optional<std::uint64_t> bytes = parse_size(*value);
  if (!bytes) {
    fail(quoted(*value) + " is not a size",
         "write a whole number and a unit, such as 512KiB, 8MiB or 1GiB");
    return std::nullopt;
  }
  if (*bytes < min || *bytes > max) {
    fail("must be from " + std::to_string(min) + " to " + std::to_string(max) + " bytes, found " +
         quoted(*value));
    return std::nullopt;
  }
  return bytes;
}

std::optional<std::size_t> Cursor::word(const std::vector<std::string>& words) const {
  const std::optional<std::string> value = text();
  if (!value) {
    return std::nullopt;
  }
  const auto found = std::find(words.begin(), words.end(), *value);
  if (found == words.end()) {
    fail("unknown value " + quoted(*value), suggest(*value, words));
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - words.begin());
}

std::vector<Cursor> Cursor::items() const {
  std::vector<Cursor> cursors;
  if (node_->kind != YamlNode::Kind::sequence) {
    fail("expected a list, found " + kind_name(),
         node_->kind == YamlNode::Kind::scalar ? "write [" + node_->text + "]" : "");
    return cursors;
  }
  for (std::size_t i = 0; i < node_->items.size(); ++i) {
    cursors.emplace_back(*context_, node_->items[i], path_ + "[" + std::to_string(i) + "]");
  }
  return cursors;
}

std::vector<Cursor> Cursor::text_items() const {
  std::vector<Cursor> cursors = items();
  std::erase_if(cursors, [](const Cursor& cursor) { return !cursor.text().has_value(); });
  return cursors;
}

std::vector<std::pair<std::string, Cursor>> Cursor::entries() const {
  std::vector<std::pair<std::string, Cursor>> pairs;
  if (node_->kind != YamlNode::Kind::map) {
    fail("expected a map, found " + kind_name());
    return pairs;
  }
  for (const auto& [key, value] : node_->entries) {
    pairs.emplace_back(key->text, Cursor(*context_, value, path_ + "[" + quoted(key->text) + "]"));
  }
  return pairs;
}

}  // namespace scanclock
