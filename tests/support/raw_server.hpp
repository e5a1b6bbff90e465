#pragma once

#include "core/runtime/task_group.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace scanclock {

/// One accepted connection of a RawServer. Every wait ends with operation_aborted when the server
/// goes.
class RawConnection {
 public:
  virtual ~RawConnection() = default;
  /// Counts from 0.
  virtual std::size_t index() const = 0;
  /// Reads up to and including the blank line after a request's header; empty when the peer closed.
  virtual asio::awaitable<std::string> read_head() = 0;
  /// False when the peer no longer takes it.
  virtual asio::awaitable<bool> write(std::string bytes) = 0;
  /// Never returns but by cancellation, or when the peer closes.
  virtual asio::awaitable<void> wait_for_close() = 0;
  /// Connects to `address` (`127.0.0.1:41233`) and passes bytes on, both ways, until either closes.
  virtual asio::awaitable<void> relay_to(std::string address) = 0;
  /// Closes with a reset instead of an orderly end.
  virtual void reset() = 0;
};

/// A TCP server that says exactly what a test tells it to, valid HTTP or not. The connection closes
/// when its behaviour returns.
class RawServer {
 public:
  using Behaviour = std::function<asio::awaitable<void>(RawConnection& connection)>;

  RawServer(asio::io_context& io, Behaviour behaviour);
  /// Runs the io_context until every connection has ended.
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  /// `http://127.0.0.1:41233` and `path`.
  std::string url(std::string_view path) const;
  std::size_t connections() const;

 private:
  struct State;
  asio::io_context& io_;
  std::shared_ptr<State> state_;
};

/// Reads one request's header, writes `bytes`, closes.
RawServer::Behaviour say_and_close(std::string bytes);

}  // namespace scanclock
