#pragma once

#include "core/net/http_server.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A scripted HTTP server on the test's own io_context. It listens on a free loopback port (or on
/// `unix:/path`), records what it was asked and stops in its destructor, which runs the io_context
/// for that. With a SimClock, give that clock an io_patience of a few milliseconds.
class StubHttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpServerRequest&)>;
  using AsyncHandler = std::function<asio::awaitable<HttpResponse>(HttpServerRequest)>;

  StubHttpServer(asio::io_context& io, Clock& clock, std::string listen = "127.0.0.1:0");
  /// The same with all options, for TLS or other limits.
  StubHttpServer(asio::io_context& io, Clock& clock, HttpServerOptions options);
  ~StubHttpServer();
  StubHttpServer(const StubHttpServer&) = delete;
  StubHttpServer& operator=(const StubHttpServer&) = delete;

  /// Answers targets that begin with `target_prefix`; the longest prefix wins and a prefix given
  /// again replaces the earlier handler. Everything else is answered 404.
  void on(std::string target_prefix, Handler handler);
  void on_async(std::string target_prefix, AsyncHandler handler);
  /// The same fixed answer every time.
  void on(std::string target_prefix, HttpResponse response);

  /// `127.0.0.1:41233`
  std::string address() const;
  /// `http://127.0.0.1:41233` and `path`; for a Unix socket `http://localhost` and `path`.
  std::string url(std::string_view path) const;

  const std::vector<HttpServerRequest>& requests() const { return requests_; }
  /// Requests with this method whose target begins with `target_prefix`.
  std::size_t count(std::string_view method, std::string_view target_prefix) const;
  void clear_requests() { requests_.clear(); }

  /// Stops listening and cuts every connection, as an outage does.
  void stop();

 private:
  asio::awaitable<HttpResponse> handle(HttpServerRequest request);

  asio::io_context& io_;
  bool tls_ = false;
  std::map<std::string, AsyncHandler> handlers_;
  std::vector<HttpServerRequest> requests_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace scanclock
