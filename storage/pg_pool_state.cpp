#include "storage/pg_pool_state.hpp"

#include "core/runtime/backoff.hpp"
#include "core/runtime/with_timeout.hpp"

#include <algorithm>

namespace scanclock {
namespace {

[[noreturn]] void throw_unavailable(std::string message) {
  PgError::Details details;
  details.statement = "connect";
  details.message = std::move(message);
  details.connection_lost = true;
  throw PgError(std::move(details));
}

}  // namespace

void PgPool::State::fail_waiting(Duration wait) const {
  auto message = "no database connection within " + format_duration(wait) + ", " +
                 std::to_string(in_use) + " of " + std::to_string(limits.size_max) + " in use";
  if (!last_connect_error.empty()) {
    message += "; last failure to connect: " + last_connect_error;
  }
  throw_unavailable(std::move(message));
}

asio::awaitable<void> PgPool::State::take_place(Duration wait) {
  if (closed) {
    throw_unavailable("the pool is closed");
  }
  if (waiting.empty() && in_use < limits.size_max) {
    ++in_use;
    co_return;
  }
  auto turn = std::make_shared<Turn>(executor);
  waiting.push_back(turn);
  // Also runs when the place was given and the caller cancelled before it could resume.
  OnExit undo([this, turn] {
    if (turn->granted) {
      release_place();
    } else {
      std::erase(waiting, turn);
    }
  });
  bool timed_out = false;
  try {
    auto coming = turn->event.wait();
    co_await with_timeout(clock, std::move(coming), wait, "connection pool");
  } catch (const TimeoutError&) {
    timed_out = true;
  }
  if (closed) {
    throw_unavailable("the pool is closed");
  }
  if (timed_out) {
    fail_waiting(wait);
  }
  undo.disarm();
}

asio::awaitable<std::unique_ptr<PgConnection>> PgPool::State::take_connection(Duration deadline) {
  while (!idle.empty()) {
    // The one used last, so that the others grow old and are closed.
    auto connection = std::move(idle.back().connection);
    idle.pop_back();
    if (connection->still_alive()) {
      co_return connection;
    }
  }
  auto making = make_connection(deadline);
  co_return co_await std::move(making);
}

asio::awaitable<std::unique_ptr<PgConnection>> PgPool::State::make_connection(Duration deadline) {
  Backoff::Limits pauses;
  pauses.first = std::chrono::milliseconds(50);
  pauses.max = std::chrono::seconds(1);
  Backoff backoff(pauses, in_use);
  const auto started = clock.monotonic();
  for (;;) {
    auto attempt = options;
    attempt.connect_timeout = std::min(options.connect_timeout, deadline - clock.monotonic());
    try {
      auto connecting = PgConnection::connect(executor, clock, pool, std::move(attempt));
      auto connection = co_await std::move(connecting);
      last_connect_error.clear();
      co_return connection;
    } catch (const PgError& error) {
      last_connect_error = error.what();
      if (!error.retryable()) {
        throw;
      }
    }
    const auto pause = backoff.next();
    if (closed || clock.monotonic() + pause >= deadline) {
      fail_waiting(clock.monotonic() - started);
    }
    co_await clock.sleep(pause);
  }
}

void PgPool::State::take_back(std::unique_ptr<PgConnection> connection) {
  if (!closed && connection->state() == PgConnection::State::busy) {
    auto cleaning = clean(std::move(connection));
    tasks.spawn("connection cleaning", std::move(cleaning));
    return;
  }
  keep(std::move(connection));
}

void PgPool::State::keep(std::unique_ptr<PgConnection> connection) {
  const auto now = clock.monotonic();
  const bool good = !closed && connection->state() == PgConnection::State::idle &&
                    now - connection->connected_at() < limits.lifetime;
  if (good) {
    idle.push_back(Idle{std::move(connection), now});
    if (!trimming) {
      trimming = true;
      tasks.spawn("connection trimming", trim());
    }
  }
  connection.reset();
  release_place();
}

asio::awaitable<void> PgPool::State::clean(std::unique_ptr<PgConnection> connection) {
  OnExit drop([this, &connection] {
    connection.reset();
    release_place();
  });
  co_await connection->recover(limits.recovery);
  drop.disarm();
  keep(std::move(connection));
}

asio::awaitable<void> PgPool::State::trim() {
  OnExit finish([this] { trimming = false; });
  while (!idle.empty()) {
    const auto oldest = idle.front().since + limits.idle;
    const auto now = clock.monotonic();
    if (oldest <= now) {
      idle.erase(idle.begin());
    } else {
      co_await clock.sleep(oldest - now);
    }
  }
}

}  // namespace scanclock
