#pragma once

#include "core/domain/result.hpp"
#include "core/net/dns_resolver.hpp"
#include "core/net/http_exchange.hpp"
#include "core/net/transport.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace scanclock {

/// Opens connections: name, address, TLS.
class HttpConnector {
 public:
  using Connected = Result<std::unique_ptr<HttpConnection>, HttpFailure>;

  HttpConnector(Clock& clock, std::shared_ptr<DnsResolver> resolver,
                std::shared_ptr<asio::ssl::context> tls, Duration timeout);

  /// Tries the host's addresses in their order; each gets its share of the time.
  asio::awaitable<Connected> connect(const PreparedRequest& request);

 private:
  using Socket = Result<StreamSocket, HttpFailure>;

  asio::awaitable<Connected> connect_without_limit(const PreparedRequest& request);
  asio::awaitable<Socket> connect_tcp(const PreparedRequest& request);
  /// The addresses of the request's host that may be connected to.
  asio::awaitable<Result<DnsResolver::Addresses, HttpFailure>> find_addresses(
      const PreparedRequest& request);

  Clock& clock_;
  std::shared_ptr<DnsResolver> resolver_;
  std::shared_ptr<asio::ssl::context> tls_;
  Duration timeout_;
};

}  // namespace scanclock
