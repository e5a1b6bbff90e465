#include "daemon/registry_intake.hpp"
#include "daemon/workload_intake.hpp"
#include "tests/component/daemon/engine_fixture.hpp"
#include "tests/support/alert_world.hpp"

namespace scanclock {
namespace {

constexpr const char* allocation_label = "com.hashicorp.nomad.alloc_id";
constexpr const char* task_label = "com.hashicorp.nomad.task_name";

/// A Nomad cluster and the Docker Engine of its node, both of them sources, and a registry that
/// holds one image.
class AllocationJoin : public EngineTest {
 protected:
  AllocationJoin() : EngineTest(AlertWorld::default_scope()) {
    workloads.set_twins({"host-a"}, {{"nomad", AllocationTwins::Nomad()}});
    Manifest manifest;
    manifest.digest = AlertWorld::digest('a');
    manifest.kind = ManifestKind::image;
    manifest.media_type = "application/vnd.oci.image.manifest.v1+json";
    manifest.config = AlertWorld::digest('c');
    manifest.config_identifies = true;
    manifest.platform.os = "linux";
    manifest.platform.architecture = "amd64";
    registries.manifest_found(RepositoryKey{"prod", "team/app"}, manifest);
    finish(engine.flush());
  }

  void see_nomad() { tell("nomad", {task()}); }
  ContainerObservation task() const {
    ContainerObservation task;
    task.id = "5a1c/app";
    task.name = "app";
    task.node = "client-a";
    task.workload = "job/web";
    task.image = "elsewhere.example/team/app:1";
    task.labels = {{allocation_label, "5a1c"}, {task_label, "app"}};
    task.assumed = true;
    task.started_at = clock.now();
    return task;
  }
  /// So large that it is taken in pieces; nothing of it is noted when this returns.
  void begin_to_see_nomad() {
    WorkloadReport report;
    report.source = "nomad";
    report.observed_at = clock.now();
    report.complete = true;
    report.containers.assign(look_containers_max + 1, task());
    for (std::size_t number = 1; number < report.containers.size(); ++number) {
      report.containers[number].id = std::to_string(number) + "/other";
      report.containers[number].labels.clear();
    }
    workloads.workloads_observed(std::move(report));
    ASSERT_TRUE(workloads.is_looking("nomad"));
  }
  void see_docker() {
    ContainerObservation container;
    container.id = "d1";
    container.name = "app-5a1c";
    container.node = "client-a";
    container.image = "elsewhere.example/team/app:1";
    container.labels = {{allocation_label, "5a1c"}};
    container.digests = {AlertWorld::digest('c')};
    tell("host-a", {container});
  }
  void tell(const std::string& source, std::vector<ContainerObservation> containers) {
    WorkloadReport report;
    report.source = source;
    report.observed_at = clock.now();
    report.complete = true;
    report.containers = std::move(containers);
    workloads.workloads_observed(std::move(report));
    finish(engine.flush());
  }

  Verdict verdict_of_task() {
    const ContainerRecord* record = engine.inventory().containers().find("nomad", "5a1c/app");
    EXPECT_NE(record, nullptr);
    return record == nullptr ? Verdict::unresolved : record->verdict();
  }

  RegistryIntake registries{engine, clock, pool, telemetry};
  WorkloadIntake workloads{engine, clock, telemetry};
};

TEST_F(AllocationJoin, ATaskAloneIsUnresolvedWhereNoRegistryKnowsItsTag) {
  see_nomad();
  EXPECT_EQ(verdict_of_task(), Verdict::unresolved);
}

TEST_F(AllocationJoin, ATaskIsJoinedByTheDigestsOfItsContainer) {
  see_docker();
  see_nomad();
  EXPECT_EQ(verdict_of_task(), Verdict::never_scanned);
}

TEST_F(AllocationJoin, TheContainerMayComeLater) {
  see_nomad();
  see_docker();
  EXPECT_EQ(verdict_of_task(), Verdict::never_scanned);
  const ContainerRecord* record = engine.inventory().containers().find("nomad", "5a1c/app");
  EXPECT_EQ(record->digests(), std::vector<Digest>{AlertWorld::digest('c')});
}

TEST_F(AllocationJoin, WhatHasRunIsRememberedWhenTheRuntimeGoesAway) {
  see_nomad();
  see_docker();
  workloads.workload_source_failed("host-a", SourceProblem("connect", "no socket"));
  see_nomad();
  EXPECT_EQ(verdict_of_task(), Verdict::never_scanned) << "an outage changes nothing";
}

TEST_F(AllocationJoin, AnEndThatWaitsForALookIsNotUndoneByTheContainer) {
  begin_to_see_nomad();
  WorkloadChanges changes;
  changes.source = "nomad";
  changes.observed_at = clock.now();
  changes.ended = {"5a1c/app"};
  workloads.workloads_changed(std::move(changes));
  see_docker();
  ASSERT_FALSE(workloads.is_looking("nomad"));
  const ContainerRecord* record = engine.inventory().containers().find("nomad", "5a1c/app");
  EXPECT_TRUE(record == nullptr || record->ended_at);
}

TEST_F(AllocationJoin, AnotherAttemptThatWaitsForALookIsNotUndoneByTheContainer) {
  begin_to_see_nomad();
  WorkloadChanges changes;
  changes.source = "nomad";
  changes.observed_at = clock.now();
  changes.running = {task()};
  changes.running.front().image = "elsewhere.example/team/app:2";
  workloads.workloads_changed(std::move(changes));
  see_docker();
  const ContainerRecord* record = engine.inventory().containers().find("nomad", "5a1c/app");
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->image(), "elsewhere.example/team/app:2");
  EXPECT_EQ(record->digests(), std::vector<Digest>{AlertWorld::digest('c')});
}

}  // namespace
}  // namespace scanclock
