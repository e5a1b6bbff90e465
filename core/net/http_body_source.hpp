#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace scanclock {

namespace asio = boost::asio;

/// A part of an answer's body that is made while the answer is sent, for a body that should not lie
/// in memory as a whole. I/O thread only.
class HttpBodySource {
 public:
  using Pieces = std::vector<std::shared_ptr<const std::string>>;

  virtual ~HttpBodySource() = default;
  /// Length of all that next() will give; known beforehand, for it is declared.
  virtual std::uint64_t bytes() const = 0;
  /// The next pieces, which are asked for when those before are sent: so much is what a slow reader
  /// holds. None at the end. An exception, or another length than declared, ends the connection.
  virtual asio::awaitable<Pieces> next() = 0;
};

}  // namespace scanclock
