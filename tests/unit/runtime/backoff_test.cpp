#include "core/runtime/backoff.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace scanclock {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(Backoff, GrowsByItsFactorUpToItsMaximumAndStartsAgainAfterASuccess) {
  Backoff::Limits limits;
  limits.first = seconds(1);
  limits.max = seconds(5);
  limits.jitter = 0;
  Backoff backoff(limits, 1);
  for (const auto wait : {seconds(1), seconds(2), seconds(4), seconds(5), seconds(5)}) {
    EXPECT_EQ(backoff.next(), wait);
  }
  backoff.reset();
  EXPECT_EQ(backoff.next(), seconds(1));
}

TEST(Backoff, JitterStaysInItsBoundsAndIsReproducible) {
  Backoff::Limits limits;
  limits.factor = 1;
  limits.jitter = 0.1;
  Backoff first(limits, 7);
  Backoff second(limits, 7);
  Backoff other(limits, 8);
  bool differs = false;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const Duration wait = first.next();
    EXPECT_GE(wait, std::chrono::milliseconds(900));
    EXPECT_LE(wait, std::chrono::milliseconds(1100));
    EXPECT_EQ(second.next(), wait);
    differs = differs || other.next() != wait;
  }
  EXPECT_TRUE(differs);
}

TEST(PhaseOf, SpreadsKeysEvenlyOverThePeriod) {
  constexpr int keys = 60'000;
  std::map<long, int> by_second;
  for (int key = 0; key < keys; ++key) {
    const Duration phase = phase_of("sha256:" + std::to_string(key), minutes(1));
    ASSERT_GE(phase, Duration::zero());
    ASSERT_LT(phase, minutes(1));
    ++by_second[std::chrono::floor<seconds>(phase).count()];
  }
  ASSERT_EQ(by_second.size(), 60u);
  for (const auto& [second, count] : by_second) {
    EXPECT_LT(count, keys / 60 * 1.5) << "second " << second;
  }
}

TEST(PhaseOf, IsTheSameForTheSameKey) {
  EXPECT_EQ(phase_of("a", minutes(5)), phase_of("a", minutes(5)));
  EXPECT_NE(phase_of("a", minutes(5)), phase_of("b", minutes(5)));
  EXPECT_EQ(phase_of("a", Duration::zero()), Duration::zero());
}

}  // namespace
}  // namespace scanclock
