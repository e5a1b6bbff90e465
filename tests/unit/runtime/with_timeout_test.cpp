#include "core/runtime/with_timeout.hpp"

#include "core/runtime/task_group.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace scanclock {
namespace {

using std::chrono::seconds;

asio::awaitable<void> note_sleep(Clock& clock, Duration duration, std::optional<bool>& slept) {
  slept = co_await clock.sleep_unless_cancelled(duration);
}

asio::awaitable<void> note_interruption(Clock& clock, Duration duration, bool& thrown) {
  try {
    co_await clock.sleep(duration);
  } catch (const boost::system::system_error& error) {
    thrown = error.code() == asio::error::operation_aborted;
  }
}

asio::awaitable<void> note_end_of_waiting(Clock& clock, std::string& end) {
  try {
    co_await with_timeout<void>(clock, clock.sleep(seconds(100)), seconds(50), "waiting");
    end = "returned";
  } catch (const TimeoutError&) {
    end = "late";
  } catch (const boost::system::system_error& error) {
    end = error.code() == asio::error::operation_aborted ? "cancelled" : "failed";
  }
}

class WithTimeout : public testing::Test {
 protected:
  asio::awaitable<std::string> answer_after(Duration duration) {
    co_await clock_.sleep(duration);
    co_return "answer";
  }

  asio::awaitable<void> fail_after(Duration duration) {
    co_await clock_.sleep(duration);
    throw std::invalid_argument("broken");
  }

  asio::awaitable<void> note_cancellation(bool& cancelled) {
    try {
      co_await with_timeout<std::string>(clock_, answer_after(seconds(100)), seconds(50), "asking");
    } catch (const boost::system::system_error& error) {
      cancelled = error.code() == asio::error::operation_aborted;
      throw;
    }
  }

  asio::io_context io_;
  SimClock clock_;
};

TEST_F(WithTimeout, ReturnsWhatCameInTime) {
  EXPECT_EQ(run(io_, clock_,
                with_timeout<std::string>(clock_, answer_after(seconds(4)), seconds(5), "asking")),
            "answer");
  EXPECT_EQ(clock_.monotonic(), seconds(4));
  EXPECT_EQ(clock_.sleepers(), 0u);
}

TEST_F(WithTimeout, ThrowsWhenTheTimeIsUpAndCancelsTheOperation) {
  try {
    run(io_, clock_,
        with_timeout<std::string>(clock_, answer_after(seconds(6)), seconds(5), "asking"));
    FAIL() << "no exception";
  } catch (const TimeoutError& error) {
    EXPECT_STREQ(error.what(), "asking: no answer within 5s");
  }
  EXPECT_EQ(clock_.monotonic(), seconds(5));
  EXPECT_EQ(clock_.sleepers(), 0u);
}

TEST_F(WithTimeout, AFailureIsThrownAtOnceAndNotWhenTheTimeIsUp) {
  EXPECT_THROW(
      run(io_, clock_, with_timeout<void>(clock_, fail_after(seconds(1)), seconds(5), "asking")),
      std::invalid_argument);
  EXPECT_EQ(clock_.monotonic(), seconds(1));
}

TEST_F(WithTimeout, CancellationOfTheCallerIsNoTimeout) {
  bool cancelled = false;
  TaskGroup group(io_.get_executor(), nullptr);
  group.spawn("asker", note_cancellation(cancelled));
  clock_.advance(io_, seconds(1));
  run(io_, group.stop());
  EXPECT_TRUE(cancelled);
}

TEST(SystemClockSleep, TellsOfItsCancellationAsOneLikes) {
  asio::io_context io;
  SystemClock clock;
  std::optional<bool> slept;
  bool thrown = false;
  TaskGroup group(io.get_executor(), nullptr);
  group.spawn("quiet", note_sleep(clock, seconds(100), slept));
  group.spawn("loud", note_interruption(clock, seconds(100), thrown));
  io.poll();
  EXPECT_FALSE(slept);
  run(io, group.stop());
  EXPECT_EQ(slept, false);
  EXPECT_TRUE(thrown);
}

TEST(SystemClockSleep, TellsThatItsTimeHasPassed) {
  asio::io_context io;
  SystemClock clock;
  const Duration started = clock.monotonic();
  std::optional<bool> slept;
  run(io, note_sleep(clock, std::chrono::milliseconds(2), slept));
  EXPECT_EQ(slept, true);
  EXPECT_GE(clock.monotonic() - started, std::chrono::milliseconds(2));
}

TEST(SystemClockSleep, CancellationOfTheCallerIsNoTimeout) {
  asio::io_context io;
  SystemClock clock;
  std::string end;
  TaskGroup group(io.get_executor(), nullptr);
  group.spawn("asker", note_end_of_waiting(clock, end));
  io.poll();
  run(io, group.stop());
  EXPECT_EQ(end, "cancelled");
}

TEST_F(WithTimeout, WeeksPassInAMoment) {
  for (int round = 0; round < 2000; ++round) {
    EXPECT_THROW(run(io_, clock_,
                     with_timeout<std::string>(clock_, answer_after(std::chrono::hours(2)),
                                               std::chrono::hours(1), "asking")),
                 TimeoutError);
  }
  EXPECT_EQ(clock_.now() - SimClock::default_start(), std::chrono::hours(2000));
}

}  // namespace
}  // namespace scanclock
