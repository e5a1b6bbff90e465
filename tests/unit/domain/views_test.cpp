#include "core/domain/views.hpp"

#include "tests/support/alert_world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

Location place(const std::string& registry, const std::string& repository,
               const std::string& environment, std::set<std::string> tags) {
  Location location;
  location.key = {registry, repository};
  location.host = registry + ".example";
  location.environment = environment;
  location.tags = std::move(tags);
  return location;
}

ImageRecord image_at(std::vector<Location> locations) {
  ImageRecord image;
  image.digest = AlertWorld::digest('a');
  for (Location& location : locations) {
    image.locations[location.key] = location;
  }
  return image;
}

TEST(AssetId, IsThePlaceInProductionAndItsLastTag) {
  const ImageRecord image = image_at({place("a", "team/app", "development", {"9"}),
                                      place("b", "team/app", "production", {"1.3", "1.4"}),
                                      place("c", "team/app", "production", {"2.0"})});
  EXPECT_EQ(asset_id(image), "b.example/team/app:1.4");
}

TEST(AssetId, IsTheShortDigestWhereThereIsNoTag) {
  EXPECT_EQ(asset_id(image_at({place("a", "team/app", "production", {})})),
            "a.example/team/app@sha256:aaaaaaaaaaaa");
  EXPECT_EQ(asset_id(image_at({})), "sha256:aaaaaaaaaaaa");
}

TEST(AssetId, IsARemovedPlaceOnlyWhenNoOtherIsLeft) {
  Location removed = place("a", "team/app", "production", {"1"});
  removed.removed_at = SimClock::default_start();
  EXPECT_EQ(asset_id(image_at({removed, place("b", "team/app", "development", {"2"})})),
            "b.example/team/app:2");
  EXPECT_EQ(asset_id(image_at({removed})), "a.example/team/app:1");
}

TEST(ImageJson, SaysNullForWhatIsNotKnown) {
  AlertWorld world;
  world.add_image('a');
  world.reevaluate();
  const auto json = image_json(world.inventory, *world.inventory.image(AlertWorld::digest('a')));
  EXPECT_EQ(json["state"], "never_scanned");
  for (const char* name :
       {"last_scan", "first_running_at", "first_scan_at", "scanned_before_first_run"}) {
    EXPECT_TRUE(json.contains(name) && json[name].is_null()) << name;
  }
  EXPECT_EQ(json["running"], false);
}

TEST(AlertJson, ShowsWhoWasNotified) {
  Alert alert;
  alert.id = "one";
  alert.key = {"ScanclockScanOverdue", "sha256:a", "fedramp-30d"};
  alert.firing = false;
  alert.resolved_reason = "scanned";
  alert.started_at = SimClock::default_start();
  alert.ended_at = SimClock::default_start() + std::chrono::minutes(1);
  DeliveryRecord record;
  record.alert_id = "one";
  record.receiver = "oncall";
  record.at = SimClock::default_start();
  record.attempts = 2;
  DeliveryRecord other = record;
  other.alert_id = "two";
  const auto json = alert_json(alert, {record, other});
  EXPECT_EQ(json["state"], "resolved");
  EXPECT_EQ(json["resolved_reason"], "scanned");
  EXPECT_EQ(json["ended_at"], "2026-11-01T12:01:00Z");
  ASSERT_EQ(json["notified"].size(), 1u);
  EXPECT_EQ(json["notified"][0]["receiver"], "oncall");
  EXPECT_EQ(json["notified"][0]["attempts"], 2);
  for (const char* name :
       {"id", "rule", "severity", "subject", "policy", "labels", "annotations", "started_at"}) {
    EXPECT_TRUE(json.contains(name)) << name;
  }
}

}  // namespace
}  // namespace scanclock
