#pragma once

#include "core/net/http_types.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace scanclock {

inline constexpr std::size_t http_server_body_bytes_default_max = std::size_t{64} << 20;

/// A request as the server received it; `target` is the raw path with its query.
struct HttpServerRequest {
  HttpServerRequest() = default;
  std::string method;
  std::string target;
  std::vector<HttpHeader> headers;
  std::string body;
  std::string peer;

  std::optional<std::string_view> header(std::string_view name) const {
    return find_header(headers, name);
  }
};

/// PEM files; an empty cert_file means plain HTTP.
struct TlsServerOptions {
  TlsServerOptions() = default;
  std::string cert_file;
  std::string key_file;
  /// When set, clients must show a certificate that these authorities signed.
  std::string client_ca_file;
};

struct HttpServerOptions {
  HttpServerOptions() = default;
  /// `127.0.0.1:9630`, `[::1]:0`; port 0 picks a free one. `unix:/path` is a Unix socket, which
  /// replaces a socket left at that path.
  std::string listen;
  TlsServerOptions tls;
  std::size_t body_bytes_max = http_server_body_bytes_default_max;
  std::size_t connections_max = 1024;
  Duration header_timeout = std::chrono::seconds(15);
  Duration body_timeout = std::chrono::seconds(60);
  Duration idle_timeout = std::chrono::seconds(75);
};

/// HTTP/1.1 with keep-alive. HEAD is passed on as HEAD and the body of the answer is not sent.
/// Bodies over the limit are answered 413, malformed requests 400, too many connections 503.
class HttpServer {
 public:
  /// Called on the I/O thread; an exception becomes a 500 without its text.
  using Handler = std::function<asio::awaitable<HttpResponse>(HttpServerRequest request)>;

  virtual ~HttpServer() = default;
  /// The bound address, `127.0.0.1:41233` or `unix:/path`.
  virtual std::string address() const = 0;
  /// Accepts until stopped.
  virtual void start() = 0;
  /// Closes the listener and idle connections, lets requests under way finish for at most `grace`,
  /// then cuts them. Await it before destroying a server that was started. Idempotent.
  virtual asio::awaitable<void> stop(Duration grace) = 0;
};

/// Binds at once. Throws std::runtime_error naming the address when that fails, or the file when
/// the TLS files cannot be used.
std::unique_ptr<HttpServer> make_http_server(asio::any_io_executor executor, Clock& clock,
                                             HttpServerOptions options,
                                             HttpServer::Handler handler);

}  // namespace scanclock
