#include "core/runtime/blocking_pool.hpp"

#include "core/runtime/completion.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace scanclock {
namespace {

using Job = std::function<void()>;

// Signals on destruction too, so that a forgotten job releases its waiter.
class JobTicket {
 public:
  JobTicket(std::shared_ptr<Job> work, std::shared_ptr<std::atomic<bool>> ran,
            std::shared_ptr<Completion> completion)
      : work_(std::move(work)), ran_(std::move(ran)), completion_(std::move(completion)) {}

  ~JobTicket() {
    // The work goes first: what it owns is then freed by the waiter, not beside it.
    work_.reset();
    completion_->signal();
  }
  JobTicket(const JobTicket&) = delete;
  JobTicket& operator=(const JobTicket&) = delete;

  void run() {
    (*work_)();
    ran_->store(true);
  }

 private:
  std::shared_ptr<Job> work_;
  std::shared_ptr<std::atomic<bool>> ran_;
  std::shared_ptr<Completion> completion_;
};

}  // namespace

struct BlockingPool::State {
  explicit State(std::size_t limit) : queue_max(limit) {}

  const std::size_t queue_max;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> queue;
  std::size_t idle_threads = 0;
  bool stopping = false;

  void work_until_stopped();
};

void BlockingPool::State::work_until_stopped() {
  std::unique_lock lock(mutex);
  ++idle_threads;
  for (;;) {
    changed.wait(lock, [this] { return stopping || !queue.empty(); });
    if (queue.empty()) {
      break;
    }
    Job job = std::move(queue.front());
    queue.pop_front();
    --idle_threads;
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    ++idle_threads;
  }
  --idle_threads;
}

BlockingPool::BlockingPool(std::size_t threads, std::size_t queue_max)
    : state_(std::make_shared<State>(queue_max)) {
  for (std::size_t index = 0; index < threads; ++index) {
    std::thread([state = state_] { state->work_until_stopped(); }).detach();
  }
}

BlockingPool::~BlockingPool() { stop(); }

void BlockingPool::stop() {
  std::deque<Job> forgotten;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    forgotten.swap(state_->queue);
  }
  state_->changed.notify_all();
}

void BlockingPool::submit(std::function<void()> work) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) {
      throw PoolBusyError("cannot start blocking work: the pool was stopped");
    }
    if (state_->queue.size() >= state_->queue_max + state_->idle_threads) {
      throw PoolBusyError("cannot start blocking work: " + std::to_string(state_->queue.size()) +
                          " pieces wait already");
    }
    state_->queue.push_back(std::move(work));
  }
  state_->changed.notify_one();
}

asio::awaitable<void> BlockingPool::execute(std::shared_ptr<std::function<void()>> work) {
  Completion::Waiter waiter(co_await asio::this_coro::executor);
  auto ran = std::make_shared<std::atomic<bool>>(false);
  auto ticket = std::make_shared<JobTicket>(std::move(work), ran, waiter.completion());
  Job job = [ticket] { ticket->run(); };
  ticket.reset();
  submit(std::move(job));
  co_await waiter.wait();
  if (!ran->load()) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

}  // namespace scanclock
