#pragma once

#include "core/net/http_types.hpp"

#include <nlohmann/json_fwd.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// One HTTP/1.1 exchange over a plain blocking socket, independent of the code under test.
struct HttpAnswer {
  /// 0 when there was no whole answer.
  int status = 0;
  std::vector<HttpHeader> headers;
  std::string body;

  std::string header(std::string_view name) const;
  /// Throws nlohmann::json::parse_error with the body in it.
  nlohmann::json json() const;
};

/// `url` is `http://127.0.0.1:port/path`. Gives up after `limit`.
HttpAnswer http_call(const std::string& method, const std::string& url,
                     const std::string& body = {}, const std::vector<HttpHeader>& headers = {},
                     Duration limit = std::chrono::seconds(30));
HttpAnswer http_get(const std::string& url);

/// One accepted connection.
class ServedConnection {
 public:
  explicit ServedConnection(int descriptor) : descriptor_(descriptor) {}
  /// False when the peer is gone.
  bool write(std::string_view bytes) const;
  void answer(int status, const std::vector<HttpHeader>& headers, const std::string& body) const;
  /// Ends with RST instead of FIN.
  void reset() const;
  /// Until the peer closes or the server stops.
  void wait_for_close() const;

 private:
  int descriptor_;
};

struct ServedRequest {
  std::string method;
  std::string target;
  std::vector<HttpHeader> headers;
  std::string body;

  std::string header(std::string_view name) const;
};

/// An HTTP/1.1 server of a thread a connection. The handler runs on those threads and writes what
/// it likes; false ends the connection.
class BlockingServer {
 public:
  using Handler = std::function<bool(const ServedConnection&, const ServedRequest&)>;

  /// Listens at once on a free port of 127.0.0.1.
  explicit BlockingServer(Handler handler);
  ~BlockingServer();
  BlockingServer(const BlockingServer&) = delete;
  BlockingServer& operator=(const BlockingServer&) = delete;

  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Cuts every connection; start() listens on the same port again.
  void stop();
  void start();

 private:
  struct State;
  Handler handler_;
  int port_ = 0;
  std::shared_ptr<State> state_;
};

}  // namespace scanclock
