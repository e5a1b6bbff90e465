#include "tests/support/run_coroutine.hpp"

#include <boost/asio/co_spawn.hpp>

#include <stdexcept>

namespace scanclock::run_parts {
namespace {

constexpr auto real_time_max = std::chrono::seconds(60);
constexpr Duration virtual_time_max = std::chrono::hours(24 * 366);

struct Ending {
  bool done = false;
  std::exception_ptr failure;
};

}  // namespace

void drive(asio::io_context& io, SimClock* clock, asio::awaitable<void> task) {
  // Shared, because the coroutine outlives this call when the time is up.
  auto ending = std::make_shared<Ending>();
  asio::co_spawn(io, std::move(task), [ending](std::exception_ptr failure) {
    ending->done = true;
    ending->failure = failure;
  });
  if (clock != nullptr) {
    clock->run_while(
        io, [&ending] { return !ending->done; }, virtual_time_max);
  } else {
    const auto give_up = std::chrono::steady_clock::now() + real_time_max;
    while (!ending->done) {
      io.restart();
      if (io.run_one_until(give_up) == 0) {
        break;
      }
    }
  }
  if (!ending->done) {
    throw std::runtime_error("coroutine did not finish");
  }
  if (ending->failure) {
    std::rethrow_exception(ending->failure);
  }
}

}  // namespace scanclock::run_parts
