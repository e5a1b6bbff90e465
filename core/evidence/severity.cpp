#include "core/evidence/severity.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace scanclock::evidence {
namespace {

constexpr double score_max = 10.0;

std::optional<double> number_in(const nlohmann::json& score) {
  if (score.is_number()) {
    return score.get<double>();
  }
  if (!score.is_string()) {
    return std::nullopt;
  }
  const auto& text = score.get_ref<const std::string&>();
  double number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::optional<Severity> severity_from_word(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, Severity>, 8> words = {{
      {"critical", Severity::critical},
      {"high", Severity::high},
      {"important", Severity::high},
      {"medium", Severity::medium},
      {"moderate", Severity::medium},
      {"low", Severity::low},
      {"negligible", Severity::unknown},
      {"unknown", Severity::unknown},
  }};
  const auto equal = [](char left, char right) {
    return (left >= 'A' && left <= 'Z' ? static_cast<char>(left - 'A' + 'a') : left) == right;
  };
  for (const auto& [name, severity] : words) {
    if (std::equal(word.begin(), word.end(), name.begin(), name.end(), equal)) {
      return severity;
    }
  }
  return std::nullopt;
}

std::optional<Severity> severity_from_score(const nlohmann::json& score) {
  const auto number = number_in(score);
  if (!number || !(*number >= 0 && *number <= score_max)) {
    return std::nullopt;
  }
  if (*number >= 9.0) {
    return Severity::critical;
  }
  if (*number >= 7.0) {
    return Severity::high;
  }
  if (*number >= 4.0) {
    return Severity::medium;
  }
  return *number > 0 ? Severity::low : Severity::unknown;
}

void count(SeverityCounts& counts, Severity severity) {
  switch (severity) {
    case Severity::critical:
      ++counts.critical;
      break;
    case Severity::high:
      ++counts.high;
      break;
    case Severity::medium:
      ++counts.medium;
      break;
    case Severity::low:
      ++counts.low;
      break;
    case Severity::unknown:
      ++counts.unknown;
      break;
  }
}

void add(SeverityCounts& counts, const SeverityCounts& more) {
  counts.critical += more.critical;
  counts.high += more.high;
  counts.medium += more.medium;
  counts.low += more.low;
  counts.unknown += more.unknown;
}

}  // namespace scanclock::evidence
