#include "tests/unit/alerts/rules_fixture.hpp"

#include <gmock/gmock.h>

namespace scanclock::alerts {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* stranger_host = "docker.io";

ContainerObservation stranger(const AlertWorld& world, const std::string& id,
                              const std::string& image) {
  ContainerObservation container = world.container('f', id);
  container.image = image;
  return container;
}

class UnmonitoredRegistry : public testing::Test {
 protected:
  UnmonitoredRegistry() {
    world.add_image('a');
    world.scan('a', world.now);
    world.observe("host-a", {world.container('a', "c-a")});
    EXPECT_THAT(Episode::heard(episode.evaluate()), IsEmpty());
  }

  void run_strangers() {
    world.observe("host-a", {world.container('a', "c-a"), stranger(world, "c-1", "nginx:1.25"),
                             stranger(world, "c-2", "docker.io/library/redis:7")});
  }

  Episode episode;
  AlertWorld& world = episode.world;
};

TEST_F(UnmonitoredRegistry, IsNamedOnceHoweverManyImagesRunFromIt) {
  run_strangers();
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              ElementsAre("ScanclockUnmonitoredRegistry:firing"));
  const Alert* alert = episode.find(rule_unmonitored_registry, stranger_host);
  ASSERT_NE(alert, nullptr);
  EXPECT_EQ(alert->severity, Severity::warning);
  EXPECT_EQ(alert->labels.at("registry"), stranger_host);
  EXPECT_EQ(alert->environment, "production");
  EXPECT_THAT(alert->annotations.at("description"), HasSubstr("2 images"));
  EXPECT_THAT(alert->annotations.at("runbook_url"), HasSubstr("#scanclockunmonitoredregistry"));
  EXPECT_EQ(unmonitored_from(world.inventory, stranger_host).size(), 2U);
}

TEST_F(UnmonitoredRegistry, EndsAsMonitoredWhenTheSettingsNameIt) {
  run_strangers();
  episode.evaluate();
  Scope scope = AlertWorld::default_scope();
  RegistryScope hub;
  hub.name = "hub";
  hub.host = stranger_host;
  scope.registries.push_back(hub);
  world.inventory.set_scope(scope, world.now);
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              Contains("ScanclockUnmonitoredRegistry:resolved:monitored"));
}

TEST_F(UnmonitoredRegistry, EndsAsMonitoredWhenTheContentIsKnownFromAMonitoredOne) {
  world.observe("host-a", {world.container('a', "c-a"), stranger(world, "c-1", "nginx:1.25")});
  episode.evaluate();
  world.add_image('f');
  world.scan('f', world.now);
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              Contains("ScanclockUnmonitoredRegistry:resolved:monitored"));
}

TEST_F(UnmonitoredRegistry, EndsAsNotRunningInACompleteViewAfterTenMinutes) {
  run_strangers();
  episode.evaluate();
  world.observe("host-a", {world.container('a', "c-a")});
  EXPECT_THAT(Episode::heard(episode.pass(minutes(10) - seconds(1))), IsEmpty());
  EXPECT_THAT(Episode::heard(episode.pass(seconds(1))),
              Contains("ScanclockUnmonitoredRegistry:resolved:not_running"));
}

TEST_F(UnmonitoredRegistry, DoesNotEndWhileTheHostDoesNotAnswer) {
  run_strangers();
  episode.evaluate();
  world.observe("host-a", {world.container('a', "c-a")});
  world.sources.failed("host-a", "timeout", "", world.now);
  EXPECT_THAT(Episode::heard(episode.pass(minutes(30))),
              Not(Contains("ScanclockUnmonitoredRegistry:resolved:not_running")));
}

TEST_F(UnmonitoredRegistry, IsNotSaidOfIgnoredImagesNorOfWhatWasBuiltOnTheHost) {
  ContainerObservation system = stranger(world, "c-2", "nginx:1.25");
  system.namespace_name = "kube-system";
  world.observe("host-a",
                {world.container('a', "c-a"), stranger(world, "c-1", "other.example/pause:3"),
                 system, stranger(world, "c-3", "localhost/built:1")});
  EXPECT_THAT(Episode::heard(episode.evaluate()), IsEmpty());
}

TEST_F(UnmonitoredRegistry, IsRememberedByARestart) {
  run_strangers();
  episode.evaluate();
  Evaluator restarted(episode.options, [] { return std::string("new"); });
  Snapshot snapshot;
  snapshot.alerts = episode.evaluator.book().open();
  restarted.restore(snapshot);
  EXPECT_THAT(
      Episode::heard(restarted.evaluate(world.inventory, world.sources, Touched(), {}, world.now)),
      IsEmpty());
}

class RanBeforeScan : public testing::Test {
 protected:
  /// The image `b` came in while the registry was monitored.
  RanBeforeScan() {
    world.add_image('a');
    world.inventory.keep_tags(AlertWorld::key(), {"1.a"}, world.now);
    world.add_image('b');
    world.inventory.keep_tags(AlertWorld::key(), {"1.a", "1.b"}, world.now);
    world.scan('a', world.now);
  }

  Episode episode;
  AlertWorld& world = episode.world;
};

TEST_F(RanBeforeScan, StartsWithTheFirstScanAndEndsADayLater) {
  ASSERT_NE(world.inventory.image(AlertWorld::digest('b'))->locations.begin()->second.entry_basis,
            EntryBasis::initial);
  world.run("ab");
  episode.pass(hours(1));
  world.scan('b', world.now);
  EXPECT_THAT(Episode::heard(episode.evaluate()), Contains("ScanclockRanBeforeScan:firing"));
  const Alert* alert = episode.find(rule_ran_before_scan, 'b');
  ASSERT_NE(alert, nullptr);
  EXPECT_EQ(alert->severity, Severity::warning);
  EXPECT_THAT(alert->annotations.at("description"), HasSubstr("first ran at"));
  EXPECT_THAT(Episode::heard(episode.pass(hours(24) - seconds(1))),
              Not(Contains("ScanclockRanBeforeScan:resolved:expired")));
  EXPECT_THAT(Episode::heard(episode.pass(seconds(1))),
              Contains("ScanclockRanBeforeScan:resolved:expired"));
}

TEST_F(RanBeforeScan, IsNotSaidOfAnImageThatWasScannedFirst) {
  world.scan('b', world.now);
  world.now += seconds(1);
  world.run("ab");
  EXPECT_THAT(Episode::heard(episode.pass(hours(1))), IsEmpty());
}

TEST_F(RanBeforeScan, IsNotSaidOfAnImageThatWasThereBefore) {
  Episode fresh;
  fresh.world.add_image('a');
  fresh.world.run("a");
  fresh.pass(minutes(1));
  fresh.world.scan('a', fresh.world.now);
  EXPECT_THAT(Episode::heard(fresh.evaluate()), Not(Contains("ScanclockRanBeforeScan:firing")))
      << "scans before monitoring began may have been replaced";
}

TEST_F(RanBeforeScan, EndsWhenAnOlderScanComesIn) {
  world.run("ab");
  episode.pass(hours(1));
  world.scan('b', world.now);
  episode.evaluate();
  world.now += minutes(1);
  world.scan('b', world.now - hours(5));
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              Contains("ScanclockRanBeforeScan:resolved:scanned"));
}

}  // namespace
}  // namespace scanclock::alerts
