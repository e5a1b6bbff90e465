#include "daemon/pages/page_walks.hpp"

#include "tests/support/run_coroutine.hpp"
#include "tests/unit/daemon/pages/page_world.hpp"

#include <boost/asio/io_context.hpp>

namespace scanclock {
namespace {

class PageWalks : public PageTest {
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

TEST_F(PageWalks, LeaveTheThreadToOthersAndSeeEveryContainerOnce) {
  world.add_image('a');
  run_many("host-a", walk_containers_at_once + 500);
  int visited = 0;
  int seen_by_another = 0;
  const auto visit = [&](const ContainerRecord&) {
    if (++visited == 1) {
      asio::post(io, [&] { seen_by_another = visited; });
    }
  };
  run(io, clock, walk_containers(world.inventory, visit));
  EXPECT_EQ(visited, walk_containers_at_once + 500);
  EXPECT_EQ(seen_by_another, walk_containers_at_once) << "another came to its turn meanwhile";
}

TEST_F(PageWalks, GoOnBehindContainersThatEndDuringAPause) {
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
  run(io, clock, walk_containers(world.inventory, visit));
  EXPECT_EQ(of_a, walk_containers_at_once);
  EXPECT_EQ(of_b, 20);
}

TEST_F(PageWalks, SeeEveryImage) {
  for (const char letter : std::string("abcdef")) {
    world.add_image(letter);
  }
  int visited = 0;
  const auto visit = [&](const ImageRecord&) { ++visited; };
  run(io, clock, walk_images(world.inventory, visit));
  EXPECT_EQ(visited, 6);
}

}  // namespace
}  // namespace scanclock
