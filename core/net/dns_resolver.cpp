#include "core/net/dns_resolver.hpp"

#include "core/net/http_client.hpp"
#include "core/runtime/completion.hpp"
#include "core/runtime/with_timeout.hpp"

#include <boost/asio/ip/basic_endpoint.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <sys/socket.h>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t dns_threads = 4;
constexpr std::size_t dns_queue_max = 256;
constexpr std::size_t dns_hosts_known_max = 4096;
// getaddrinfo tells no lifetime; a burst of connections to one host costs one lookup.
constexpr Duration dns_fresh = std::chrono::seconds(5);
// Once there is a good answer, a slow resolver is treated like a failing one.
constexpr Duration dns_patience = std::chrono::seconds(3);

DnsResolver::Addresses look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (code == EAI_NONAME || code == EAI_ADDRFAMILY) {
    // AI_ADDRCONFIG ignores loopback, so a host with nothing but loopback finds no `localhost`.
    hints.ai_flags = 0;
    code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  }
  if (code != 0) {
    throw ResolveError("cannot resolve " + host + ": " + ::gai_strerror(code));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> guard(found, &::freeaddrinfo);
  DnsResolver::Addresses addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) {
      continue;
    }
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    if (std::find(addresses.begin(), addresses.end(), endpoint.address()) == addresses.end()) {
      addresses.push_back(endpoint.address());
    }
  }
  if (addresses.empty()) {
    throw ResolveError("cannot resolve " + host + ": no address");
  }
  return addresses;
}

}  // namespace

// One lookup under way; the pool thread fills it in, so the lock guards all of it.
struct DnsResolver::Flight {
  std::mutex mutex;
  bool done = false;
  Addresses addresses;
  std::string failure;
  std::vector<std::shared_ptr<Completion>> waiting;

  void run(const Lookup& lookup, const std::string& host) {
    Addresses found;
    std::string error;
    try {
      found = lookup(host);
    } catch (const std::exception& caught) {
      error = caught.what();
    }
    const std::lock_guard lock(mutex);
    addresses = std::move(found);
    failure = std::move(error);
    done = true;
    for (const auto& completion : waiting) {
      completion->signal();
    }
    waiting.clear();
  }

  bool has_landed() {
    const std::lock_guard lock(mutex);
    return done;
  }

  static asio::awaitable<void> wait(std::shared_ptr<Flight> flight) {
    Completion::Waiter waiter(co_await asio::this_coro::executor);
    {
      const std::lock_guard lock(flight->mutex);
      if (flight->done) {
        co_return;
      }
      flight->waiting.push_back(waiter.completion());
    }
    co_await waiter.wait();
  }
};

DnsResolver::DnsResolver(Clock& clock) : DnsResolver(clock, look_up) {}

DnsResolver::DnsResolver(Clock& clock, Lookup lookup)
    : clock_(clock), lookup_(std::move(lookup)), pool_(dns_threads, dns_queue_max) {}

DnsResolver::~DnsResolver() = default;

std::shared_ptr<DnsResolver::Flight> DnsResolver::join_flight(const std::string& host) {
  auto& flight = flights_[host];
  // A flight whose callers all gave up may have landed long ago.
  if (!flight || flight->has_landed()) {
    auto started = std::make_shared<Flight>();
    try {
      pool_.submit([started, host, lookup = lookup_] { started->run(lookup, host); });
    } catch (const PoolBusyError& busy) {
      started->failure = "cannot resolve " + host + ": " + busy.what();
      started->done = true;
    }
    flight = std::move(started);
  }
  return flight;
}

void DnsResolver::learn(const std::string& host, const Flight& flight) {
  if (flight.addresses.empty()) {
    return;
  }
  if (known_.size() >= dns_hosts_known_max && !known_.contains(host)) {
    known_.erase(known_.begin());
  }
  Known& known = known_[host];
  known.addresses = flight.addresses;
  known.learned = clock_.monotonic();
}

asio::awaitable<DnsResolver::Addresses> DnsResolver::resolve(std::string host) {
  boost::system::error_code not_literal;
  const auto literal = asio::ip::make_address(host, not_literal);
  if (!not_literal) {
    co_return Addresses(1, literal);
  }
  auto known = known_.find(host);
  if (known != known_.end() && clock_.monotonic() - known->second.learned < dns_fresh) {
    co_return known->second.addresses;
  }
  const auto flight = join_flight(host);
  if (known == known_.end()) {
    co_await Flight::wait(flight);
  } else {
    try {
      co_await with_timeout<void>(clock_, Flight::wait(flight), dns_patience, host);
    } catch (const TimeoutError&) {
      // The lookup goes on; the last good answer serves meanwhile.
    }
  }
  std::string failure = "cannot resolve " + host + ": the resolver does not answer";
  {
    const std::lock_guard lock(flight->mutex);
    if (flight->done) {
      const auto current = flights_.find(host);
      if (current != flights_.end() && current->second == flight) {
        flights_.erase(current);
        learn(host, *flight);
      }
      if (!flight->addresses.empty()) {
        co_return flight->addresses;
      }
      failure = flight->failure;
    }
  }
  known = known_.find(host);
  if (known == known_.end()) {
    throw ResolveError(failure);
  }
  co_return known->second.addresses;
}

std::shared_ptr<DnsResolver> make_dns_resolver(Clock& clock) {
  return std::make_shared<DnsResolver>(clock);
}

}  // namespace scanclock
