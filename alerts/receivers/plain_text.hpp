#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Texts of others (labels, tags, reasons, answers) as they may stand in a message to people.
namespace scanclock::alerts {

/// Marks where something was cut.
inline constexpr std::string_view cut_mark = "…";

/// Valid UTF-8 without control characters, line ends made blanks, and without the characters that
/// turn the direction of writing (U+202A–U+202E, U+2066–U+2069), with which a text can look like
/// another one; each of those and each invalid byte becomes U+FFFD.
std::string clean_line(std::string_view text);
/// The same, but `\n` stays.
std::string clean_text(std::string_view text);

/// Of valid UTF-8.
std::size_t code_points_of(std::string_view text);

/// Valid UTF-8 cut to at most `max` code points, the cut mark included where something was cut.
std::string cut_code_points(std::string text, std::size_t max);
/// The same in bytes, never within a character. `max` is 3 at least.
std::string cut_bytes(std::string text, std::size_t max);

}  // namespace scanclock::alerts
