#pragma once

#include "core/domain/result.hpp"
#include "core/net/http_types.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace scanclock {

/// A response whose body has no end, such as an event stream. Destroying it closes the connection.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  virtual const HttpResponse& head() const = 0;
  /// The next piece of the body, empty at its end. Waits for at most `idle_max`.
  virtual asio::awaitable<Result<std::string, HttpFailure>> read(Duration idle_max) = 0;
};

/// Follows no redirect, adds no header of its own but Host, User-Agent, Accept-Encoding: gzip,
/// Connection and Content-Length. I/O thread only.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  /// Any status is a success here; failures are those of the exchange itself. Cancellation of the
  /// calling coroutine throws boost::system::system_error(operation_aborted).
  virtual asio::awaitable<Result<HttpResponse, HttpFailure>> send(HttpRequest request) = 0;

  /// Sends the request on a connection of its own and returns after the response's header;
  /// `request.timeout` covers that part, `body_bytes_max` does not apply.
  virtual asio::awaitable<Result<std::unique_ptr<HttpStream>, HttpFailure>> open(
      HttpRequest request) = 0;
};

struct TlsClientOptions {
  TlsClientOptions() = default;
  /// PEM bundle; empty: the system's. When set, only it is trusted.
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  /// PEM text instead of the file of the same name; it wins where both are there.
  std::string ca_pem;
  std::string cert_pem;
  std::string key_pem;
  /// Named in the handshake (SNI) and demanded of the certificate, instead of the URL's host.
  std::string server_name;
  /// Takes any certificate. For settings that say so in as many words.
  bool insecure_skip_verify = false;
};

struct HttpClientOptions {
  HttpClientOptions() = default;
  TlsClientOptions tls;
  std::string user_agent = "scanclock";
  std::size_t connections_per_origin_max = 16;
  /// Idle connections are closed after this.
  Duration idle_max = std::chrono::seconds(50);
  Duration connect_timeout = std::chrono::seconds(10);
  /// `http://[user:password@]host[:port]`: https goes through it (CONNECT, RFC 9110 section 9.3.6),
  /// plain http and Unix sockets are refused beside it. Empty: no proxy; the environment's proxy
  /// settings are never read.
  std::string proxy_url;
  /// Told after every handshake that succeeded: the URL's host and port, and when the certificate
  /// that was shown there ends. May be empty.
  std::function<void(const std::string& host, std::uint16_t port, TimePoint not_after)>
      on_certificate;
};

/// Resolves host names with getaddrinfo on a pool of its own: one query per host at a time, the
/// last good address kept for when the resolver fails.
class DnsResolver;
std::shared_ptr<DnsResolver> make_dns_resolver(Clock& clock);

/// Keep-alive connections per origin, TLS 1.2 or newer with host name verification and SNI, gzip.
/// An idempotent request that fails on a reused connection before the first byte of the response
/// is sent once more on a fresh one. Throws std::runtime_error when the TLS files cannot be used,
/// naming the file, or when the proxy's URL is none.
std::unique_ptr<HttpClient> make_http_client(Clock& clock, std::shared_ptr<DnsResolver> resolver,
                                             HttpClientOptions options);

}  // namespace scanclock
