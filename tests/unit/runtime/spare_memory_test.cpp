#include "core/runtime/spare_memory.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

constexpr std::size_t idle_bytes = std::size_t{30} << 20;
constexpr std::size_t burst_bytes = std::size_t{200} << 20;

TEST(SpareMemory, IsGivenBackOnceAfterABurst) {
  SpareMemory memory;
  EXPECT_FALSE(memory.look(idle_bytes));
  EXPECT_FALSE(memory.look(burst_bytes / 2)) << "the burst goes on";
  EXPECT_FALSE(memory.look(burst_bytes));
  EXPECT_TRUE(memory.look(burst_bytes)) << "it is over";
  memory.given_back(burst_bytes / 2);
  EXPECT_FALSE(memory.look(burst_bytes / 2)) << "what is left is used";
  EXPECT_FALSE(memory.look(burst_bytes / 2 + SpareMemory::growth_bytes_min - 1));
}

TEST(SpareMemory, IsGivenBackAfterTheNextBurstToo) {
  SpareMemory memory;
  memory.look(idle_bytes);
  memory.look(burst_bytes);
  ASSERT_TRUE(memory.look(burst_bytes));
  memory.given_back(burst_bytes / 2);
  EXPECT_FALSE(memory.look(burst_bytes));
  EXPECT_TRUE(memory.look(burst_bytes));
}

TEST(SpareMemory, IsGivenBackOnceMoreALittleLater) {
  SpareMemory memory;
  memory.look(idle_bytes);
  memory.look(burst_bytes);
  ASSERT_TRUE(memory.look(burst_bytes));
  memory.given_back(burst_bytes / 2);
  int times = 0;
  for (int look = 0; look < 10 * SpareMemory::looks_until_again; ++look) {
    times += memory.look(burst_bytes / 2) ? 1 : 0;
  }
  EXPECT_EQ(times, 1);
}

TEST(SpareMemory, IsLeftAloneInAProcessThatStaysAsItIs) {
  SpareMemory memory;
  for (int round = 0; round < 100; ++round) {
    EXPECT_FALSE(memory.look(burst_bytes));
  }
}

TEST(SpareMemory, StepsInARealProcess) {
  SpareMemory memory;
  memory.step(Duration::zero());
  memory.step(SpareMemory::look_every);
}

}  // namespace
}  // namespace scanclock
