#include "core/workloads/known_pods.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace scanclock {
namespace {

using Texts = std::vector<std::string>;

Texts sorted_texts(const std::vector<ContainerId>& ids) {
  Texts texts(ids.begin(), ids.end());
  std::sort(texts.begin(), texts.end());
  return texts;
}

TEST(UidOfAnObject, IsItsDigitsWhereItHasTheUsualForm) {
  const KubernetesUid uid = KubernetesUid::of("01234567-89ab-cdef-fedc-ba9876543210");
  EXPECT_EQ(uid.high, 0x0123456789abcdefU);
  EXPECT_EQ(uid.low, 0xfedcba9876543210U);
  EXPECT_EQ(KubernetesUid::of("0123456789abcdeffedcba9876543210"), uid);
}

TEST(UidOfAnObject, IsAHashWhereItHasNot) {
  const Texts others{"",
                     "a",
                     "01234567-89AB-cdef-fedc-ba9876543210",
                     "01234567-89ab-cdef-fedc-ba98765432100",
                     "01234567-89ab-cdef-fedc-ba987654321",
                     "g1234567-89ab-cdef-fedc-ba9876543210"};
  std::map<KubernetesUid, std::string> seen;
  for (const std::string& text : others) {
    const KubernetesUid uid = KubernetesUid::of(text);
    EXPECT_TRUE(seen.emplace(uid, text).second) << text << " like " << seen[uid];
    EXPECT_EQ(uid, KubernetesUid::of(text));
  }
}

TEST(KnownPods, SayWhatAPodRunsNoMore) {
  KnownPods pods(1);
  const KubernetesUid uid = KubernetesUid::of("a");
  EXPECT_TRUE(pods.update(0, uid, "1", {"one", "two"}, false).empty());
  EXPECT_TRUE(pods.update(0, uid, "2", {"one", "two"}, false).empty());
  EXPECT_EQ(pods.update(0, uid, "3", {"two", "three"}, false), Texts{"one"});
  EXPECT_EQ(pods.containers(), 2U);
  EXPECT_FALSE(pods.is_of_another(uid, "three"));
  EXPECT_TRUE(pods.is_of_another(KubernetesUid::of("b"), "three"));
  EXPECT_FALSE(pods.is_of_another(KubernetesUid::of("b"), "one")) << "nobody runs it any more";
  EXPECT_EQ(pods.erase(uid), (Texts{"two", "three"}));
  EXPECT_TRUE(pods.erase(uid).empty());
  EXPECT_EQ(pods.containers(), 0U);
  EXPECT_FALSE(pods.knows(uid));
}

TEST(KnownPods, KeepAPodThatRunsNothingForAsLongAsItIsListed) {
  KnownPods pods(1);
  const KubernetesUid uid = KubernetesUid::of("a");
  pods.begin(0);
  pods.update(0, uid, "1", {}, false);
  EXPECT_EQ(pods.sweep(0), 0U);
  EXPECT_TRUE(pods.is_unchanged(0, uid, "1"));
  pods.begin(0);
  EXPECT_EQ(pods.sweep(0), 1U);
  EXPECT_FALSE(pods.knows(uid));
}

/// Many pods come, change and go, and what is known of them is what a plain map would know.
TEST(KnownPods, KnowWhatRunsHoweverOftenPlacesAreUsedAgain) {
  KnownPods pods(1);
  std::map<int, Texts> runs;
  std::mt19937 random(7);
  const std::string long_text(80, 'x');
  for (int step = 0; step < 20'000; ++step) {
    const int number = static_cast<int>(random() % 300);
    const KubernetesUid uid = KubernetesUid::of("pod-" + std::to_string(number));
    Texts now;
    for (std::uint32_t container = random() % 5; container > 0; --container) {
      now.push_back("id-" + std::to_string(step) + "-" + std::to_string(container) +
                    (container == 2 ? long_text : ""));
    }
    Texts before = std::exchange(runs[number], now);
    const Texts ended = random() % 4 == 0 ? pods.erase(uid) : pods.update(0, uid, "1", now, false);
    if (!pods.knows(uid)) {
      runs.erase(number);
    }
    ASSERT_EQ(ended, before);
  }
  Texts expected;
  for (const auto& [number, ids] : runs) {
    expected.insert(expected.end(), ids.begin(), ids.end());
  }
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(sorted_texts(pods.all_ids()), expected);
  EXPECT_EQ(pods.containers(), expected.size());
  pods.begin(0);
  EXPECT_EQ(pods.sweep(0), runs.size());
  EXPECT_TRUE(pods.all_ids().empty());
  EXPECT_EQ(pods.containers(), 0U);
}

}  // namespace
}  // namespace scanclock
