#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

/// Generous for an unoptimised build under a sanitizer; work that grows with the square of ten
/// thousand takes minutes.
constexpr double budget_seconds = 60;

/// Of this process, so that a busy machine fails no test.
double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

class ManyImages : public testing::Test {
 protected:
  static constexpr unsigned count = 10000;

  static Digest manifest(unsigned number) { return digest(0x100000 + number); }

  void add_all() {
    for (unsigned number = 0; number < count; ++number) {
      world.add(image(manifest(number), digest(0x200000 + number)));
      world.tag("v" + std::to_string(number), manifest(number));
      world.inventory.note_evidence_answered(app, manifest(number), world.now);
      world.conclude();
    }
  }

  void TearDown() override { EXPECT_LT(processor_seconds() - started_, budget_seconds); }

  World world;

 private:
  double started_ = processor_seconds();
};

TEST_F(ManyImages, OfOneRepositoryAreTakenInOneByOne) {
  for (unsigned number = 0; number < count; ++number) {
    Evidence evidence = scan_of(0x300000 + number, {digest(0x400000)});
    evidence.attached_to = manifest(number);
    world.collect(evidence);
  }
  add_all();
  EXPECT_EQ(world.inventory.images().size(), count);
  EXPECT_EQ(world.decision(world.inventory.all_evidence().begin()->second.evidence).reason,
            Rejection::wrong_subject);
}

TEST_F(ManyImages, ThatRunAreJoinedOneByOne) {
  std::vector<ContainerObservation> containers;
  for (unsigned number = 0; number < count; ++number) {
    containers.push_back(container("c" + std::to_string(number), {digest(0x200000 + number)}));
  }
  world.run(containers);
  add_all();
  EXPECT_EQ(world.verdict("c77"), Verdict::never_scanned);
  world.run(std::vector<ContainerObservation>(containers.begin(), containers.begin() + count / 2));
  world.conclude();
  EXPECT_EQ(world.inventory.containers().size(), count / 2);
}

TEST_F(ManyImages, ThatFailAreCountedEachTime) {
  add_all();
  double share = 0;
  for (unsigned number = 0; number < count; ++number) {
    world.inventory.note_evidence_failed(app, manifest(number), "timeout", world.now);
    share = world.inventory.unreadable_share("prod");
  }
  EXPECT_DOUBLE_EQ(share, 1);
}

TEST_F(ManyImages, UnderOneIndexMoveWithTheirTag) {
  std::vector<ManifestChild> children;
  for (unsigned number = 0; number < 300; ++number) {
    world.add(image(manifest(number), digest(0x200000 + number)));
    children.push_back(entry(manifest(number)));
  }
  world.add(index(digest(1), children));
  for (const std::string tag : {"a", "b", "c"}) {
    world.tag(tag, digest(1));
  }
  world.collect(scan_of(0x300000, {digest(1)}));
  world.conclude();
  EXPECT_TRUE(world.record(manifest(0)).platform_unproven);
  EXPECT_EQ(world.location(manifest(9)).tags.size(), 3U);
}

TEST(ManyTags, OfOneRepositoryMoveOneByOne) {
  const double started = processor_seconds();
  World world;
  world.add(image(digest(1), digest(2)));
  world.add(image(digest(3), digest(4)));
  for (const Digest& target : {digest(1), digest(3)}) {
    for (unsigned number = 0; number < 5000; ++number) {
      world.add(image(digest(0x500000 + number), digest(0x600000 + number)));
      world.tag("build-" + std::to_string(number), digest(0x500000 + number));
      world.conclude();
      world.tag("build-" + std::to_string(number), number % 100 == 0 ? target : digest(5));
    }
  }
  world.conclude();
  EXPECT_EQ(world.location(digest(3)).tags.size(), 50U);
  EXPECT_LT(processor_seconds() - started, budget_seconds);
}

}  // namespace
}  // namespace scanclock
