#include "core/net/http_connection_pool.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t waiters_per_origin_max = 10'000;

}  // namespace

// Lives in the frame of the coroutine that waits.
struct HttpConnectionPool::Waiter {
  Waiter(asio::any_io_executor executor, std::shared_ptr<Origin> awaited);
  ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  std::shared_ptr<Origin> origin;
  asio::steady_timer timer;
  bool granted = false;
  bool taken = false;
};

struct HttpConnectionPool::Origin {
  std::size_t in_use = 0;
  std::deque<Waiter*> waiters;
  // The one that became idle last stands last.
  std::deque<std::unique_ptr<HttpConnection>> idle;
};

HttpConnectionPool::Waiter::Waiter(asio::any_io_executor executor, std::shared_ptr<Origin> awaited)
    : origin(std::move(awaited)),
      timer(std::move(executor), asio::steady_timer::time_point::max()) {
  origin->waiters.push_back(this);
}

HttpConnectionPool::Waiter::~Waiter() {
  if (!granted) {
    std::erase(origin->waiters, this);
  } else if (!taken) {
    // Cancelled between the grant and its use.
    release(*origin);
  }
}

HttpConnectionPool::Lease::~Lease() { release(*origin_); }

HttpConnectionPool::HttpConnectionPool(Clock& clock, std::size_t per_origin_max, Duration idle_max)
    : clock_(clock),
      per_origin_max_(std::max<std::size_t>(per_origin_max, 1)),
      idle_max_(idle_max) {}

HttpConnectionPool::~HttpConnectionPool() = default;

void HttpConnectionPool::release(Origin& origin) {
  if (origin.waiters.empty()) {
    --origin.in_use;
    return;
  }
  Waiter* next = origin.waiters.front();
  origin.waiters.pop_front();
  next->granted = true;
  next->timer.cancel();
}

asio::awaitable<std::unique_ptr<HttpConnectionPool::Lease>> HttpConnectionPool::acquire(
    std::string origin_key) {
  auto& known = origins_[origin_key];
  if (!known) {
    known = std::make_shared<Origin>();
  }
  const std::shared_ptr<Origin> origin = known;
  if (origin->in_use < per_origin_max_) {
    ++origin->in_use;
    co_return std::make_unique<Lease>(origin);
  }
  if (origin->waiters.size() >= waiters_per_origin_max) {
    co_return nullptr;
  }
  Waiter waiter(co_await asio::this_coro::executor, origin);
  const auto [error] = co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!waiter.granted) {
    throw_if_cancelled(error);
  }
  waiter.taken = true;
  co_return std::make_unique<Lease>(origin);
}

std::unique_ptr<HttpConnection> HttpConnectionPool::take_idle(const Lease& lease) {
  auto& idle = lease.origin_->idle;
  while (!idle.empty()) {
    auto connection = std::move(idle.back());
    idle.pop_back();
    if (connection->transport->is_quiet()) {
      return connection;
    }
  }
  return nullptr;
}

void HttpConnectionPool::keep_idle(const Lease& lease, std::unique_ptr<HttpConnection> connection) {
  connection->idle_since = clock_.monotonic();
  lease.origin_->idle.push_back(std::move(connection));
}

void HttpConnectionPool::close_idle(const Lease& lease) { lease.origin_->idle.clear(); }

void HttpConnectionPool::close_expired() {
  const Duration now = clock_.monotonic();
  for (auto entry = origins_.begin(); entry != origins_.end();) {
    Origin& origin = *entry->second;
    while (!origin.idle.empty() && now - origin.idle.front()->idle_since >= idle_max_) {
      origin.idle.pop_front();
    }
    const bool unused = origin.in_use == 0 && origin.waiters.empty() && origin.idle.empty();
    entry = unused ? origins_.erase(entry) : std::next(entry);
  }
}

}  // namespace scanclock
