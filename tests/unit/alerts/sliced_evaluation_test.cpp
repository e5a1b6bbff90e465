// One evaluation looks at a limited number of subjects; the rest waits for the next ones, and
// nobody is told of a part as if it were all.
#include "alerts/image_rules.hpp"
#include "tests/unit/alerts/rules_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>

namespace scanclock::alerts {
namespace {

constexpr int many = static_cast<int>(subjects_at_once) * 5 / 2;

Digest numbered(int kind, int number) {
  char text[72];
  std::snprintf(text, sizeof(text), "sha256:%032x%032x", kind, number);
  return Digest::from_trusted(text);
}

class ManyAlerts : public testing::Test {
 protected:
  /// Images that run and were never scanned.
  void run_unscanned() {
    std::vector<ContainerObservation> containers;
    for (int number = 0; number < many; ++number) {
      Manifest manifest;
      manifest.digest = numbered(1, number);
      manifest.config = numbered(2, number);
      manifest.config_identifies = true;
      manifest.platform.os = "linux";
      manifest.platform.architecture = "amd64";
      world.inventory.add_manifest(AlertWorld::key(), manifest, world.now);
      world.inventory.note_evidence_answered(AlertWorld::key(), manifest.digest, world.now);
      containers.push_back(world.container('a', "c" + std::to_string(number)));
      containers.back().digests = {manifest.digest};
    }
    world.observe("host-a", containers);
  }

  void scan(int number) {
    Evidence evidence;
    evidence.digest = numbered(3, number);
    evidence.source = "ci";
    evidence.trust = Trust::pushed;
    evidence.attached_to = numbered(1, number);
    evidence.repository = AlertWorld::key().repository;
    evidence.collected_at = world.now;
    evidence.report.format = "trivy-json";
    evidence.report.finished_at = world.now;
    evidence.report.subjects = {evidence.attached_to};
    world.inventory.add_evidence(std::move(evidence), "{}", world.now);
  }

  /// How many alerts began or ended in each evaluation, until nothing waits.
  std::vector<std::size_t> evaluate_all() {
    std::vector<std::size_t> counts;
    do {
      counts.push_back(Episode::heard(episode.evaluate()).size());
    } while (episode.evaluator.is_behind());
    return counts;
  }

  Episode episode;
  AlertWorld& world = episode.world;
};

TEST_F(ManyAlerts, BeginInSeveralEvaluations) {
  run_unscanned();
  EXPECT_THAT(evaluate_all(), testing::ElementsAre(subjects_at_once, subjects_at_once,
                                                   many - 2 * subjects_at_once));
  EXPECT_EQ(episode.evaluator.book().open().size(), static_cast<std::size_t>(many));
  EXPECT_THAT(Episode::heard(episode.evaluate()), testing::IsEmpty());
}

TEST_F(ManyAlerts, MakeTheNextEvaluationDueAtOnceWhileSomeWait) {
  run_unscanned();
  episode.evaluate();
  ASSERT_TRUE(episode.evaluator.is_behind());
  EXPECT_EQ(episode.evaluator.next_change_at(), world.now);
  evaluate_all();
  EXPECT_GT(episode.evaluator.next_change_at().value_or(TimePoint::max()), world.now);
}

TEST_F(ManyAlerts, EndInSeveralEvaluations) {
  run_unscanned();
  evaluate_all();
  world.now += minutes(1);
  for (int number = 0; number < many; ++number) {
    scan(number);
  }
  const std::vector<std::size_t> counts = evaluate_all();
  EXPECT_LE(*std::max_element(counts.begin(), counts.end()), 2 * subjects_at_once)
      << "each may begin another one where it ends";
  EXPECT_THAT(episode.open_rules(), testing::Not(testing::Contains(rule_never_scanned)));
}

TEST_F(ManyAlerts, AreAllLookedAtAfterARestart) {
  run_unscanned();
  evaluate_all();
  Snapshot snapshot;
  snapshot.alerts = episode.evaluator.book().open();
  Evaluator restarted(episode.options, [this] { return episode.new_id(); });
  restarted.restore(snapshot);
  int evaluations = 0;
  do {
    EXPECT_THAT(Episode::heard(
                    restarted.evaluate(world.inventory, world.sources, Touched(), {}, world.now)),
                testing::IsEmpty());
    ++evaluations;
  } while (restarted.is_behind());
  EXPECT_GE(evaluations, 3);
  EXPECT_EQ(restarted.book().open().size(), static_cast<std::size_t>(many));
}

TEST_F(ManyAlerts, EndTheirRoundThoughTheFirstOnesAreDueAgainMeanwhile) {
  // A spool that was not read yet makes every image due again after a few seconds.
  world.sources.configure("drop", SourceKind::spool, minutes(10), world.now);
  run_unscanned();
  int evaluations = 0;
  do {
    episode.evaluate();
    world.now += 2 * first_reading_recheck;
    ++evaluations;
  } while (episode.evaluator.is_behind() && evaluations < 10);
  EXPECT_LT(evaluations, 10);
  EXPECT_TRUE(episode.evaluator.has_looked_at_all());
}

TEST_F(ManyAlerts, AreNotKnownWhollyBeforeTheFirstRoundIsOver) {
  run_unscanned();
  episode.evaluate();
  EXPECT_FALSE(episode.evaluator.has_looked_at_all());
  evaluate_all();
  EXPECT_TRUE(episode.evaluator.has_looked_at_all());
  scan(1);
  episode.evaluate();
  EXPECT_TRUE(episode.evaluator.has_looked_at_all()) << "from then on";
}

class AnUnresolvedImage : public ManyAlerts {
 protected:
  ContainerObservation stranger(const std::string& id) {
    ContainerObservation container = world.container('f', id);
    container.image = "registry.example/team/lost:1";
    container.workload = "deployment/" + id;
    return container;
  }
};

TEST_F(AnUnresolvedImage, ThatRunsEverywhereIsOneAlertAndEndsWithTheLastContainer) {
  std::vector<ContainerObservation> containers;
  for (int number = 0; number < 50; ++number) {
    containers.push_back(stranger("c" + std::to_string(number)));
  }
  world.observe("host-a", containers);
  EXPECT_THAT(Episode::heard(episode.evaluate()), testing::IsEmpty());
  world.now += unresolved_hold;
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              testing::ElementsAre("ScanclockImageUnresolved:firing"));
  for (int number = 0; number < 49; ++number) {
    WorkloadChanges changes;
    changes.source = "host-a";
    changes.observed_at = world.now;
    changes.ended = {"c" + std::to_string(number)};
    world.now += minutes(20);
    world.inventory.apply(changes, world.now);
    EXPECT_THAT(Episode::heard(episode.evaluate()), testing::Each(testing::HasSubstr(":repeated")))
        << number;
  }
  world.now += minutes(20);
  world.observe("host-a", {});
  world.inventory.confirm_drop("host-a", world.now);
  world.observe("host-a", {});
  episode.evaluate();
  world.now += not_running_hold;
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              testing::ElementsAre("ScanclockImageUnresolved:resolved:not_running"));
}

TEST_F(AnUnresolvedImage, GivesEachContainerThatBeginsItsTime) {
  world.add_image('a');
  world.scan('a', world.now);
  for (int number = 0; number < 10; ++number) {
    world.observe("host-a",
                  {stranger("c" + std::to_string(number)), world.container('a', "other")});
    EXPECT_THAT(Episode::heard(episode.evaluate()), testing::IsEmpty())
        << "no container runs for longer than four minutes";
    world.now += minutes(4);
  }
}

}  // namespace
}  // namespace scanclock::alerts
