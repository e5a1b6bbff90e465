#include "config/settings_error.hpp"

#include <algorithm>
#include <numeric>

namespace scanclock {
namespace {

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[right.size()];
}

}  // namespace

std::string to_string(const SettingsError& error) {
  std::string text = error.file;
  if (error.mark.line > 0) {
    text += ":" + std::to_string(error.mark.line) + ":" + std::to_string(error.mark.column);
  }
  text += ": " + error.message;
  if (!error.hint.empty()) {
    text += "\nHINT: " + error.hint;
  }
  return text;
}

std::string to_string(const std::vector<SettingsError>& errors) {
  std::string text;
  for (const SettingsError& error : errors) {
    text += to_string(error) + "\n";
  }
  return text;
}

std::string closest_word(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t word_length_max = 64;  // Keeps the comparison cheap for garbage.
  if (word.size() > word_length_max) {
    return {};
  }
  std::string best;
  std::size_t best_distance = word.size() / 3 + 2;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    // A short candidate that would have to be rewritten altogether is no misspelling.
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string suggest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string best = closest_word(word, candidates);
  if (!best.empty()) {
    return "did you mean \"" + best + "\"?";
  }
  std::string text = "known are: ";
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    text += (i == 0 ? "" : ", ") + candidates[i];
  }
  return text;
}

}  // namespace scanclock
