#pragma once

#include "core/runtime/clock.hpp"

#include <cstddef>
#include <optional>

namespace scanclock {

/// When the memory that a burst of work left unused is given back to the system. The first look at
/// a large cluster takes tens of megabytes until the database has it; what is freed lies in holes
/// between what stays, and the allocator gives back no more than what lies at its end.
class SpareMemory {
 public:
  static constexpr Duration look_every = std::chrono::seconds(5);
  /// By so much the process must have grown since the last time: then there are holes to look for.
  static constexpr std::size_t growth_bytes_min = std::size_t{16} << 20;
  /// More than this between two looks is a burst that goes on.
  static constexpr std::size_t steady_bytes_max = std::size_t{2} << 20;
  /// After so many looks it is done once more: what the database was slow to take is free by then.
  static constexpr int looks_until_again = 12;

  /// To be called often; `now` is monotonic. Looks at the process's memory every `look_every` and
  /// gives back what is unused when look() says so, which takes some 10 ms.
  void step(Duration now);

  /// Whether memory is to be given back now that the process has so much. No I/O.
  bool look(std::size_t resident_bytes);
  /// It was, and so much is left.
  void given_back(std::size_t resident_bytes) { last_bytes_ = least_bytes_ = resident_bytes; }

 private:
  std::optional<Duration> looked_at_;
  std::size_t last_bytes_ = 0;
  /// Since memory was given back.
  std::size_t least_bytes_ = 0;
  /// 0: nothing is to be done again.
  int looks_left_ = 0;
};

}  // namespace scanclock
