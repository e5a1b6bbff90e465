#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A place in the settings file, counted from 1; line 0 stands for the file as a whole.
struct SettingsMark {
  int line = 0;
  int column = 0;

  auto operator<=>(const SettingsMark&) const = default;
};

/// One thing that is wrong with a settings file.
struct SettingsError {
  std::string file;
  SettingsMark mark;
  /// Lower case; never holds a secret.
  std::string message;
  /// What to do about it; may be empty.
  std::string hint;
};

/// `file:line:column: message`, and `HINT: …` on a line of its own where there is one.
std::string to_string(const SettingsError& error);

/// All errors, one after the other, each ending in a line end.
std::string to_string(const std::vector<SettingsError>& errors);

/// The candidate that `word` is most likely a misspelling of; empty when none is close.
std::string closest_word(std::string_view word, const std::vector<std::string>& candidates);

/// `did you mean "x"?` or, without a close candidate, `known are: a, b, c`.
std::string suggest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace scanclock
