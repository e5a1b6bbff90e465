#include "core/domain/container_id.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace scanclock {
namespace {

std::string hex_of(char digit) { return std::string(64, digit); }

/// Texts of every form, and those at the borders between them.
std::vector<std::string> id_texts() {
  std::string upper = hex_of('a');
  upper[63] = 'A';
  return {"",
          "a",
          "container-1",
          std::string(31, 'x'),
          std::string(32, 'x'),
          std::string(33, 'x'),
          std::string(4096, 'y'),
          std::string("a\0b", 3),
          hex_of('0'),
          hex_of('f'),
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
          "containerd://" + hex_of('1'),
          "cri-o://" + hex_of('1'),
          "docker://" + hex_of('1'),
          "podman://" + hex_of('1'),
          "containerd://" + hex_of('g'),
          "containerd://" + hex_of('1') + "1",
          hex_of('1').substr(1),
          upper,
          "0b7e7a52-6c1e-4c11-9e4c-2d6d1b0a9f11/front"};
}

TEST(AContainerId, IsTheTextThatItWasMadeOf) {
  for (const std::string& text : id_texts()) {
    EXPECT_EQ(ContainerId(text).str(), text);
    EXPECT_EQ(ContainerId(text).empty(), text.empty());
  }
}

TEST(AContainerId, SurvivesCopiesMovesAndAssignments) {
  for (const std::string& text : id_texts()) {
    for (const std::string& other : id_texts()) {
      ContainerId id(text);
      const ContainerId copy = id;
      ContainerId taken(other);
      taken = std::move(id);
      id = other;
      EXPECT_EQ(copy, text);
      EXPECT_EQ(taken, text);
      EXPECT_EQ(id, other);
      ContainerId& self = taken;
      taken = self;
      EXPECT_EQ(taken, text);
    }
  }
}

TEST(AContainerId, EqualsOnlyTheSameText) {
  const std::vector<std::string> texts = id_texts();
  for (std::size_t left = 0; left < texts.size(); ++left) {
    for (std::size_t right = 0; right < texts.size(); ++right) {
      EXPECT_EQ(ContainerId(texts[left]) == ContainerId(texts[right]), left == right);
    }
  }
}

TEST(AContainerId, IsOrderedWithoutCircleAndAsItsSortKeySays) {
  std::vector<ContainerId> ids;
  for (const std::string& text : id_texts()) {
    ids.emplace_back(text);
  }
  std::sort(ids.begin(), ids.end());
  for (std::size_t left = 0; left < ids.size(); ++left) {
    for (std::size_t right = left + 1; right < ids.size(); ++right) {
      EXPECT_LT(ids[left], ids[right]);
      EXPECT_LE(ids[left].sort_key(), ids[right].sort_key()) << ids[left] << " " << ids[right];
    }
  }
}

TEST(AContainerId, OfOneRuntimeIsOrderedByItsText) {
  const std::string runtime = "containerd://";
  EXPECT_LT(ContainerId(runtime + hex_of('0')), ContainerId(runtime + hex_of('9')));
  EXPECT_LT(ContainerId(runtime + hex_of('9')), ContainerId(runtime + hex_of('a')));
  EXPECT_LT(ContainerId("b"), ContainerId("ba"));
  EXPECT_LT(ContainerId(std::string(40, 'a')), ContainerId("b"));
}

}  // namespace
}  // namespace scanclock
