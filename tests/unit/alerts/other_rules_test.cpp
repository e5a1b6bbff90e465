#include "tests/unit/alerts/rules_fixture.hpp"

#include <gmock/gmock.h>

namespace scanclock::alerts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* foreign = "registry.example/other/tool:1";

class ImageUnresolved : public testing::Test {
 protected:
  ImageUnresolved() {
    world.add_image('a');
    world.scan('a', world.now);
    EXPECT_THAT(Episode::heard(episode.evaluate()), IsEmpty());
  }

  /// A container of an image that no registry knows, and one that is fine.
  void run_foreign() {
    ContainerObservation unknown = world.container('f', "c-f");
    unknown.image = foreign;
    world.observe("host-a", {world.container('a', "c-a"), unknown});
  }

  Episode episode;
  AlertWorld& world = episode.world;
};

TEST_F(ImageUnresolved, StartsAfterFiveMinutes) {
  run_foreign();
  EXPECT_THAT(Episode::heard(episode.pass(minutes(5) - seconds(1))), IsEmpty());
  EXPECT_THAT(Episode::heard(episode.pass(seconds(1))),
              ElementsAre("ScanclockImageUnresolved:firing"));
  const Alert* alert = episode.find(rule_image_unresolved, foreign);
  ASSERT_NE(alert, nullptr);
  EXPECT_EQ(alert->severity, Severity::warning);
  EXPECT_EQ(alert->labels.at("image"), foreign);
}

TEST_F(ImageUnresolved, IsOneAlertForAllContainersOfAReference) {
  ContainerObservation one = world.container('f', "c-1");
  one.image = foreign;
  ContainerObservation two = one;
  two.id = "c-2";
  world.observe("host-a", {one, two});
  EXPECT_THAT(Episode::heard(episode.pass(minutes(6))),
              ElementsAre("ScanclockImageUnresolved:firing"));
}

TEST_F(ImageUnresolved, EndsAsResolvedWhenTheImageIsFound) {
  run_foreign();
  episode.pass(minutes(5));
  world.add_image('f');
  world.scan('f', world.now);
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              ElementsAre("ScanclockImageUnresolved:resolved:resolved"));
}

TEST_F(ImageUnresolved, EndsAsNotRunningTenMinutesAfterTheLastContainer) {
  run_foreign();
  episode.pass(minutes(5));
  world.run("a");
  EXPECT_THAT(Episode::heard(episode.pass(minutes(10) - seconds(1))), IsEmpty());
  EXPECT_THAT(Episode::heard(episode.pass(seconds(1))),
              ElementsAre("ScanclockImageUnresolved:resolved:not_running"));
}

TEST_F(ImageUnresolved, DoesNotEndWhileTheHostDoesNotAnswer) {
  run_foreign();
  episode.pass(minutes(5));
  world.run("a");
  world.sources.failed("host-a", "timeout", "", world.now);
  EXPECT_THAT(Episode::heard(episode.pass(minutes(30))),
              ElementsAre("ScanclockSourceBlind:firing"));
}

TEST_F(ImageUnresolved, NeverStartsForIgnoredImagesAndExcludedNamespaces) {
  ContainerObservation pause = world.container('f', "c-1");
  pause.image = "other.example/pause:3";
  ContainerObservation system = world.container('f', "c-2");
  system.image = foreign;
  system.namespace_name = "kube-system";
  world.observe("host-a", {world.container('a', "c-a"), pause, system});
  EXPECT_THAT(Episode::heard(episode.pass(hours(1))), IsEmpty());
}

TEST(SourceBlind, StartsAfterBlindAfterAndEndsAsAnswered) {
  Episode episode;
  AlertWorld& world = episode.world;
  episode.evaluate();
  world.sources.failed("prod", "unauthorized", "GET /v2/ answered 401", world.now);
  episode.evaluate();
  EXPECT_EQ(episode.evaluator.next_change_at(), world.now + minutes(30));
  EXPECT_THAT(Episode::heard(episode.pass(minutes(30) - seconds(1))), IsEmpty());
  EXPECT_THAT(Episode::heard(episode.pass(seconds(1))), ElementsAre("ScanclockSourceBlind:firing"));
  const Alert* alert = episode.find(rule_source_blind, "prod");
  ASSERT_NE(alert, nullptr);
  EXPECT_EQ(alert->labels.at("source"), "prod");
  EXPECT_EQ(alert->annotations.at("reason"), "unauthorized");
  EXPECT_THAT(alert->annotations.at("description"), HasSubstr("401"));
  world.sources.answered("prod", 3, world.now + minutes(1));
  EXPECT_THAT(Episode::heard(episode.pass(minutes(2))),
              ElementsAre("ScanclockSourceBlind:resolved:answered"));
}

TEST(SourceBlind, IsNotAnsweredByARestart) {
  Episode episode;
  AlertWorld& world = episode.world;
  world.sources.failed("prod", "timeout", "", world.now);
  episode.pass(minutes(31));
  SourceBook fresh;
  fresh.configure("prod", SourceKind::registry, minutes(30), world.now);
  fresh.configure("host-a", SourceKind::workload, minutes(10), world.now);
  Evaluator restarted(episode.options, [] { return std::string("new"); });
  Snapshot snapshot;
  snapshot.alerts = episode.evaluator.book().open();
  restarted.restore(snapshot);
  EXPECT_THAT(Episode::heard(restarted.evaluate(world.inventory, fresh, Touched(), {}, world.now)),
              IsEmpty());
  EXPECT_EQ(restarted.book().open_count(), 1u);
}

TEST(EvidenceRejected, StartsForFutureDatedEvidenceAndEndsADayAfterItWasSeen) {
  Episode episode;
  AlertWorld& world = episode.world;
  world.add_image('a');
  world.scan('a', world.now - days(1));
  const Digest evidence = world.scan('a', world.now + hours(1));
  EXPECT_THAT(Episode::heard(episode.evaluate()), ElementsAre("ScanclockEvidenceRejected:firing"));
  const Alert* alert = episode.find(rule_evidence_rejected, evidence.str());
  ASSERT_NE(alert, nullptr);
  EXPECT_EQ(alert->annotations.at("reason"), "future_dated");
  EXPECT_EQ(alert->annotations.at("image_digest"), AlertWorld::digest('a').str());
  const ChangeSet changes = episode.pass(hours(24));
  EXPECT_EQ(Episode::heard(changes).back(), "ScanclockEvidenceRejected:resolved:expired");
}

TEST(EvidenceRejected, StartsForEvidenceAboutAnotherImage) {
  Episode episode;
  AlertWorld& world = episode.world;
  world.add_image('a');
  world.add_image('b');
  world.add_evidence('a', world.now, {AlertWorld::digest('b')});
  EXPECT_THAT(Episode::heard(episode.evaluate()), ElementsAre("ScanclockEvidenceRejected:firing"));
}

SigningKey key_of_the_team() {
  SigningKey key;
  key.name = "ci";
  key.fingerprint = "sha256:0123456789abcdef";
  key.repositories = {"team/**"};
  return key;
}

/// Attached to the image `a`, and no key of its place verifies it.
Evidence forged_evidence(const AlertWorld& world) {
  Evidence evidence;
  evidence.digest = AlertWorld::digest('f');
  evidence.source = AlertWorld::key().registry;
  evidence.repository = AlertWorld::key().repository;
  evidence.origin = EvidenceOrigin::referrer;
  evidence.trust = Trust::unsigned_;
  evidence.attached_to = AlertWorld::digest('a');
  evidence.collected_at = world.now;
  evidence.signature = SignatureState::failed;
  evidence.signature_detail = "no signature verifies with ci";
  evidence.report.format = "cosign-vuln";
  evidence.report.finished_at = world.now;
  evidence.report.subjects = {AlertWorld::digest('a')};
  return evidence;
}

TEST(EvidenceRejected, StartsForASignatureThatNoKeyOfItsPlaceVerifies) {
  Scope scope = AlertWorld::default_scope();
  scope.keys = {key_of_the_team()};
  Episode episode(std::move(scope));
  AlertWorld& world = episode.world;
  world.add_image('a');
  world.scan('a', world.now - days(1));
  world.inventory.add_evidence(forged_evidence(world), "{}", world.now);
  EXPECT_THAT(Episode::heard(episode.evaluate()), ElementsAre("ScanclockEvidenceRejected:firing"));
  const Alert* alert = episode.find(rule_evidence_rejected, 'f');
  ASSERT_NE(alert, nullptr);
  EXPECT_EQ(alert->annotations.at("reason"), "bad_signature");
  EXPECT_NE(alert->annotations.at("description").find("no signature verifies with ci"),
            std::string::npos);
  const ChangeSet changes = episode.pass(hours(24));
  EXPECT_EQ(Episode::heard(changes).back(), "ScanclockEvidenceRejected:resolved:expired");
}

TEST(EvidenceRejected, EndsWhenAKeyOfTheSettingsTurnsOutToVerifyIt) {
  Scope scope = AlertWorld::default_scope();
  scope.keys = {key_of_the_team()};
  Episode episode(std::move(scope));
  AlertWorld& world = episode.world;
  world.add_image('a');
  world.scan('a', world.now - days(1));
  world.inventory.add_evidence(forged_evidence(world), "{}", world.now);
  episode.evaluate();
  Evidence verified = forged_evidence(world);
  verified.trust = Trust::signed_;
  verified.signature = SignatureState::verified;
  verified.signature_detail = label_of(key_of_the_team());
  world.inventory.add_evidence(verified, "{}", world.now);
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              ElementsAre("ScanclockEvidenceRejected:resolved:policy"));
}

TEST(EvidenceRejected, DoesNotStartForEvidenceThatIsMerelyOld) {
  Episode episode;
  episode.world.add_image('a');
  episode.world.scan('a', episode.world.now - days(400));
  EXPECT_THAT(Episode::heard(episode.evaluate()), IsEmpty());
}

TEST(EvidenceRejected, IsNotSaidAgainByARestartADayLater) {
  Episode episode;
  episode.world.add_image('a');
  episode.world.scan('a', episode.world.now + hours(1));
  episode.pass(hours(30));
  Evaluator restarted(episode.options, [] { return std::string("new"); });
  EXPECT_THAT(Episode::heard(restarted.evaluate(episode.world.inventory, episode.world.sources,
                                                Touched(), {}, episode.world.now)),
              IsEmpty());
}

TEST(RuleTexts, GiveEveryRuleAMeaningAndARemedy) {
  for (const RuleText& text : rule_texts()) {
    EXPECT_FALSE(text.meaning.empty()) << text.rule;
    EXPECT_FALSE(text.remediation.empty()) << text.rule;
  }
  EXPECT_EQ(rule_texts().size(), 11u);
}

}  // namespace
}  // namespace scanclock::alerts
