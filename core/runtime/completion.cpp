#include "core/runtime/completion.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

namespace scanclock {
namespace {

using Channel = asio::experimental::channel<void(boost::system::error_code)>;

}  // namespace

struct Completion::State {
  std::mutex mutex;
  bool signalled = false;
  // Both are empty once the waiter is gone.
  std::optional<asio::any_io_executor> executor;
  std::shared_ptr<Channel> channel;
};

Completion::Completion(asio::any_io_executor executor) : state_(std::make_unique<State>()) {
  state_->channel = std::make_shared<Channel>(executor, 1);
  state_->executor.emplace(std::move(executor));
}

Completion::~Completion() = default;

void Completion::signal() {
  // Posting happens under the lock: an io_context that is being destroyed destroys the waiter
  // first, which then waits here until the post is over.
  const std::lock_guard lock(state_->mutex);
  if (state_->signalled || !state_->executor) {
    return;
  }
  state_->signalled = true;
  asio::post(*state_->executor,
             [channel = state_->channel] { channel->try_send(boost::system::error_code()); });
}

Completion::Waiter::Waiter(asio::any_io_executor executor)
    : completion_(new Completion(std::move(executor))) {}

Completion::Waiter::~Waiter() {
  std::shared_ptr<Channel> channel;
  const std::lock_guard lock(completion_->state_->mutex);
  completion_->state_->executor.reset();
  channel = std::move(completion_->state_->channel);
}

asio::awaitable<void> Completion::Waiter::wait() {
  const auto channel = completion_->state_->channel;
  const auto [error] = co_await channel->async_receive(asio::as_tuple(asio::use_awaitable));
  if (error) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

}  // namespace scanclock
