#include "tests/component/daemon/workload_calls_fixture.hpp"

namespace scanclock {
namespace {

using nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;

class APushedSource : public WorkloadCallsTest {};
class AnUnattendedSource : public WorkloadCallsTest {};
class ASourceThatFails : public WorkloadCallsTest {};

TEST_F(ASourceThatFails, IsAskedAgainForContainersThatItCallsUnchangedAndNobodyKnows) {
  engine.sources().configure("prod-1", SourceKind::workload, minutes(10), clock.now());
  WorkloadReport report = view_of("prod-1", 2);
  workload_intake.workloads_observed(report);
  EXPECT_TRUE(workload_intake.take_untold("prod-1").empty());
  report.containers.clear();
  report.unchanged = {"c0", "c1", "c2"};
  workload_intake.workloads_observed(report);
  EXPECT_EQ(workload_intake.take_untold("prod-1"), std::vector<std::string>{"c2"});
  EXPECT_TRUE(workload_intake.take_untold("prod-1").empty()) << "each is given once";
}

TEST_F(APushedSource, IsToldThatItsDropIsDoubted) {
  ASSERT_EQ(push({"a", "b", "c", "d"}).status, 202);
  let_pass(minutes(1));
  const Answer doubted = push({"a"});
  EXPECT_EQ(doubted.status, 409);
  EXPECT_EQ(doubted.body.at("reason"), "suspicious_drop");
  EXPECT_EQ(containers().size(), 4U);
  EXPECT_EQ(source("edge").at("reason"), "suspicious_drop");
  let_pass(minutes(9));
  EXPECT_EQ(push({"a"}).status, 409);
  let_pass(minutes(1));
  EXPECT_EQ(push({"a"}).status, 202) << "repeated for ten minutes";
  EXPECT_EQ(containers().size(), 1U);
  EXPECT_EQ(source("edge").at("status"), "ok");
}

TEST_F(APushedSource, IsBelievedWhenAnOperatorConfirmsItsDrop) {
  ASSERT_EQ(push({"a", "b", "c", "d"}).status, 202);
  EXPECT_EQ(confirm("edge").status, 409) << "nothing is doubted";
  ASSERT_EQ(push({"a"}).status, 409);
  EXPECT_EQ(confirm("edge", "submit-token").status, 403);
  EXPECT_EQ(confirm("edge", "").status, 403);
  const Answer confirmed = confirm("edge");
  EXPECT_EQ(confirmed.status, 200);
  EXPECT_EQ(confirmed.body.at("confirmed"), "drop");
  EXPECT_EQ(containers().size(), 1U) << "its sender may never come back";
  let_pass(seconds(1));
  EXPECT_EQ(push({"a"}).status, 202);
  EXPECT_EQ(containers().size(), 1U);
  let_pass(seconds(1));
  EXPECT_EQ(push({}).status, 409) << "a confirmation holds for one drop";
}

TEST_F(APushedSource, CannotBeTakenBackByAViewThatComesLate) {
  ASSERT_EQ(push({"a", "b"}).status, 202);
  const Answer late = push({"a"}, seconds(30));
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(late.body.at("reason"), "outdated");
  EXPECT_EQ(containers().size(), 2U);
  EXPECT_EQ(push({"a", "b"}).status, 202) << "the same view again";
}

TEST_F(APushedSource, IsNotFedWithOldViews) {
  const Answer old = push({"a"}, minutes(11));
  EXPECT_EQ(old.status, 422);
  EXPECT_EQ(old.body.at("reason"), "stale");
  EXPECT_TRUE(source("edge").is_null());
}

TEST_F(APushedSource, BecomesBlindWhenNobodyPushes) {
  ASSERT_EQ(push({"a"}).status, 202);
  EXPECT_EQ(source("edge").at("type"), "push");
  let_pass(minutes(9));
  EXPECT_EQ(source("edge").at("status"), "ok");
  const json before = containers().at(0);
  let_pass(minutes(2));
  EXPECT_EQ(source("edge").at("status"), "blind");
  EXPECT_EQ(source("edge").at("reason"), "silent");
  const json after = containers().at(0);
  EXPECT_EQ(after.at("verdict"), before.at("verdict")) << "its last verdict stays";
  EXPECT_EQ(after.at("observation").at("status"), "unknown");
  EXPECT_EQ(after.at("observation").at("reason"), "source edge: silent");
  bool blind = false;
  for (const Alert& alert : alerting.alerts()) {
    if (alert.key.rule == "ScanclockSourceBlind" && alert.key.subject == "edge") {
      blind = alert.firing;
      EXPECT_NE(alert.annotations.at("description").find("1 that it showed last keep"),
                std::string::npos)
          << alert.annotations.at("description");
    }
  }
  EXPECT_TRUE(blind);
  EXPECT_EQ(push({"a"}).status, 202);
  EXPECT_EQ(source("edge").at("status"), "ok");
}

TEST_F(APushedSource, ThatIsGoneForGoodEndsByAnOperatorsWordAlone) {
  ASSERT_EQ(push({"a", "b"}).status, 202);
  let_pass(minutes(60));
  EXPECT_EQ(containers().size(), 2U) << "nobody saw them end";
  const Answer confirmed = confirm("edge");
  EXPECT_EQ(confirmed.status, 200);
  EXPECT_EQ(confirmed.body.at("confirmed"), "removal");
  EXPECT_TRUE(containers().empty());
  EXPECT_TRUE(source("edge").is_null());
  int confirmed_ends = 0;
  for (const ChangeSet& changes : ledger.committed) {
    for (const StoredContainer& container : changes.containers) {
      confirmed_ends += container.ended_at && container.end_confirmed ? 1 : 0;
    }
  }
  EXPECT_EQ(confirmed_ends, 2) << "the record says how the end is known";
}

TEST_F(AnUnattendedSource, KeepsWhatItShowedUntilSomebodySaysThatItIsGone) {
  engine.sources().configure("old", SourceKind::workload, minutes(10), clock.now());
  workload_intake.workloads_observed(view_of("old", 3));
  let_pass(seconds(1));
  engine.sources().leave_unattended("old", minutes(10), clock.now());
  EXPECT_EQ(source("old").at("unattended"), true);
  EXPECT_EQ(source("old").at("status"), "failing");
  let_pass(minutes(11));
  EXPECT_EQ(source("old").at("status"), "blind");
  EXPECT_EQ(source("old").at("reason"), "unattended");
  let_pass(std::chrono::hours(24));
  EXPECT_EQ(containers("?source=old").size(), 3U) << "time alone ends nothing";
  EXPECT_EQ(containers("?source=old").at(0).at("observation").at("reason"),
            "source old: unattended");
  EXPECT_EQ(confirm("old").status, 200);
  EXPECT_TRUE(containers("?source=old").empty());
}

TEST_F(AnUnattendedSource, IsAttendedAgainWhenTheSettingsNameIt) {
  engine.sources().configure("old", SourceKind::workload, minutes(10), clock.now());
  workload_intake.workloads_observed(view_of("old", 3));
  engine.sources().leave_unattended("old", minutes(10), clock.now());
  engine.sources().configure("old", SourceKind::workload, minutes(10), clock.now());
  EXPECT_EQ(source("old").at("unattended"), false);
  EXPECT_EQ(source("old").at("reason"), "not_asked_yet");
  workload_intake.workloads_observed(view_of("old", 3));
  EXPECT_EQ(source("old").at("status"), "ok");
  EXPECT_EQ(confirm("old").status, 409);
  EXPECT_EQ(containers().size(), 3U);
}

TEST_F(ASourceThatFails, LeavesOthersAndItsOwnContainersAsTheyAre) {
  for (const char* name : {"host-a", "host-b"}) {
    engine.sources().configure(name, SourceKind::workload, minutes(10), clock.now());
    workload_intake.workloads_observed(view_of(name, 2));
  }
  let_pass(seconds(1));
  workload_intake.workload_source_failed("host-b", SourceProblem("timeout", "no answer"));
  let_pass(seconds(1));
  for (const json& item : containers()) {
    const bool blind = item.at("source") == "host-b";
    EXPECT_EQ(item.at("observation").is_null() ? std::string()
              : item.at("observation").at("reason").is_null()
                  ? std::string()
                  : item.at("observation").at("reason").get<std::string>(),
              blind ? "source host-b: timeout" : "")
        << item;
  }
  EXPECT_EQ(containers().size(), 4U);
  EXPECT_EQ(source("host-a").at("status"), "ok");
}

TEST_F(ASourceThatFails, ThatStandsByItsViewIsAskedForItWhenItIsDoubted) {
  engine.sources().configure("host-a", SourceKind::workload, minutes(10), clock.now());
  workload_intake.workloads_observed(view_of("host-a", 20));
  EXPECT_TRUE(workload_intake.workload_view_stands("host-a", 20));
  workload_intake.workloads_observed(view_of("host-a", 2));
  EXPECT_FALSE(workload_intake.workload_view_stands("host-a", 2))
      << "it must tell all of it again, or the doubt never ends";
  EXPECT_EQ(source("host-a").at("reason"), "suspicious_drop");
}

TEST_F(ASourceThatFails, SaysWhatItMaySeeAtMost) {
  engine.sources().configure("prod-1", SourceKind::workload, minutes(10), clock.now());
  WorkloadReport report = view_of("prod-1", 2);
  report.namespaces = std::set<std::string>{"pay", "web"};
  workload_intake.workloads_observed(std::move(report));
  workload_intake.workload_source_limited("prod-1", "nodes: forbidden");
  const json shown = source("prod-1");
  EXPECT_EQ(shown.at("partial_view"), (std::vector<std::string>{"pay", "web"}));
  EXPECT_EQ(shown.at("limits"), "nodes: forbidden");
  workload_intake.workloads_observed(view_of("prod-1", 2));
  EXPECT_TRUE(source("prod-1").at("partial_view").is_null());
}

TEST_F(ASourceThatFails, MayBeARegistryWhoseDropIsConfirmed) {
  engine.sources().configure("prod", SourceKind::registry, minutes(10), clock.now());
  EXPECT_EQ(confirm("prod").status, 409);
  doubted_registries.insert("prod");
  EXPECT_EQ(confirm("prod").status, 200);
  EXPECT_EQ(confirm("nobody").status, 404);
}

}  // namespace
}  // namespace scanclock
