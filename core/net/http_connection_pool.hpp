#pragma once

#include "core/net/http_connection.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace scanclock {

/// Limits the connections to each origin and keeps those that are idle. I/O thread only.
class HttpConnectionPool : public std::enable_shared_from_this<HttpConnectionPool> {
 public:
  /// The right to one connection to an origin; given back by its destructor, to the one who waits
  /// longest.
  class Lease;

  HttpConnectionPool(Clock& clock, std::size_t per_origin_max, Duration idle_max);
  ~HttpConnectionPool();

  /// Waits for its turn, first come first served. Nothing when far too many wait already.
  asio::awaitable<std::unique_ptr<Lease>> acquire(std::string origin_key);

  /// The connection that was idle for the shortest time and still seems open, or none.
  std::unique_ptr<HttpConnection> take_idle(const Lease& lease);
  void keep_idle(const Lease& lease, std::unique_ptr<HttpConnection> connection);
  /// One idle connection turned out dead, so the others are suspect.
  void close_idle(const Lease& lease);
  /// Closes what was idle for too long, at every origin.
  void close_expired();

 private:
  struct Waiter;
  struct Origin;

  static void release(Origin& origin);

  Clock& clock_;
  std::size_t per_origin_max_;
  Duration idle_max_;
  std::map<std::string, std::shared_ptr<Origin>> origins_;
};

class HttpConnectionPool::Lease {
 public:
  explicit Lease(std::shared_ptr<Origin> origin) : origin_(std::move(origin)) {}
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

 private:
  friend class HttpConnectionPool;
  std::shared_ptr<Origin> origin_;
};

}  // namespace scanclock
