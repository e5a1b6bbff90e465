#include "core/runtime/large_buffers.hpp"

#include <malloc.h>

namespace scanclock {

void return_large_buffers_at_once() {
  constexpr int mapped_bytes_min = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, mapped_bytes_min);
}

}  // namespace scanclock
