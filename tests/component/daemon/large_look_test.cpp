#include "tests/component/daemon/workload_calls_fixture.hpp"

#include <algorithm>

namespace scanclock {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int many = 3 * static_cast<int>(look_containers_max) / 2;

/// A source with more containers than one piece of a look may touch.
class ALargeLook : public WorkloadCallsTest {
 protected:
  ALargeLook() {
    engine.sources().configure("big", SourceKind::workload, minutes(10), clock.now());
    // Whatever is under way rests before a test begins.
    let_pass(seconds(1));
  }

  const ContainerTable& known() const { return engine.inventory().containers(); }

  /// One handler after the other, until the look has been taken.
  void take() {
    while (workload_intake.is_looking("big")) {
      const std::size_t before = known().size();
      if (io.poll_one() == 0) {
        io.restart();
      }
      pieces_ += known().size() == before ? 0 : 1;
      EXPECT_LE(known().size() - before, look_containers_max) << "one handler's work";
    }
  }

  WorkloadChanges changes(std::vector<std::string> ended) const {
    WorkloadChanges told;
    told.source = "big";
    told.observed_at = clock.now();
    told.ended = std::move(ended);
    return told;
  }

  /// Starts to take a pushed view of `edge`, of this moment, with `many` containers and `more`.
  void begin_push(TimePoint observed_at, const std::vector<std::string>& more = {}) {
    WorkloadReport report = view_of("edge", many);
    report.observed_at = observed_at;
    for (const std::string& id : more) {
      report.containers.push_back(report.containers.front());
      report.containers.back().id = id;
    }
    tasks.spawn("push", take_into(std::move(report)));
  }

  void poll_until_looking(const std::string& name) {
    while (!workload_intake.is_looking(name)) {
      if (io.poll_one() == 0) {
        io.restart();
      }
    }
  }

  asio::awaitable<void> take_into(WorkloadReport report) {
    auto taken = workload_intake.take(std::move(report));
    const WorkloadIntake::Outcome outcome = co_await std::move(taken);
    outcomes_.push_back(outcome);
  }

  int pieces_ = 0;
  std::vector<WorkloadIntake::Outcome> outcomes_;
};

TEST_F(ALargeLook, IsTakenInPiecesBetweenWhichOthersAreServed) {
  workload_intake.workloads_observed(view_of("big", many));
  EXPECT_TRUE(workload_intake.is_looking("big"));
  EXPECT_TRUE(known().empty());
  take();
  EXPECT_GE(pieces_, 2);
  EXPECT_EQ(known().size(), static_cast<std::size_t>(many));
  let_pass(seconds(1));
  EXPECT_EQ(source("big").at("status"), "ok");
  EXPECT_EQ(source("big").at("seen"), many);
  std::size_t stored = 0;
  for (const ChangeSet& set : ledger.committed) {
    stored += set.containers.size();
  }
  EXPECT_EQ(stored, static_cast<std::size_t>(many));
}

TEST_F(ALargeLook, IsConcludedFromAsAWhole) {
  std::size_t touched_at = 0;
  engine.on_touched([&](const Touched&) {
    EXPECT_FALSE(workload_intake.is_looking("big"));
    touched_at = std::max(touched_at, known().size());
  });
  workload_intake.workloads_observed(view_of("big", many));
  take();
  let_pass(seconds(1));
  EXPECT_EQ(touched_at, static_cast<std::size_t>(many));
  engine.on_touched({});
}

TEST_F(ALargeLook, LetsWhatItsSourceSaysMeanwhileWaitItsTurn) {
  workload_intake.workloads_observed(view_of("big", many));
  io.poll_one();
  workload_intake.workloads_changed(changes({"c0", "c1"}));
  workload_intake.workloads_observed(view_of("big", many - 1));
  workload_intake.workload_source_failed("big", SourceProblem("timeout", "no answer"));
  EXPECT_TRUE(workload_intake.workload_view_stands("big", 1)) << "nobody knows better yet";
  take();
  let_pass(seconds(1));
  EXPECT_EQ(known().size(), static_cast<std::size_t>(many - 1));
  const ContainerRecord* again = known().find("big", "c0");
  ASSERT_NE(again, nullptr) << "the second look has it again";
  EXPECT_FALSE(again->ended_at);
  EXPECT_EQ(known().find("big", "c" + std::to_string(many - 1)), nullptr);
  EXPECT_EQ(source("big").at("reason"), "timeout") << "which was said last";
}

TEST_F(ALargeLook, LeavesOtherSourcesAlone) {
  engine.sources().configure("small", SourceKind::workload, minutes(10), clock.now());
  workload_intake.workloads_observed(view_of("big", many));
  io.poll_one();
  workload_intake.workloads_observed(view_of("small", 2));
  EXPECT_FALSE(workload_intake.is_looking("small"));
  EXPECT_NE(known().find("small", "c1"), nullptr);
  take();
  let_pass(seconds(1));
  EXPECT_EQ(known().size(), static_cast<std::size_t>(many) + 2);
}

TEST_F(ALargeLook, EndsAtItsEndWhatItLacks) {
  workload_intake.workloads_observed(view_of("big", many));
  take();
  let_pass(seconds(1));
  WorkloadReport report = view_of("big", 0);
  for (int number = 10; number < many; ++number) {
    report.unchanged.emplace_back("c" + std::to_string(number));
  }
  report.unchanged.emplace_back("nobody told of this one");
  workload_intake.workloads_observed(std::move(report));
  EXPECT_TRUE(workload_intake.take_untold("big").empty()) << "that is not known yet";
  take();
  EXPECT_EQ(workload_intake.take_untold("big"),
            std::vector<std::string>{"nobody told of this one"});
  let_pass(seconds(1));
  EXPECT_EQ(known().size(), static_cast<std::size_t>(many - 10));
}

TEST_F(ALargeLook, ThatIsPushedIsAnsweredOnceItWasTaken) {
  std::vector<std::string> ids;
  for (int number = 0; number < many; ++number) {
    ids.push_back("p" + std::to_string(number));
  }
  EXPECT_EQ(push(ids).status, 202);
  EXPECT_EQ(known().size(), ids.size());
  let_pass(seconds(1));
  EXPECT_EQ(push({"p1"}).status, 409) << "its drop is doubted";
  EXPECT_EQ(known().size(), ids.size());
}

TEST_F(ALargeLook, ThatOutlivesTheEntryOfItsSourceAttendsToNothing) {
  workload_intake.workloads_observed(view_of("big", many));
  EXPECT_TRUE(known().empty()) << "the first look, of which nothing is noted yet";
  workload_intake.leave("big", minutes(10));
  take();
  let_pass(seconds(1));
  EXPECT_EQ(known().size(), static_cast<std::size_t>(many));
  EXPECT_EQ(source("big").at("unattended"), true);
  EXPECT_EQ(source("big").at("reason"), "unattended");
  let_pass(minutes(11));
  EXPECT_EQ(source("big").at("status"), "blind");
  EXPECT_EQ(confirm("big").status, 200);
  EXPECT_TRUE(containers("?source=big").empty());
}

TEST_F(ALargeLook, OfASourceThatIsNamedAgainMeanwhileStaysAttended) {
  workload_intake.workloads_observed(view_of("big", many));
  io.poll_one();
  workload_intake.leave("big", minutes(10));
  Scope scope = AlertWorld::default_scope();
  scope.workloads.emplace_back();
  scope.workloads.back().name = "big";
  engine.inventory().set_scope(std::move(scope), clock.now());
  engine.sources().configure("big", SourceKind::workload, minutes(10), clock.now());
  take();
  let_pass(seconds(1));
  EXPECT_EQ(source("big").at("unattended"), false);
  EXPECT_EQ(source("big").at("status"), "ok");
}

TEST_F(ALargeLook, AfterWhichNothingRunsLetsItsSourceBeForgotten) {
  WorkloadReport report = view_of("big", 0);
  for (int number = 0; number < many; ++number) {
    report.unchanged.emplace_back("nobody told of " + std::to_string(number));
  }
  workload_intake.workloads_observed(std::move(report));
  workload_intake.leave("big", minutes(10));
  EXPECT_NE(engine.sources().find("big"), nullptr) << "the look may show something yet";
  take();
  let_pass(seconds(1));
  EXPECT_TRUE(source("big").is_null());
}

TEST_F(ALargeLook, ThatIsPushedSavesAnAbandonedSource) {
  ASSERT_EQ(push({"a", "b"}).status, 202);
  let_pass(minutes(60));
  ASSERT_EQ(source("edge").at("reason"), "silent");
  begin_push(clock.now(), {"a", "b"});
  poll_until_looking("edge");
  const Answer answer = confirm("edge");
  EXPECT_EQ(answer.status, 409) << "somebody pushes for it again";
  EXPECT_EQ(answer.body.at("reason"), "nothing_doubted");
  let_pass(seconds(1));
  EXPECT_EQ(outcomes_, std::vector{WorkloadIntake::Outcome::believed});
  EXPECT_EQ(known().size(), static_cast<std::size_t>(many) + 2);
  EXPECT_EQ(source("edge").at("status"), "ok");
}

TEST_F(ALargeLook, IsNotUndoneByAnOlderOneThatWaited) {
  const TimePoint now = clock.now();
  begin_push(now - seconds(3));
  begin_push(now - seconds(1), {"started since"});
  begin_push(now - seconds(2));
  let_pass(seconds(1));
  using Outcome = WorkloadIntake::Outcome;
  ASSERT_EQ(outcomes_.size(), 3U);
  EXPECT_EQ(std::count(outcomes_.begin(), outcomes_.end(), Outcome::believed), 2);
  EXPECT_EQ(std::count(outcomes_.begin(), outcomes_.end(), Outcome::outdated), 1);
  EXPECT_NE(known().find("edge", "started since"), nullptr);
  EXPECT_EQ(workload_intake.newest_view("edge"), now - seconds(1));
}

}  // namespace
}  // namespace scanclock
