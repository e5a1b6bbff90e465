#pragma once

#include "core/domain/evidence.hpp"
#include "core/evidence/keep_tree.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock::evidence {

inline constexpr std::size_t json_depth_max = 64;
/// Elements of arrays and members of objects. The index that the parser makes takes up to 16 bytes
/// for each, so this caps it at the size of the largest report; real reports of 64 MiB hold about
/// two million.
inline constexpr std::size_t json_values_max = 4'000'000;
/// What the parser may look at behind the end of a text, without minding what it holds.
inline constexpr std::size_t json_spare_bytes = 64;
/// Of the tree, without the bytes of its texts: room for findings_max findings several times over.
inline constexpr std::size_t json_tree_bytes_max = std::size_t{40} * 1024 * 1024;

/// Parses JSON and keeps what `keep` names; of all else only whether it is there and empty: what
/// is not kept of an object or array that holds something leaves one null in it, so that a reader
/// still sees its type and that it is not empty.
///
/// The whole text is checked for its structure and its UTF-8, and what is kept for its values,
/// too. A kept name that stands twice in one object is refused: two parsers may choose different
/// ones, so that a verifier and a reader would see different documents.
///
/// Notes `malformed` or `too_large` and returns nothing for what is refused. Takes memory for the
/// tree and at most about the size of the text besides; about 1 GB/s. `spare_bytes` is how many
/// bytes behind the text are allocated: with json_spare_bytes of them it is never copied.
std::optional<nlohmann::json> build_json_tree(ScanReport& report, std::string_view text,
                                              const KeepTree& keep, std::size_t spare_bytes = 0);

/// Either alphabet, padded or not, but never both in one text: other readers would refuse it, or
/// read other bytes. With json_spare_bytes of capacity behind what is decoded.
std::optional<std::string> decode_base64_text(std::string_view text);

}  // namespace scanclock::evidence
