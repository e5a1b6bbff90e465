#include "core/runtime/spare_memory.hpp"

#include "core/runtime/log.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace scanclock {
namespace {

/// proc(5), /proc/pid/statm: the second number is the resident set, in pages. 0 where there is
/// none.
std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size_pages = 0;
  std::size_t resident_pages = 0;
  statm >> size_pages >> resident_pages;
  return resident_pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

bool SpareMemory::look(std::size_t resident_bytes) {
  const std::size_t before = last_bytes_;
  last_bytes_ = resident_bytes;
  if (before == 0) {
    least_bytes_ = resident_bytes;
    return false;
  }
  least_bytes_ = std::min(least_bytes_, resident_bytes);
  if (resident_bytes >= least_bytes_ + growth_bytes_min &&
      resident_bytes <= before + steady_bytes_max) {
    looks_left_ = looks_until_again;
    return true;
  }
  return looks_left_ > 0 && --looks_left_ == 0;
}

void SpareMemory::step(Duration now) {
  if (looked_at_ && now - *looked_at_ < look_every) {
    return;
  }
  looked_at_ = now;
  const std::size_t before = resident_bytes();
  if (!look(before)) {
    return;
  }
  malloc_trim(0);
  const std::size_t after = resident_bytes();
  given_back(after);
  log::debug("runtime", "gave back {} kB of memory that nothing uses",
             (std::max(before, after) - after) / 1000);
}

}  // namespace scanclock
