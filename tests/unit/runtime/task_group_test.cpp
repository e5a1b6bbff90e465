#include "core/runtime/task_group.hpp"

#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace scanclock {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class TaskGroupTest : public testing::Test {
 protected:
  TaskGroup::OnFailure recorder() {
    return [this](std::string_view name, std::exception_ptr failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& error) {
        failures_.push_back(std::string(name) + ": " + error.what());
      }
    };
  }

  asio::awaitable<void> sleep_then_note(Duration duration, std::string note) {
    co_await clock_.sleep(duration);
    notes_.push_back(std::move(note));
  }

  asio::awaitable<void> sleep_for_either(Duration duration) {
    using namespace asio::experimental::awaitable_operators;
    auto one = clock_.sleep(duration);
    auto other = clock_.sleep(duration);
    co_await (std::move(one) || std::move(other));
  }

  asio::awaitable<void> throw_after(Duration duration) {
    co_await clock_.sleep(duration);
    throw std::runtime_error("broken");
  }

  asio::io_context io_;
  SimClock clock_;
  std::vector<std::string> failures_;
  std::vector<std::string> notes_;
};

TEST_F(TaskGroupTest, JoinWaitsForAllTasks) {
  TaskGroup group(io_.get_executor(), recorder());
  group.spawn("slow", sleep_then_note(hours(2), "slow"));
  group.spawn("fast", sleep_then_note(hours(1), "fast"));
  EXPECT_EQ(group.size(), 2u);
  run(io_, clock_, group.join());
  EXPECT_EQ(notes_, (std::vector<std::string>{"fast", "slow"}));
  EXPECT_EQ(group.size(), 0u);
  EXPECT_EQ(clock_.monotonic(), hours(2));
}

TEST_F(TaskGroupTest, AFailureIsReportedUnderTheTasksNameAndLeavesTheOthersAlone) {
  TaskGroup group(io_.get_executor(), recorder());
  group.spawn("poller", throw_after(seconds(1)));
  group.spawn("other", sleep_then_note(seconds(2), "other"));
  run(io_, clock_, group.join());
  EXPECT_EQ(failures_, std::vector<std::string>{"poller: broken"});
  EXPECT_EQ(notes_, std::vector<std::string>{"other"});
}

TEST_F(TaskGroupTest, ATaskThatWaitsForEitherOfTwoIsStoppedWithoutAReport) {
  TaskGroup group(io_.get_executor(), recorder());
  group.spawn("either", sleep_for_either(hours(1000)));
  // A task that has not begun would be cancelled before it waits.
  io_.poll();
  io_.restart();
  run(io_, group.stop());
  EXPECT_TRUE(failures_.empty());
}

TEST_F(TaskGroupTest, StopCancelsAllTasksAndReportsNoneOfThem) {
  TaskGroup group(io_.get_executor(), recorder());
  group.spawn("forever", sleep_then_note(hours(1000), "never"));
  group.spawn("unstarted", sleep_then_note(hours(1000), "never"));
  run(io_, group.stop());
  EXPECT_EQ(group.size(), 0u);
  EXPECT_TRUE(failures_.empty());
  EXPECT_TRUE(notes_.empty());
  run(io_, group.stop());
}

TEST_F(TaskGroupTest, NothingStartsAfterStop) {
  TaskGroup group(io_.get_executor(), recorder());
  run(io_, group.stop());
  group.spawn("late", sleep_then_note(seconds(0), "late"));
  EXPECT_EQ(group.size(), 0u);
  clock_.advance(io_, seconds(1));
  EXPECT_TRUE(notes_.empty());
}

TEST_F(TaskGroupTest, ATaskStartsAfterSpawnReturned) {
  TaskGroup group(io_.get_executor(), recorder());
  group.spawn("immediate", sleep_then_note(seconds(0), "ran"));
  EXPECT_TRUE(notes_.empty());
  run(io_, group.join());
  EXPECT_EQ(notes_, std::vector<std::string>{"ran"});
}

TEST_F(TaskGroupTest, StoppingInsideAStoppedGroupFinishes) {
  TaskGroup outer(io_.get_executor(), recorder());
  TaskGroup inner(io_.get_executor(), recorder());
  inner.spawn("forever", sleep_then_note(hours(1000), "never"));
  outer.spawn("stopper", inner.stop());
  clock_.advance(io_, seconds(0));
  run(io_, outer.stop());
  EXPECT_EQ(inner.size(), 0u);
}

}  // namespace
}  // namespace scanclock
