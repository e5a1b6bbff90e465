#include "core/registry/fair_gate.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace scanclock {

struct FairGate::Waiter {
  explicit Waiter(asio::any_io_executor executor)
      : timer(std::move(executor), asio::steady_timer::time_point::max()) {}
  asio::steady_timer timer;
  bool granted = false;
};

struct FairGate::State {
  explicit State(std::size_t places) : free(places) {}
  std::size_t free;
  std::deque<std::shared_ptr<Waiter>> waiters;
};

FairGate::FairGate(std::size_t places) : state_(std::make_shared<State>(places)) {}

bool FairGate::has_place() const { return state_->free > 0; }

asio::awaitable<FairGate::Pass> FairGate::enter() { return enter_state(state_); }

asio::awaitable<FairGate::Pass> FairGate::enter_state(std::shared_ptr<State> state) {
  if (state->free > 0) {
    --state->free;
    co_return Pass(std::move(state));
  }
  auto executor = co_await asio::this_coro::executor;
  auto waiter = std::make_shared<Waiter>(std::move(executor));
  state->waiters.push_back(waiter);
  boost::system::error_code error;
  co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  if (!waiter->granted) {
    std::erase(state->waiters, waiter);
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  co_return Pass(std::move(state));
}

FairGate::Pass& FairGate::Pass::operator=(Pass&& other) noexcept {
  if (this != &other) {
    leave();
    state_ = std::move(other.state_);
  }
  return *this;
}

FairGate::Pass::~Pass() { leave(); }

void FairGate::Pass::leave() {
  if (!state_) {
    return;
  }
  if (state_->waiters.empty()) {
    ++state_->free;
  } else {
    auto next = std::move(state_->waiters.front());
    state_->waiters.pop_front();
    next->granted = true;
    next->timer.cancel();
  }
  state_.reset();
}

asio::awaitable<FairGate::Pass> KeyedGates::enter(std::string key) {
  if (gates_.size() >= tidy_at_) {
    std::erase_if(gates_, [](const auto& entry) { return entry.second.expired(); });
    tidy_at_ = std::max<std::size_t>(64, 2 * gates_.size());
  }
  std::weak_ptr<FairGate::State>& known = gates_[std::move(key)];
  std::shared_ptr<FairGate::State> state = known.lock();
  if (!state) {
    state = std::make_shared<FairGate::State>(1);
    known = state;
  }
  return FairGate::enter_state(std::move(state));
}

void WakeUp::notify() {
  notified_ = true;
  if (waiting_ != nullptr) {
    waiting_->cancel();
  }
}

asio::awaitable<void> WakeUp::wait() {
  if (!notified_) {
    asio::steady_timer timer(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    waiting_ = &timer;
    boost::system::error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    waiting_ = nullptr;
    if (!notified_) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
  notified_ = false;
}

}  // namespace scanclock
