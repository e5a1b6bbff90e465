#pragma once

#include "tests/unit/house/source_structure.hpp"

#include <string>
#include <vector>

namespace scanclock::house {

struct Finding {
  int line = 0;
  std::string what;

  bool operator==(const Finding&) const = default;
};

/// Braces and by-value lambda captures in statements that contain `co_await`. GCC 12 destroys
/// such temporaries twice, and says nothing (GCC bugs 95599, 99576, 107288). The bodies of lambdas
/// are statements of their own, and a captured `this` has nothing to destroy.
std::vector<Finding> await_traps(const Structure& structure);

}  // namespace scanclock::house
