#include "tests/unit/alerts/rules_fixture.hpp"

#include <gmock/gmock.h>

namespace scanclock::alerts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct StartCase {
  const char* name;
  /// Age of the only scan; negative: never scanned.
  int age_days;
  bool running;
  const char* namespace_name;
  AlertOn alert_on;
  std::string rule;
  Severity severity;
};

class ImageRuleStarts : public testing::TestWithParam<StartCase> {};

TEST_P(ImageRuleStarts, AsTheContractSays) {
  const StartCase& given = GetParam();
  Scope scope = AlertWorld::default_scope();
  scope.policies[0].policy.alert_on = given.alert_on;
  scope.policies[0].policy.match.environments = {"*"};
  Episode episode(scope);
  AlertWorld& world = episode.world;
  world.add_image('a');
  world.add_image('b');
  world.scan('b', world.now);
  if (given.age_days >= 0) {
    world.scan('a', world.now - days(given.age_days) - seconds(1));
  }
  std::vector<ContainerObservation> containers{world.container('b', "c-b")};
  if (given.running) {
    containers.push_back(world.container('a', "c-a"));
    containers.back().namespace_name = given.namespace_name;
  }
  world.observe("host-a", containers);
  world.now += minutes(1);

  const ChangeSet changes = episode.evaluate();

  if (given.rule.empty()) {
    EXPECT_THAT(episode.open_rules(), IsEmpty());
    return;
  }
  EXPECT_THAT(Episode::heard(changes), ElementsAre(given.rule + ":firing"));
  EXPECT_EQ(changes.alerts.at(0).severity, given.severity);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ImageRuleStarts,
    testing::Values(
        StartCase{"Fresh", 5, true, "web", AlertOn::running, "", Severity::none},
        StartCase{"JustBeforeTheFirstStage", 22, true, "web", AlertOn::running, "", Severity::none},
        StartCase{"FirstStage", 23, true, "web", AlertOn::running, "ScanclockScanDueSoon",
                  Severity::warning},
        StartCase{"LastStage", 29, true, "web", AlertOn::running, "ScanclockScanDueSoon",
                  Severity::warning},
        StartCase{"Overdue", 30, true, "web", AlertOn::running, "ScanclockScanOverdue",
                  Severity::critical},
        StartCase{"OverdueOutsideProduction", 30, true, "dev-1", AlertOn::running,
                  "ScanclockScanOverdue", Severity::warning},
        StartCase{"OverdueInAnExcludedNamespace", 30, true, "kube-system", AlertOn::running, "",
                  Severity::none},
        StartCase{"OverdueInAnExcludedNamespaceOfTheRegistry", 30, true, "kube-system",
                  AlertOn::registry, "", Severity::none},
        StartCase{"OverdueNotRunning", 30, false, "", AlertOn::running, "", Severity::none},
        StartCase{"OverdueNotRunningButRegistryAlerts", 30, false, "", AlertOn::registry,
                  "ScanclockScanOverdue", Severity::warning},
        StartCase{"NeverScanned", -1, true, "web", AlertOn::running, "ScanclockNeverScanned",
                  Severity::critical},
        StartCase{"NeverScannedOutsideProduction", -1, true, "dev-1", AlertOn::running,
                  "ScanclockNeverScanned", Severity::warning},
        StartCase{"NeverScannedNotRunning", -1, false, "", AlertOn::running, "", Severity::none},
        StartCase{"NeverScannedNotRunningButRegistryAlerts", -1, false, "", AlertOn::registry,
                  "ScanclockNeverScanned", Severity::warning}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ImageRules, APolicyThatDoesNotBindTheImageAlertsAboutNothing) {
  Scope scope = AlertWorld::default_scope();
  scope.policies[0].policy.match.repositories = {"other/**"};
  Episode episode(scope);
  episode.world.add_image('a');
  episode.world.run("a");
  episode.evaluate();
  EXPECT_THAT(episode.open_rules(), IsEmpty());
}

TEST(ImageRules, AreOneAlertForEveryUniqueImageAndPolicyAndNeverOneForEveryContainer) {
  Scope scope = AlertWorld::default_scope();
  scope.policies.push_back(scope.policies[0]);
  scope.policies[1].policy.name = "strict";
  Episode episode(scope);
  AlertWorld& world = episode.world;
  world.add_image('a');
  world.observe("host-a", {world.container('a', "c-1"), world.container('a', "c-2")});
  episode.evaluate();
  EXPECT_THAT(episode.open_rules(), ElementsAre("ScanclockNeverScanned", "ScanclockNeverScanned"));
}

TEST(ImageRules, CarryTheIdentityLabelsOfTheContract) {
  Episode episode;
  episode.world.add_image('a');
  episode.world.run("a");
  episode.evaluate();
  const std::map<std::string, std::string> expected{{"alertname", "ScanclockNeverScanned"},
                                                    {"digest", AlertWorld::digest('a').str()},
                                                    {"environment", "production"},
                                                    {"owner", "payments"},
                                                    {"policy", "fedramp-30d"},
                                                    {"severity", "critical"}};
  const Alert* alert = episode.find(rule_never_scanned, 'a');
  ASSERT_NE(alert, nullptr);
  EXPECT_EQ(alert->labels, expected);
  EXPECT_EQ(alert->annotations.at("contact"), "#pay-oncall");
  EXPECT_EQ(alert->annotations.at("runbook_url"),
            "https://scanclock.example/runbook#scanclockneverscanned");
  EXPECT_EQ(alert->annotations.at("image"), "registry.example/team/app:1.a");
}

TEST(NeverScanned, IsNotSaidBeforeEveryEvidenceSourceHasAnswered) {
  Episode episode;
  AlertWorld& world = episode.world;
  world.add_image('b');
  world.scan('b', world.now);
  Manifest manifest;
  manifest.digest = AlertWorld::digest('a');
  world.inventory.add_manifest(AlertWorld::key(), manifest, world.now);
  world.run("ab");
  EXPECT_THAT(Episode::heard(episode.evaluate()), IsEmpty());
  EXPECT_THAT(Episode::heard(episode.pass(hours(1))), IsEmpty());
  world.evidence_answered('a');
  EXPECT_THAT(Episode::heard(episode.evaluate()), ElementsAre("ScanclockNeverScanned:firing"));
  EXPECT_FALSE(episode.find(rule_never_scanned, 'a')->annotations.contains("observation"));
}

TEST(NeverScanned, IsHeldForTwoCyclesAtMostAndThenFiredAsNotObservable) {
  Episode episode;
  AlertWorld& world = episode.world;
  world.add_image('a');
  world.evidence_failed('a', "timeout");
  world.run("a");
  EXPECT_THAT(Episode::heard(episode.pass(hours(2) - seconds(1))), IsEmpty());
  EXPECT_EQ(episode.evaluator.next_change_at(), world.now + seconds(1));
  EXPECT_THAT(Episode::heard(episode.pass(seconds(1))),
              ElementsAre("ScanclockNeverScanned:firing"));
  EXPECT_THAT(episode.find(rule_never_scanned, 'a')->annotations.at("observation"),
              HasSubstr("evidence not observable"));
}

TEST(NeverScanned, IsHeldFromTheMomentTheImageIsKnownNotFromItsContainersStart) {
  Episode episode;
  AlertWorld& world = episode.world;
  Manifest manifest;
  manifest.digest = AlertWorld::digest('a');
  world.inventory.add_manifest(AlertWorld::key(), manifest, world.now);
  ContainerObservation container = world.container('a', "c-a");
  container.started_at = world.now - days(10);
  world.observe("host-a", {container});
  EXPECT_THAT(Episode::heard(episode.pass(hours(2) - seconds(1))), IsEmpty());
  EXPECT_THAT(Episode::heard(episode.pass(seconds(1))),
              ElementsAre("ScanclockNeverScanned:firing"));
}

TEST(ScanOverdue, FiresAtTheDeadlineAlthoughTheSourceIsBlindAndSaysSo) {
  Episode episode;
  AlertWorld& world = episode.world;
  world.add_image('a');
  world.scan('a', world.now - days(30) + hours(2));
  world.run("a");
  episode.evaluate();
  world.evidence_failed('a', "timeout");
  const ChangeSet changes = episode.pass(hours(2) + seconds(1));
  const Texts heard = Episode::heard(changes);
  EXPECT_EQ(heard.back(), "ScanclockScanOverdue:firing");
  EXPECT_THAT(episode.find(rule_scan_overdue, 'a')->annotations.at("observation"),
              HasSubstr("timeout"));
}

TEST(ScanDueSoon, RisesThroughItsStagesAndIsSupersededInTheStepThatOpensOverdue) {
  Episode episode;
  AlertWorld& world = episode.world;
  world.add_image('a');
  world.scan('a', world.now - days(20));
  world.run("a");
  EXPECT_THAT(Episode::heard(episode.evaluate()), IsEmpty());
  // Without repeats, to see the stages alone.
  EvaluatorOptions options = episode.options;
  Route route;
  route.receivers = {"oncall"};
  route.repeat_every = days(365);
  options.routes = {route};
  episode.evaluator.configure(options);
  const ChangeSet changes = episode.pass(days(10) + seconds(1));
  EXPECT_THAT(
      Episode::heard(changes),
      ElementsAre("ScanclockScanDueSoon:firing", "ScanclockScanDueSoon:updated",
                  "ScanclockScanDueSoon:updated", "ScanclockScanDueSoon:resolved:superseded",
                  "ScanclockScanOverdue:firing"));
  const OutboxMessage& superseded = changes.messages.at(3);
  EXPECT_EQ(superseded.type, "scanclock.alert.updated");
  EXPECT_EQ(superseded.created_at, changes.messages.at(4).created_at);
  EXPECT_NE(superseded.alert_id, changes.messages.at(4).alert_id);
}

struct PlatformCase {
  const char* name;
  AlertOn alert_on;
  /// Whether the other platform of the index runs.
  bool sibling_runs;
  std::vector<Platform> listed;
  bool alerts;
};

class UndeployedPlatform : public testing::TestWithParam<PlatformCase> {};

/// Image b is arm64 and never scanned; image a is amd64, scanned, of the same index.
TEST_P(UndeployedPlatform, RaisesNothingUnlessListed) {
  const PlatformCase& given = GetParam();
  Scope scope = AlertWorld::default_scope();
  scope.policies[0].policy.alert_on = given.alert_on;
  scope.policies[0].policy.platforms = given.listed;
  Episode episode(scope);
  AlertWorld& world = episode.world;
  world.add_image('a');
  Manifest arm;
  arm.digest = AlertWorld::digest('b');
  arm.config = AlertWorld::digest('c');
  arm.config_identifies = true;
  arm.platform = *parse_platform("linux/arm64");
  world.inventory.add_manifest(AlertWorld::key(), arm, world.now);
  Manifest index;
  index.kind = ManifestKind::index;
  index.digest = AlertWorld::digest('d');
  index.children = {{AlertWorld::digest('a'), *parse_platform("linux/amd64"), true},
                    {AlertWorld::digest('b'), *parse_platform("linux/arm64"), true}};
  world.inventory.add_manifest(AlertWorld::key(), index, world.now);
  world.evidence_answered('b');
  world.evidence_answered('d');
  world.scan('a', world.now);
  world.run(given.sibling_runs ? "a" : "");
  world.now += minutes(1);
  episode.evaluate();
  EXPECT_EQ(!episode.open_rules().empty(), given.alerts);
}

INSTANTIATE_TEST_SUITE_P(
    Table, UndeployedPlatform,
    testing::Values(
        PlatformCase{"OfADeployedIndex", AlertOn::running, true, {}, false},
        PlatformCase{"OfADeployedIndexInTheRegistry", AlertOn::registry, true, {}, false},
        PlatformCase{"OfAnIndexNobodyDeploys", AlertOn::registry, false, {}, true},
        PlatformCase{"Listed", AlertOn::running, true, {{"linux", "arm64", "", ""}}, true},
        PlatformCase{
            "ListedInTheRegistry", AlertOn::registry, true, {{"linux", "arm64", "", ""}}, true},
        PlatformCase{"ListedButNothingIsDeployed",
                     AlertOn::running,
                     false,
                     {{"linux", "arm64", "", ""}},
                     false}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace scanclock::alerts
