#include "storage/pg_pool.hpp"

#include "core/runtime/with_timeout.hpp"
#include "storage/pg_pool_state.hpp"

#include <utility>

namespace scanclock {

PgPool::PgPool(asio::any_io_executor executor, Clock& clock, BlockingPool& pool,
               PgConnectOptions options, PgPoolLimits limits)
    : state_(
          std::make_shared<State>(std::move(executor), clock, pool, std::move(options), limits)) {}

PgPool::~PgPool() {
  state_->closed = true;
  state_->idle.clear();
}

asio::awaitable<PooledConnection> PgPool::acquire() { return acquire(state_->limits.wait); }

asio::awaitable<PooledConnection> PgPool::acquire(Duration wait) {
  auto state = state_;
  const auto deadline = state->clock.monotonic() + wait;
  auto place = state->take_place(wait);
  co_await std::move(place);
  OnExit undo([state] { state->release_place(); });
  auto taking = state->take_connection(deadline);
  auto connection = co_await std::move(taking);
  undo.disarm();
  co_return PooledConnection(std::move(state), std::move(connection));
}

asio::awaitable<PgResult> PgPool::execute(const Query& statement, PgParameters parameters) {
  auto connection = co_await acquire();
  auto answer = connection->execute(statement, std::move(parameters));
  co_return co_await std::move(answer);
}

asio::awaitable<void> PgPool::close(Duration grace) {
  auto state = state_;
  state->closed = true;
  state->idle.clear();
  for (auto& turn : std::exchange(state->waiting, {})) {
    turn->event.set();
  }
  if (state->in_use > 0) {
    bool late = false;
    state->all_back = std::make_shared<PgPoolEvent>(state->executor);
    try {
      auto coming = state->all_back->wait();
      co_await with_timeout(state->clock, std::move(coming), grace, "closing the connection pool");
    } catch (const TimeoutError&) {
      late = true;
    }
    if (late) {
      log::warning("storage", "{} database connections were not given back within {}",
                   state->in_use, format_duration(grace));
    }
  }
  co_await state->tasks.stop();
}

PgPool::Counts PgPool::counts() const {
  Counts counts;
  counts.idle = state_->idle.size();
  counts.in_use = state_->in_use;
  counts.waiting = state_->waiting.size();
  return counts;
}

Clock& PgPool::clock() const { return state_->clock; }

PooledConnection::PooledConnection(std::shared_ptr<PgPool::State> state,
                                   std::unique_ptr<PgConnection> connection)
    : state_(std::move(state)), connection_(std::move(connection)) {}

PooledConnection::PooledConnection(PooledConnection&& other) noexcept
    : state_(std::move(other.state_)), connection_(std::move(other.connection_)) {}

PooledConnection& PooledConnection::operator=(PooledConnection&& other) noexcept {
  if (this != &other) {
    give_back();
    state_ = std::move(other.state_);
    connection_ = std::move(other.connection_);
  }
  return *this;
}

PooledConnection::~PooledConnection() { give_back(); }

void PooledConnection::give_back() noexcept {
  if (connection_) {
    state_->take_back(std::move(connection_));
  }
  state_.reset();
}

}  // namespace scanclock
