#pragma once

#include "core/net/http_connection.hpp"
#include "core/net/http_server.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

/// What the sessions of one server share.
struct HttpServerShared {
  HttpServerShared(Clock& program_clock, HttpServerOptions settings, HttpServer::Handler answer)
      : clock(program_clock), options(std::move(settings)), handler(std::move(answer)) {}
  Clock& clock;
  HttpServerOptions options;
  HttpServer::Handler handler;
  bool stopping = false;
};

/// One connection of the server, from its handshake to its end. Its time limits are enforced from
/// outside, by a sweep over all sessions, which costs a request nothing.
class HttpSession {
 public:
  HttpSession(std::shared_ptr<HttpServerShared> shared, std::unique_ptr<Transport> transport,
              std::string peer);

  asio::awaitable<void> run();
  /// Answers 503 whatever is asked.
  asio::awaitable<void> refuse();

  /// Closes the connection when it only waits for the next request.
  void close_if_idle();
  /// Interrupts what takes too long.
  void enforce_deadline(Duration now);

 private:
  enum class Next { keep, close, close_after_draining };

  asio::awaitable<Next> serve_one();
  /// Empty, or the status to refuse the request with; 0 closes without an answer.
  asio::awaitable<std::optional<int>> read_header(HttpParser& parser);
  asio::awaitable<std::optional<int>> read_body(HttpParser& parser, std::string& body);
  asio::awaitable<HttpResponse> call_handler(HttpServerRequest request);
  asio::awaitable<Next> answer_problem(int status);
  asio::awaitable<bool> send(HttpResponse response, bool is_head, bool keep_alive);
  using BodyPieces = std::vector<std::shared_ptr<const std::string>>;
  asio::awaitable<boost::system::error_code> send_pieces(BodyPieces pieces);
  asio::awaitable<boost::system::error_code> send_source(HttpBodySource& source);
  asio::awaitable<void> drain();

  std::optional<int> status_of_problem(const HttpParser& parser) const;
  bool was_interrupted(const boost::system::error_code& error) const;
  void set_deadline(Duration from_now);
  void clear_deadline();

  std::shared_ptr<HttpServerShared> shared_;
  HttpConnection connection_;
  std::string peer_;
  std::optional<Duration> deadline_;
  bool timed_out_ = false;
  bool idle_ = true;
  bool first_request_ = true;
};

/// Status line and header as they go on the wire. A response that cannot be sent as it stands, for
/// a line break in a header, gives nothing.
std::optional<std::string> build_response_head(const HttpResponse& response, bool is_head,
                                               bool keep_alive);

/// An RFC 9457 problem without details.
HttpResponse make_problem_response(int status);

}  // namespace scanclock
