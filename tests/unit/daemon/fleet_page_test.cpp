#include "daemon/pages/fleet_page.hpp"

#include "daemon/pages/image_page.hpp"
#include "tests/support/alert_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanclock {
namespace {

using testing::HasSubstr;
using testing::Not;

class StatusPage : public testing::Test {
 protected:
  std::string page() {
    world.reevaluate();
    const std::vector<Alert> alerts;
    const std::string storage_failure;
    const StatusInput input{world.inventory, world.sources, alerts, storage_failure, world.now};
    return render_status_page(input);
  }

  void show(ContainerObservation container) {
    world.observe("host-a", {std::move(container)});
    world.sources.answered("host-a", 1, world.now);
  }

  AlertWorld world;
};

TEST_F(StatusPage, SaysThatAViewIsPartial) {
  world.sources.describe("host-a", "kubernetes");
  world.sources.answered("host-a", 1, world.now);
  EXPECT_THAT(page(), Not(HasSubstr("partial view")));
  world.sources.limit_view("host-a", std::set<std::string>{"pay", "<web>"});
  world.sources.note_limits("host-a", "nodes: forbidden");
  const std::string shown = page();
  EXPECT_THAT(shown, HasSubstr("partial view, only &lt;web&gt; pay; nodes: forbidden"));
  EXPECT_THAT(shown, HasSubstr("<td>kubernetes</td>"));
}

TEST_F(StatusPage, ShowsWhatARuntimePrintedAndWhatIsAssumed) {
  world.add_image('a');
  ContainerObservation container = world.container('a', "c1");
  container.image_id = "docker-pullable://<script>";
  show(container);
  EXPECT_THAT(page(), HasSubstr("docker-pullable://&lt;script&gt;"));
  EXPECT_THAT(page(), Not(HasSubstr("assumed:")));
  container.id = "c2";
  container.assumed = true;
  world.observe("host-b", {container});
  EXPECT_THAT(page(), HasSubstr("assumed:"));
}

TEST_F(StatusPage, KeepsTheVerdictOfASourceThatFailsAndSaysThatNobodyLooks) {
  world.add_image('a');
  show(world.container('a', "c1"));
  EXPECT_THAT(page(), Not(HasSubstr("source not observed")));
  world.sources.failed("host-a", "timeout", "no answer", world.now);
  const std::string shown = page();
  EXPECT_THAT(shown, HasSubstr("source not observed: timeout"));
  EXPECT_THAT(shown, HasSubstr("never_scanned"));
}

}  // namespace
}  // namespace scanclock
