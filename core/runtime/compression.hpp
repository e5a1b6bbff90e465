#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock {

/// zstd, level 3, one frame with its content size.
std::string zstd_compress(std::string_view bytes);

/// Throws std::runtime_error for damaged input and for output beyond `bytes_max`.
std::string zstd_decompress(std::string_view bytes, std::size_t bytes_max);

}  // namespace scanclock
