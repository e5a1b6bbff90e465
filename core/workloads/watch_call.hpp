#pragma once

#include "core/net/http_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>
#include <string>

namespace scanclock {

/// Calls whoever reads a stream away from it, for a quiet watch says nothing for minutes. One
/// reader. I/O thread only.
class WatchCall {
 public:
  using Piece = Result<std::string, HttpFailure>;

  /// Holds until it is heard or forgotten.
  void call();
  void forget() { called_ = false; }
  /// As HttpStream::read; nothing when called, after which the stream cannot be read any more.
  boost::asio::awaitable<std::optional<Piece>> read(HttpStream& stream, Duration idle_max);

 private:
  boost::asio::awaitable<void> wait();

  bool called_ = false;
  std::optional<boost::asio::steady_timer> timer_;
};

}  // namespace scanclock
