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

  int pieces_ = 0;
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

}  // namespace
}  // namespace scanclock
