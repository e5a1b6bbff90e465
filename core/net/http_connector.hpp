#pragma once

#include "core/domain/result.hpp"
#include "core/net/dns_resolver.hpp"
#include "core/net/http_client.hpp"
#include "core/net/http_exchange.hpp"
#include "core/net/http_proxy.hpp"
#include "core/net/transport.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

namespace scanclock {

/// Opens connections: name, address, a proxy's tunnel, TLS.
class HttpConnector {
 public:
  using Connected = Result<std::unique_ptr<HttpConnection>, HttpFailure>;

  /// How to connect; the options' proxy URL must be a good one, else std::runtime_error is thrown.
  HttpConnector(Clock& clock, std::shared_ptr<DnsResolver> resolver,
                const HttpClientOptions& options);

  /// Tries the host's addresses in their order; each gets its share of the time.
  asio::awaitable<Connected> connect(const PreparedRequest& request);

 private:
  using Socket = Result<StreamSocket, HttpFailure>;

  asio::awaitable<Connected> connect_without_limit(const PreparedRequest& request);
  asio::awaitable<Socket> connect_tcp(const PreparedRequest& request);
  asio::awaitable<Socket> connect_through_proxy(const PreparedRequest& request);
  asio::awaitable<Connected> start_tls(StreamSocket socket, const PreparedRequest& request);
  /// The addresses of the request's host that may be connected to.
  asio::awaitable<Result<DnsResolver::Addresses, HttpFailure>> find_addresses(
      const PreparedRequest& request);

  Clock& clock_;
  std::shared_ptr<DnsResolver> resolver_;
  std::shared_ptr<asio::ssl::context> tls_;
  /// Demanded of every server instead of its URL's host; empty for the host.
  std::string server_name_;
  std::optional<HttpProxy> proxy_;
  Duration timeout_;
  std::function<void(const std::string&, std::uint16_t, TimePoint)> on_certificate_;
};

}  // namespace scanclock
