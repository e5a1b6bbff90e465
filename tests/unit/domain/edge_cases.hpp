#pragma once

#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace scanclock {

/// A case of the list of what runtimes and registries really do. `play` tells a world what
/// happens, concludes, and checks what is peculiar; then every container that runs must have just
/// these verdicts.
struct EdgeCase {
  int number = 0;
  std::string what;
  std::function<void(facts::World&)> play;
  std::map<std::string, Verdict> verdicts;
};

inline void PrintTo(const EdgeCase& item, std::ostream* out) {
  *out << "case " << item.number << ": " << item.what;
}

inline std::string case_name(const testing::TestParamInfo<EdgeCase>& info) {
  return "Case" + std::to_string(info.param.number);
}

class EdgeCases : public testing::TestWithParam<EdgeCase> {};

/// What the cases are told with: m1 (amd64) and m2 (arm64) under the index `both`, and the tag 1.0
/// on it. m1 was scanned at noon; m2 never.
inline facts::World deployed_world() {
  using namespace facts;  // NOLINT: the words of this folder's tests
  World world;
  world.add(image(m1, c1));
  world.add(image(m2, c2, arm64));
  world.add(index(both, {entry(m1), entry(m2, arm64)}));
  world.tag("1.0", both);
  world.collect(scan_of(1, {m1}));
  world.conclude();
  return world;
}

/// The cases of the three themes, for the test that none is missing.
const std::vector<EdgeCase>& graph_cases();
const std::vector<EdgeCase>& observation_cases();
const std::vector<EdgeCase>& time_cases();

}  // namespace scanclock
