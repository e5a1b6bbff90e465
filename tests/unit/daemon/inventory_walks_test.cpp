#include "daemon/inventory_walks.hpp"

#include "tests/support/run_coroutine.hpp"
#include "tests/unit/daemon/pages/page_world.hpp"

#include <boost/asio/io_context.hpp>

namespace scanclock {
namespace {

class InventoryWalks : public PageTest {
 protected:
  void run_many(const std::string& source, int count) {
    std::vector<ContainerObservation> observed;
    for (int index = 0; index < count; ++index) {
      observed.push_back(world.container('a', source + "-" + std::to_string(100'000 + index)));
    }
    world.observe(source, observed);
    world.reevaluate();
  }

  asio::io_context io{1};
  SimClock clock;
};

TEST_F(InventoryWalks, LeaveTheThreadToOthersAndSeeEveryContainerOnce) {
  world.add_image('a');
  run_many("host-a", walk_containers_at_once + 500);
  int visited = 0;
  int seen_by_another = 0;
  const auto visit = [&](const ContainerRecord&) {
    if (++visited == 1) {
      asio::post(io, [&] { seen_by_another = visited; });
    }
  };
  run(io, clock, walk_containers(world.inventory, std::nullopt, visit));
  EXPECT_EQ(visited, walk_containers_at_once + 500);
  EXPECT_EQ(seen_by_another, walk_containers_at_once) << "another came to its turn meanwhile";
}

TEST_F(InventoryWalks, GoOnBehindContainersThatEndDuringAPause) {
  world.add_image('a');
  run_many("host-a", walk_containers_at_once + 500);
  run_many("host-b", 20);
  int of_a = 0;
  int of_b = 0;
  const auto visit = [&](const ContainerRecord& container) {
    (container.source() == "host-a" ? of_a : of_b) += 1;
    if (of_a == 1 && of_b == 0) {
      asio::post(io, [&] {
        world.inventory.end_source("host-a", world.now);
        world.reevaluate();
      });
    }
  };
  run(io, clock, walk_containers(world.inventory, std::nullopt, visit));
  EXPECT_EQ(of_a, walk_containers_at_once);
  EXPECT_EQ(of_b, 20);
}

TEST_F(InventoryWalks, SeeEveryImage) {
  for (const char letter : std::string("abcdef")) {
    world.add_image(letter);
  }
  int visited = 0;
  const auto visit = [&](const ImageRecord&) { ++visited; };
  run(io, clock, walk_images(world.inventory, std::nullopt, visit));
  EXPECT_EQ(visited, 6);
}

TEST_F(InventoryWalks, BeginBehindAKeyAndEndWhereTheVisitorSays) {
  for (const char letter : std::string("abcdef")) {
    world.add_image(letter);
  }
  std::string seen;
  const auto visit = [&](const ImageRecord& image) {
    seen += image.digest.hex().front();
    WalkStep step;
    step.is_last = seen.size() == 2;
    return step;
  };
  run(io, clock, walk_images(world.inventory, AlertWorld::digest('b'), visit));
  EXPECT_EQ(seen, "cd");
  run_many("host-a", 3);
  seen.clear();
  const auto note = [&](const ContainerRecord& container) { seen += container.id.str() + " "; };
  const ContainerKey after{"host-a", ContainerId("host-a-100000")};
  run(io, clock, walk_containers(world.inventory, after, note));
  EXPECT_EQ(seen, "host-a-100001 host-a-100002 ");
}

TEST_F(InventoryWalks, PauseTheSoonerTheMoreAVisitCosts) {
  world.add_image('a');
  run_many("host-a", 300);
  int visited = 0;
  int seen_by_another = 0;
  const auto visit = [&](const ContainerRecord&) {
    if (++visited == 1) {
      asio::post(io, [&] { seen_by_another = visited; });
    }
    WalkStep step;
    step.cost = json_visits;
    return step;
  };
  run(io, clock, walk_containers(world.inventory, std::nullopt, visit));
  EXPECT_EQ(visited, 300);
  EXPECT_EQ(seen_by_another, walk_containers_at_once / json_visits);
}

}  // namespace
}  // namespace scanclock
