#include "core/runtime/compression.hpp"

#include <zstd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace scanclock {
namespace {

constexpr int zstd_level = 3;

struct FreeStream {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

}  // namespace

std::string zstd_compress(std::string_view bytes) {
  std::string output(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ZSTD_compress(output.data(), output.size(), bytes.data(), bytes.size(), zstd_level);
  if (ZSTD_isError(size) != 0) {
    throw std::runtime_error(std::string("cannot compress: ") + ZSTD_getErrorName(size));
  }
  output.resize(size);
  output.shrink_to_fit();
  return output;
}

std::string zstd_decompress(std::string_view bytes, std::size_t bytes_max) {
  // Streamed, because the size that a frame declares is only a claim.
  const std::unique_ptr<ZSTD_DStream, FreeStream> stream(ZSTD_createDStream());
  if (!stream) {
    throw std::bad_alloc();
  }
  const std::size_t step = ZSTD_DStreamOutSize();
  std::string output;
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  for (;;) {
    const std::size_t before = output.size();
    // One byte beyond the limit tells "exactly full" from "too much".
    output.resize(std::min(before + step, bytes_max + 1));
    ZSTD_outBuffer target{output.data() + before, output.size() - before, 0};
    const std::size_t left = ZSTD_decompressStream(stream.get(), &target, &input);
    output.resize(before + target.pos);
    if (ZSTD_isError(left) != 0) {
      throw std::runtime_error(std::string("cannot decompress: ") + ZSTD_getErrorName(left));
    }
    if (output.size() > bytes_max) {
      throw std::runtime_error("cannot decompress: more than " + std::to_string(bytes_max) +
                               " bytes");
    }
    if (left == 0) {
      break;
    }
    if (input.pos == input.size && target.pos < target.size) {
      throw std::runtime_error("cannot decompress: the data is cut off");
    }
  }
  if (input.pos != input.size) {
    throw std::runtime_error("cannot decompress: bytes after the end of the frame");
  }
  return output;
}

}  // namespace scanclock
