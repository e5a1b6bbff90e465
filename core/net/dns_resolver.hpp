#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace scanclock {

class ResolveError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Turns host names into addresses. I/O thread only; getaddrinfo runs on a pool of its own, for it
/// can take half a minute and cannot be interrupted.
class DnsResolver {
 public:
  using Addresses = std::vector<asio::ip::address>;
  /// Blocks; throws ResolveError.
  using Lookup = std::function<Addresses(const std::string& host)>;

  explicit DnsResolver(Clock& clock);
  /// `lookup` instead of getaddrinfo; it runs on pool threads.
  DnsResolver(Clock& clock, Lookup lookup);
  ~DnsResolver();

  /// Addresses in the order to try them, never empty. Callers that ask for the same host share one
  /// lookup. When the lookup fails, or takes longer than a few seconds, the last good answer is
  /// given if there is one; else ResolveError.
  asio::awaitable<Addresses> resolve(std::string host);

 private:
  struct Flight;
  struct Known {
    Known() = default;
    Addresses addresses;
    Duration learned{0};
  };

  std::shared_ptr<Flight> join_flight(const std::string& host);
  void learn(const std::string& host, const Flight& flight);

  Clock& clock_;
  Lookup lookup_;
  BlockingPool pool_;
  std::map<std::string, Known> known_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace scanclock
