#include "core/domain/allocation_twins.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>

namespace scanclock {
namespace {

using std::chrono::seconds;

const TimePoint twin_start = *parse_rfc3339("2026-11-01T12:00:00Z");

Digest twin_digest(char digit) { return Digest::from_trusted("sha256:" + std::string(64, digit)); }

ContainerObservation told_task(const std::string& allocation, const std::string& task,
                               std::optional<TimePoint> started_at = twin_start) {
  ContainerObservation seen;
  seen.id = allocation + "/" + task;
  seen.name = task;
  seen.node = "client-a";
  seen.image = "registry.example/team/app:1";
  seen.labels = {{nomad_alloc_id_label, allocation}, {nomad_task_name_label, task}};
  seen.assumed = true;
  seen.started_at = started_at;
  return seen;
}

/// As the Docker driver names it.
ContainerObservation docker_twin(const std::string& id, const std::string& allocation,
                                 const std::string& task, char digit) {
  ContainerObservation seen;
  seen.id = id;
  seen.name = task + "-" + allocation;
  seen.labels = {{nomad_alloc_id_label, allocation}};
  seen.image_id = twin_digest(digit).str();
  seen.digests = {twin_digest(digit)};
  seen.repositories = {"registry.example/team/app"};
  seen.platform.os = "linux";
  seen.platform.architecture = "amd64";
  seen.started_at = twin_start - seconds(1);
  return seen;
}

WorkloadReport twin_report(const std::string& source,
                           std::vector<ContainerObservation> containers) {
  WorkloadReport whole;
  whole.source = source;
  whole.observed_at = twin_start;
  whole.complete = true;
  whole.containers = std::move(containers);
  return whole;
}

class AllocationTwinsTest : public testing::Test {
 protected:
  AllocationTwinsTest() { configure({}); }

  void configure(std::map<std::string, std::string> runtime_of_node) {
    AllocationTwins::Nomad nomad;
    nomad.runtime_of_node = std::move(runtime_of_node);
    twins.configure({"host-a", "host-b"}, {{"nomad", nomad}});
  }

  /// What of Nomad's task is told to the inventory.
  ContainerObservation see_task(const ContainerObservation& task) {
    WorkloadReport seen = twin_report("nomad", {task});
    twins.complete(seen);
    return seen.containers.front();
  }
  std::vector<ContainerObservation> see_host(const std::string& source,
                                             std::vector<ContainerObservation> containers) {
    std::vector<ContainerObservation> told;
    for (const WorkloadChanges& changes : twins.learn(twin_report(source, std::move(containers)))) {
      EXPECT_EQ(changes.source, "nomad");
      EXPECT_TRUE(changes.ended.empty());
      told.insert(told.end(), changes.running.begin(), changes.running.end());
    }
    return told;
  }

  AllocationTwins twins;
};

TEST_F(AllocationTwinsTest, GiveATaskTheDigestsOfItsContainer) {
  EXPECT_TRUE(see_host("host-a", {docker_twin("d1", "a1", "app", '1')}).empty());
  const ContainerObservation told = see_task(told_task("a1", "app"));
  EXPECT_EQ(told.digests, std::vector<Digest>{twin_digest('1')});
  EXPECT_EQ(told.image_id, twin_digest('1').str());
  EXPECT_EQ(told.repositories, std::vector<std::string>{"registry.example/team/app"});
  EXPECT_EQ(to_string(told.platform), "linux/amd64");
  EXPECT_FALSE(told.assumed);
  EXPECT_EQ(told.id, "a1/app");
}

TEST_F(AllocationTwinsTest, TellLaterWhatTheRuntimeTellsLater) {
  EXPECT_TRUE(see_task(told_task("a1", "app")).assumed);
  const auto told = see_host("host-a", {docker_twin("d1", "a1", "app", '1')});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told.front().digests, std::vector<Digest>{twin_digest('1')});
  EXPECT_FALSE(told.front().assumed);
  EXPECT_TRUE(see_host("host-a", {docker_twin("d1", "a1", "app", '1')}).empty())
      << "nothing changed, nothing is told";
}

TEST_F(AllocationTwinsTest, FollowEventsAsTheyFollowLists) {
  see_task(told_task("a1", "app"));
  WorkloadChanges changes;
  changes.source = "host-a";
  changes.running.push_back(docker_twin("d1", "a1", "app", '1'));
  auto told = twins.learn(changes);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(told.front().running.front().assumed);
  changes.running.clear();
  changes.ended = {"d1", "unknown"};
  told = twins.learn(changes);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told.front().running.front().assumed) << "without its container it is a guess again";
}

TEST_F(AllocationTwinsTest, MatchTheTaskByLabelOrByTheContainersName) {
  struct Case {
    const char* rule;
    std::string name;
    std::string task_label;
    bool matches;
  };
  for (const Case& one :
       {Case{"name", "app-a1", "", true}, Case{"other task", "db-a1", "", false},
        Case{"init", "nomad_init_a1", "", false}, Case{"label", "anything", "app", true},
        Case{"label wins", "app-a1", "db", false},
        Case{"other allocation in the name", "app-a2", "", false}}) {
    AllocationTwinsTest::configure({});
    ContainerObservation seen = docker_twin("d1", "a1", "app", '1');
    seen.name = one.name;
    if (!one.task_label.empty()) {
      seen.labels[nomad_task_name_label] = one.task_label;
    }
    see_host("host-a", {seen});
    EXPECT_EQ(!see_task(told_task("a1", "app")).assumed, one.matches) << one.rule;
  }
  see_host("host-a", {docker_twin("d1", "a1", "group_app", '1')});
  EXPECT_FALSE(see_task(told_task("a1", "group/app")).assumed);
}

TEST_F(AllocationTwinsTest, BelieveOnlySourcesThatAreNamed) {
  twins.learn(twin_report("pushed", {docker_twin("d1", "a1", "app", '1')}));
  EXPECT_TRUE(see_task(told_task("a1", "app")).assumed) << "anybody may write a label";
  configure({{"client-a", "host-b"}});
  see_host("host-a", {docker_twin("d1", "a1", "app", '1')});
  EXPECT_TRUE(see_task(told_task("a1", "app")).assumed) << "host-b watches this node";
  see_host("host-b", {docker_twin("d2", "a1", "app", '2')});
  EXPECT_EQ(see_task(told_task("a1", "app")).digests, std::vector<Digest>{twin_digest('2')});
}

TEST_F(AllocationTwinsTest, LeaveItToTheJoinToCallTwoClaimsAConflict) {
  see_host("host-a", {docker_twin("d1", "a1", "app", '1')});
  see_host("host-b", {docker_twin("d2", "a1", "app", '2')});
  EXPECT_EQ(see_task(told_task("a1", "app")).digests.size(), 2U);
}

TEST_F(AllocationTwinsTest, DoNotTakeTheContainerOfTheAttemptBefore) {
  ContainerObservation old = docker_twin("d1", "a1", "app", '1');
  old.started_at = twin_start - seconds(60);
  see_host("host-a", {old});
  EXPECT_TRUE(see_task(told_task("a1", "app")).assumed);
  EXPECT_TRUE(see_task(told_task("a1", "app", std::nullopt)).assumed)
      << "between two attempts there is none";
  const auto told = see_host("host-a", {old, docker_twin("d2", "a1", "app", '2')});
  EXPECT_TRUE(told.empty()) << "the task is between two attempts";
  EXPECT_EQ(see_task(told_task("a1", "app")).digests, std::vector<Digest>{twin_digest('2')});
}

TEST_F(AllocationTwinsTest, KeepThePinOfThePinnedAndAddToIt) {
  ContainerObservation pinned = told_task("a1", "app");
  pinned.digests = {twin_digest('9')};
  pinned.assumed = false;
  EXPECT_EQ(see_task(pinned), pinned);
  see_host("host-a", {docker_twin("d1", "a1", "app", '1')});
  EXPECT_EQ(see_task(pinned).digests, (std::vector<Digest>{twin_digest('9'), twin_digest('1')}));
}

TEST_F(AllocationTwinsTest, AnIncompleteLookOfTheRuntimeTakesNothingAway) {
  see_task(told_task("a1", "app"));
  see_host("host-a", {docker_twin("d1", "a1", "app", '1')});
  WorkloadReport part = twin_report("host-a", {});
  part.complete = false;
  EXPECT_TRUE(twins.learn(part).empty());
  WorkloadReport same = twin_report("host-a", {});
  same.unchanged = {"d1"};
  EXPECT_TRUE(twins.learn(same).empty());
  EXPECT_TRUE(twins.learn(twin_report("host-a", {}), false).empty()) << "so does one in doubt";
  EXPECT_FALSE(see_task(told_task("a1", "app")).assumed);
  EXPECT_EQ(twins.learn(twin_report("host-a", {})).size(), 1U);
}

TEST_F(AllocationTwinsTest, ASourceThatIsNoLongerConfiguredIsForgotten) {
  see_host("host-a", {docker_twin("d1", "a1", "app", '1')});
  twins.configure({"host-b"}, {{"nomad", AllocationTwins::Nomad()}});
  EXPECT_TRUE(see_task(told_task("a1", "app")).assumed);
}

TEST_F(AllocationTwinsTest, TheOrderOfArrivalDecidesNothing) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    AllocationTwins shuffled;
    shuffled.configure({"host-a", "host-b"}, {{"nomad", AllocationTwins::Nomad()}});
    std::map<std::string, ContainerObservation> told;
    std::vector<int> order{0, 1, 2};
    std::mt19937 random(seed);
    std::shuffle(order.begin(), order.end(), random);
    const auto keep = [&](const std::vector<WorkloadChanges>& all) {
      for (const WorkloadChanges& changes : all) {
        for (const ContainerObservation& one : changes.running) {
          told[one.id] = one;
        }
      }
    };
    for (const int step : order) {
      if (step == 0) {
        WorkloadReport seen = twin_report(
            "nomad", {told_task("a1", "app"), told_task("a2", "app"), told_task("a3", "app")});
        shuffled.complete(seen);
        for (const ContainerObservation& one : seen.containers) {
          told[one.id] = one;
        }
      } else if (step == 1) {
        keep(shuffled.learn(twin_report("host-a", {docker_twin("d1", "a1", "app", '1')})));
      } else {
        keep(shuffled.learn(twin_report("host-b", {docker_twin("d1", "a2", "app", '2')})));
      }
    }
    EXPECT_EQ(told.at("a1/app").digests, std::vector<Digest>{twin_digest('1')}) << seed;
    EXPECT_EQ(told.at("a2/app").digests, std::vector<Digest>{twin_digest('2')}) << seed;
    EXPECT_TRUE(told.at("a3/app").assumed) << seed;
  }
}

}  // namespace
}  // namespace scanclock
