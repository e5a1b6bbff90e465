#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>

namespace scanclock {

namespace asio = boost::asio;

/// A signal that is given once, by any thread, and waited for by one coroutine. Whoever gives it
/// never touches an executor whose waiter is gone, so a thread may outlive the io_context.
class Completion {
 public:
  /// The waiter's end. Destroying it abandons the signal.
  class Waiter {
   public:
    explicit Waiter(asio::any_io_executor executor);
    ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    /// The end to hand to another thread.
    std::shared_ptr<Completion> completion() const { return completion_; }

    /// Returns once the signal was given, which may have been before. Throws
    /// boost::system::system_error(operation_aborted) on cancellation, at once.
    asio::awaitable<void> wait();

   private:
    std::shared_ptr<Completion> completion_;
  };

  ~Completion();

  /// Gives the signal; further calls do nothing.
  void signal();

 private:
  struct State;
  explicit Completion(asio::any_io_executor executor);
  std::unique_ptr<State> state_;
};

}  // namespace scanclock
