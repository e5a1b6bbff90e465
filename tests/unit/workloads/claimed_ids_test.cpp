#include "core/workloads/claimed_ids.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

namespace scanclock {
namespace {

TEST(ClaimedIds, AreThereAsOftenAsTheyWereInserted) {
  ClaimedIds ids;
  EXPECT_FALSE(ids.contains("a"));
  ids.erase("a");
  ids.insert("a");
  ids.insert("a");
  EXPECT_EQ(ids.size(), 2U);
  ids.erase("a");
  EXPECT_TRUE(ids.contains("a"));
  ids.erase("a");
  EXPECT_FALSE(ids.contains("a"));
  EXPECT_EQ(ids.size(), 0U);
}

TEST(ClaimedIds, AgreeWithASetWhateverComesAndGoes) {
  constexpr unsigned seed = 4;
  std::mt19937 random(seed);
  ClaimedIds ids;
  std::multiset<std::string> expected;
  for (int step = 0; step < 20'000; ++step) {
    const std::string id = std::to_string(random() % 700);
    if (random() % 2 == 0) {
      ids.insert(id);
      expected.insert(id);
    } else {
      ids.erase(id);
      if (const auto found = expected.find(id); found != expected.end()) {
        expected.erase(found);
      }
    }
    ASSERT_EQ(ids.size(), expected.size()) << "step " << step;
    const std::string other = std::to_string(random() % 700);
    ASSERT_EQ(ids.contains(other), expected.contains(other)) << "step " << step;
  }
  for (int number = 0; number < 700; ++number) {
    const std::string id = std::to_string(number);
    EXPECT_EQ(ids.contains(id), expected.contains(id)) << id;
  }
}

}  // namespace
}  // namespace scanclock
