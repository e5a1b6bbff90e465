#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace scanclock {

/// One gzip member (RFC 1952). Members may be put one behind the other: that is gzip, too.
std::string gzip_member(std::string_view bytes);

/// Makes gzip members one after the other with one state and one buffer, which is what takes time
/// and memory with small ones.
class GzipPacker {
 public:
  GzipPacker();
  ~GzipPacker();
  GzipPacker(const GzipPacker&) = delete;
  GzipPacker& operator=(const GzipPacker&) = delete;

  std::string member(std::string_view bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a gzip member expands to, where its length is known: in one step, without a byte more than
/// that. Empty for anything else than one whole member of that length.
std::string expand_gzip_member(std::string_view member, std::size_t bytes);

/// Expands gzip (RFC 1952, several members included) piece by piece, so that output beyond a limit
/// is noticed before it takes memory.
class GzipExpander {
 public:
  enum class Status { ok, damaged, too_large };

  explicit GzipExpander(std::size_t bytes_max);
  ~GzipExpander();
  GzipExpander(const GzipExpander&) = delete;
  GzipExpander& operator=(const GzipExpander&) = delete;

  /// Appends what `compressed` expands to; after anything but ok the object is of no more use.
  Status expand(std::string_view compressed, std::string& output);

  /// True when the data ended where a member ends, or never began.
  bool complete() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace scanclock
