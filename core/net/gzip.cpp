#include "core/net/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace scanclock {
namespace {

constexpr int window_bits_gzip = 15 + 16;
constexpr int memory_level = 9;
constexpr std::size_t step_bytes = std::size_t{64} << 10;

}  // namespace

struct GzipPacker::State {
  State() {
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits_gzip, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~State() { deflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  z_stream stream{};
  std::string buffer;
};

GzipPacker::GzipPacker() : state_(std::make_unique<State>()) {}

GzipPacker::~GzipPacker() = default;

std::string GzipPacker::member(std::string_view bytes) {
  z_stream& stream = state_->stream;
  std::string& buffer = state_->buffer;
  deflateReset(&stream);
  // Its bound on the output makes one call do everything.
  const std::size_t bound = deflateBound(&stream, static_cast<uLong>(bytes.size()));
  if (buffer.size() < bound) {
    buffer.resize(bound);
  }
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
  stream.avail_out = static_cast<uInt>(buffer.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
    throw std::runtime_error("cannot compress: zlib's bound on its output did not hold");
  }
  return buffer.substr(0, buffer.size() - stream.avail_out);
}

std::string gzip_member(std::string_view bytes) { return GzipPacker().member(bytes); }

std::string expand_gzip_member(std::string_view member, std::size_t bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits_gzip) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string text(bytes, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(member.data()));
  stream.avail_in = static_cast<uInt>(member.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const bool is_whole =
      inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0;
  inflateEnd(&stream);
  return is_whole ? text : std::string();
}

struct GzipExpander::State {
  explicit State(std::size_t limit) : bytes_left(limit) {
    if (inflateInit2(&stream, window_bits_gzip) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~State() { inflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  z_stream stream{};
  std::size_t bytes_left;
  bool between_members = true;
};

GzipExpander::GzipExpander(std::size_t bytes_max) : state_(std::make_unique<State>(bytes_max)) {}

GzipExpander::~GzipExpander() = default;

bool GzipExpander::complete() const { return state_->between_members; }

GzipExpander::Status GzipExpander::expand(std::string_view compressed, std::string& output) {
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  bool output_was_full = false;
  while (stream.avail_in != 0 || output_was_full) {
    if (state_->between_members && stream.avail_in != 0) {
      inflateReset(&stream);
      state_->between_members = false;
    }
    const std::size_t before = output.size();
    // One byte beyond the limit tells "exactly full" from "too much".
    const std::size_t room = std::min(step_bytes, state_->bytes_left + 1);
    output.resize(before + room);
    stream.next_out = reinterpret_cast<Bytef*>(output.data() + before);
    stream.avail_out = static_cast<uInt>(room);
    const int code = inflate(&stream, Z_NO_FLUSH);
    const std::size_t produced = room - stream.avail_out;
    output.resize(before + produced);
    if (produced > state_->bytes_left) {
      return Status::too_large;
    }
    state_->bytes_left -= produced;
    output_was_full = stream.avail_out == 0 && code != Z_STREAM_END;
    if (code == Z_STREAM_END) {
      state_->between_members = true;
    } else if (code == Z_BUF_ERROR) {
      output_was_full = false;
    } else if (code != Z_OK) {
      return Status::damaged;
    }
  }
  return Status::ok;
}

}  // namespace scanclock
