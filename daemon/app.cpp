#include "daemon/app.hpp"

#include "daemon/running.hpp"
#include "storage/migrator.hpp"
#include "storage/pg_error.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

namespace scanclock {
namespace {

constexpr int exit_ok = 0;
constexpr int exit_unavailable = 69;
constexpr int exit_internal = 70;

asio::awaitable<int> wait_for_stop_signal(asio::signal_set& signals) {
  const int number = co_await signals.async_wait(asio::use_awaitable);
  log::info("daemon", "told to stop by signal {}", number);
  co_return number;
}

/// `||` would wait for another branch to succeed when this one throws, and a daemon that cannot go
/// on must not stay.
asio::awaitable<std::exception_ptr> end_of(asio::awaitable<void> work) {
  try {
    co_await std::move(work);
  } catch (...) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

/// A second signal ends the process at once: somebody is impatient, and the database survives it.
void exit_on_next_signal(asio::signal_set& signals) {
  signals.async_wait([](const boost::system::error_code& error, int) {
    if (!error) {
      std::_Exit(EXIT_FAILURE);
    }
  });
}

int exit_code_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const MigrationError& error) {
    log::error("daemon", "{}", error.what());
    return exit_configuration;
  } catch (const PgError& error) {
    log::error("daemon", "{}", error.what());
    return exit_unavailable;
  } catch (const LeaseLostError& error) {
    log::error("daemon", "another daemon took over: {}", error.what());
    return exit_unavailable;
  } catch (const std::exception& error) {
    log::error("daemon", "{}", error.what());
    return exit_internal;
  }
}

}  // namespace

App::App(AppOptions options, Settings settings)
    : options_(std::move(options)), settings_(std::move(settings)), io_(1) {}

App::~App() = default;

int App::run() {
  asio::signal_set stop_signals(io_, SIGINT, SIGTERM);
  asio::signal_set reload_signals(io_, SIGHUP);
  std::signal(SIGPIPE, SIG_IGN);
  int exit_code = exit_ok;
  bool done = false;
  std::unique_ptr<Running> running;
  auto body = [&]() -> asio::awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    std::exception_ptr failure;
    try {
      running = std::make_unique<Running>(io_, options_, settings_);
      const auto first = co_await (end_of(running->serve()) || wait_for_stop_signal(stop_signals) ||
                                   end_of(running->reload_on(reload_signals)));
      // Told to stop, the others end by cancellation, which is no failure.
      failure = first.index() == 0   ? std::get<0>(first)
                : first.index() == 2 ? std::get<2>(first)
                                     : nullptr;
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) {
      exit_code = exit_code_of(failure);
    }
    exit_on_next_signal(stop_signals);
    if (running) {
      co_await running->stop();
    }
    done = true;
  };
  // The closure lives in this frame until the loop below has ended.
  asio::co_spawn(io_, body, [&](std::exception_ptr) {
    stop_signals.cancel();
    reload_signals.cancel();
  });
  while (!done && io_.run_one() > 0) {
  }
  io_.poll();
  log::info("daemon", "stopped");
  // Blocking work that hangs, such as name resolution, must not hold up the end.
  std::fflush(nullptr);
  std::_Exit(exit_code);
}

}  // namespace scanclock
