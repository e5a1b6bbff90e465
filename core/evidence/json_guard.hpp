#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock::evidence {

inline constexpr std::size_t json_depth_max = 64;
/// A value costs up to about 100 bytes in the tree that the parser builds, so this caps the memory
/// of one report at about 400 MB; real reports of 64 MiB hold about two million values.
inline constexpr std::size_t json_values_max = 4'000'000;
/// The outermost levels in which no key may stand twice. Times, subjects and types all stand
/// within them, an embedded report's included.
inline constexpr std::size_t json_unique_key_levels = 6;

/// One pass over JSON text before any tree is built, in constant stack: says why the text must be
/// refused (too deep, too many values, a key that stands twice in one object), or nothing.
///
/// Two parsers may choose different ones of two equal keys, so that a verifier and a reader would
/// see different statements; such text is refused rather than interpreted. Text that is not JSON
/// at all passes and is the parser's to refuse.
std::optional<std::string> find_json_hazard(std::string_view text);

}  // namespace scanclock::evidence
