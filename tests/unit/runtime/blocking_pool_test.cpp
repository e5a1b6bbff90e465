#include "core/runtime/blocking_pool.hpp"

#include "core/runtime/task_group.hpp"
#include "core/runtime/with_timeout.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace scanclock {
namespace {

// Work that blocks until the test lets it go.
struct Gate {
  std::promise<void> opener;
  std::shared_future<void> opened = opener.get_future().share();
  std::promise<void> entered;
};

class BlockingPoolTest : public testing::Test {
 protected:
  asio::io_context io_;
  SystemClock clock_;
};

TEST_F(BlockingPoolTest, ReturnsWhatTheWorkReturnedFromAnotherThread) {
  BlockingPool pool(2, 10);
  const auto here = std::this_thread::get_id();
  EXPECT_NE(run(io_, pool.run([] { return std::this_thread::get_id(); })), here);
  EXPECT_EQ(*run(io_, pool.run([] { return std::make_unique<int>(7); })), 7);
}

TEST_F(BlockingPoolTest, ThrowsWhatTheWorkThrew) {
  BlockingPool pool(1, 10);
  EXPECT_THROW(run(io_, pool.run([] { throw std::out_of_range("beyond"); })), std::out_of_range);
  EXPECT_EQ(run(io_, pool.run([] { return 1; })), 1);
}

TEST_F(BlockingPoolTest, AFullQueueRefusesMore) {
  BlockingPool pool(1, 1);
  auto gate = std::make_shared<Gate>();
  pool.submit([gate] {
    gate->entered.set_value();
    gate->opened.wait();
  });
  gate->entered.get_future().wait();
  pool.submit([] {});
  EXPECT_THROW(run(io_, pool.run([] { return 1; })), PoolBusyError);
  gate->opener.set_value();
}

TEST_F(BlockingPoolTest, ACancelledCallerDoesNotWaitForItsWork) {
  BlockingPool pool(1, 10);
  auto gate = std::make_shared<Gate>();
  auto work = [gate] {
    gate->opened.wait();
    return 1;
  };
  EXPECT_THROW(run(io_, with_timeout<int>(clock_, pool.run(work), std::chrono::milliseconds(10),
                                          "blocking")),
               TimeoutError);
  gate->opener.set_value();
  EXPECT_EQ(run(io_, pool.run([] { return 2; })), 2);
}

TEST_F(BlockingPoolTest, StopReleasesThoseWhoseWorkNeverRan) {
  BlockingPool pool(1, 10);
  auto gate = std::make_shared<Gate>();
  pool.submit([gate] {
    gate->entered.set_value();
    gate->opened.wait();
  });
  gate->entered.get_future().wait();
  std::string outcome;
  TaskGroup group(io_.get_executor(), [&outcome](std::string_view, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
      outcome = error.code() == asio::error::operation_aborted ? "released" : "wrong";
    }
  });
  group.spawn("waiter", pool.run([] {}));
  io_.poll();
  pool.stop();
  run(io_, group.join());
  EXPECT_EQ(outcome, "released");
  EXPECT_THROW(pool.submit([] {}), PoolBusyError);
  gate->opener.set_value();
}

TEST_F(BlockingPoolTest, WorkMayOutliveThePoolAndTheIoContext) {
  auto gate = std::make_shared<Gate>();
  auto finished = std::make_shared<std::promise<void>>();
  {
    asio::io_context io;
    BlockingPool pool(1, 10);
    auto work = [gate, finished] {
      gate->opened.wait();
      finished->set_value();
    };
    EXPECT_THROW(run(io, with_timeout<void>(clock_, pool.run(work), std::chrono::milliseconds(5),
                                            "blocking")),
                 TimeoutError);
  }
  gate->opener.set_value();
  EXPECT_EQ(finished->get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

}  // namespace
}  // namespace scanclock
