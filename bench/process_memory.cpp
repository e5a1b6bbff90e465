#include "bench/process_memory.hpp"

#include <malloc.h>

#include <cstdio>
#include <fstream>
#include <string>

void print_memory() {
  std::ifstream status("/proc/self/status");
  unsigned long resident = 0;
  unsigned long peak = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) {
      resident = std::stoul(line.substr(6));
    } else if (line.rfind("VmHWM:", 0) == 0) {
      peak = std::stoul(line.substr(6));
    }
  }
  const struct mallinfo2 heap = ::mallinfo2();
  std::printf("%lu %lu %zu\n", resident, peak, (heap.uordblks + heap.hblkhd) >> 10U);
  std::fflush(stdout);
}

void trim_memory() {
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}
