#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace scanclock {

/// One gzip member (RFC 1952). Members may be put one behind the other: that is gzip, too.
std::string gzip_member(std::string_view bytes);

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
