#include "core/net/http_session.hpp"

#include "core/net/http_body_source.hpp"
#include "core/runtime/log.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

using boost::system::error_code;

constexpr Duration drain_timeout = std::chrono::seconds(2);
constexpr std::size_t drain_bytes_max = std::size_t{1} << 20;
// A declared length is only a claim, so no more than this is reserved on its word.
constexpr std::uint64_t body_reserve_bytes_max = std::uint64_t{1} << 20;
// About so much of the body's pieces is handed to the transport at once.
constexpr std::size_t write_bytes_max = std::size_t{1} << 20;
constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

std::string path_of(const std::string& target) { return target.substr(0, target.find('?')); }

// RFC 9112 section 3.2: exactly one Host in HTTP/1.1.
bool names_its_host(HttpParser& parser) {
  const auto& headers = parser.headers();
  const auto hosts = std::count_if(headers.begin(), headers.end(), [](const HttpHeader& header) {
    return equal_without_case(header.name, "Host");
  });
  return hosts == 1 || (hosts == 0 && parser.is_http_1_0());
}

}  // namespace

HttpSession::HttpSession(std::shared_ptr<HttpServerShared> shared,
                         std::unique_ptr<Transport> transport, std::string peer)
    : shared_(std::move(shared)), connection_(std::move(transport)), peer_(std::move(peer)) {}

void HttpSession::set_deadline(Duration from_now) {
  deadline_ = shared_->clock.monotonic() + from_now;
  timed_out_ = false;
}

void HttpSession::clear_deadline() {
  deadline_.reset();
  timed_out_ = false;
}

void HttpSession::close_if_idle() {
  if (idle_) {
    connection_.transport->close();
  }
}

void HttpSession::enforce_deadline(Duration now) {
  if (deadline_ && now >= *deadline_) {
    timed_out_ = true;
    connection_.transport->cancel();
  }
}

// Tells the deadline's interruption, and the closing of an idle session, from cancellation.
bool HttpSession::was_interrupted(const error_code& error) const {
  return error == asio::error::operation_aborted &&
         (timed_out_ || !connection_.transport->socket().is_open());
}

std::optional<int> HttpSession::status_of_problem(const HttpParser& parser) const {
  switch (parser.problem()) {
    case HttpParser::Problem::none:
      return std::nullopt;
    case HttpParser::Problem::body_too_large:
      return 413;
    case HttpParser::Problem::header_too_large:
      return 431;
    case HttpParser::Problem::malformed:
      break;
  }
  return 400;
}

asio::awaitable<void> HttpSession::run() {
  set_deadline(shared_->options.header_timeout);
  const error_code error = co_await connection_.transport->handshake();
  if (error && !was_interrupted(error)) {
    throw_if_cancelled(error);
  }
  if (error) {
    co_return;
  }
  Next next = Next::keep;
  while (next == Next::keep) {
    next = co_await serve_one();
    first_request_ = false;
  }
  if (next == Next::close_after_draining) {
    co_await drain();
  }
}

asio::awaitable<void> HttpSession::refuse() {
  set_deadline(drain_timeout);
  idle_ = false;
  HttpResponse response = make_problem_response(503);
  response.headers.emplace_back("Retry-After", "1");
  const bool sent = co_await send(std::move(response), false, false);
  if (sent) {
    co_await drain();
  }
}

asio::awaitable<HttpSession::Next> HttpSession::serve_one() {
  HttpParser parser(HttpParser::Kind::request, shared_->options.body_bytes_max);
  auto refusal = co_await read_header(parser);
  std::string body;
  if (!refusal) {
    refusal = co_await read_body(parser, body);
  }
  if (refusal) {
    co_return co_await answer_problem(*refusal);
  }
  HttpServerRequest request;
  request.method = parser.start_line().method;
  request.target = parser.start_line().target;
  request.headers = std::move(parser.headers());
  request.body = std::move(body);
  request.peer = peer_;
  const bool is_head = request.method == "HEAD";
  clear_deadline();
  HttpResponse response = co_await call_handler(std::move(request));
  const bool keep_alive = parser.keep_alive() && !shared_->stopping;
  set_deadline(shared_->options.body_timeout);
  const bool sent = co_await send(std::move(response), is_head, keep_alive);
  co_return sent&& keep_alive ? Next::keep : Next::close;
}

asio::awaitable<std::optional<int>> HttpSession::read_header(HttpParser& parser) {
  const auto& options = shared_->options;
  bool started = !connection_.buffer.empty();
  idle_ = !started;
  set_deadline(started || first_request_ ? options.header_timeout : options.idle_timeout);
  while (!parser.header_done()) {
    const error_code error = co_await feed_parser(connection_, parser);
    if (timed_out_) {
      // Silence is the end of a connection; half a header is a request that came too slowly.
      co_return started ? 408 : 0;
    }
    if (error && !was_interrupted(error)) {
      throw_if_cancelled(error);
    }
    if (error) {
      co_return 0;
    }
    if (!started) {
      started = true;
      idle_ = false;
      set_deadline(options.header_timeout);
    }
    if (const auto status = status_of_problem(parser)) {
      co_return status;
    }
  }
  if (!names_its_host(parser)) {
    co_return 400;
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<int>> HttpSession::read_body(HttpParser& parser, std::string& body) {
  set_deadline(shared_->options.body_timeout);
  if (parser.expects_continue() && !parser.done()) {
    const error_code error =
        co_await connection_.transport->write(continue_head, std::string_view());
    if (error && !was_interrupted(error)) {
      throw_if_cancelled(error);
    }
    if (error) {
      co_return 0;
    }
  }
  body.reserve(std::min(parser.content_length().value_or(0), body_reserve_bytes_max));
  for (;;) {
    body.append(parser.take_body());
    if (const auto status = status_of_problem(parser)) {
      co_return status;
    }
    if (parser.done()) {
      co_return std::nullopt;
    }
    const error_code error = co_await feed_parser(connection_, parser);
    if (timed_out_) {
      co_return 408;
    }
    if (error && !was_interrupted(error)) {
      throw_if_cancelled(error);
    }
    if (error) {
      co_return 0;
    }
  }
}

asio::awaitable<HttpResponse> HttpSession::call_handler(HttpServerRequest request) {
  const std::string what = request.method + " " + path_of(request.target);
  try {
    auto pending = shared_->handler(std::move(request));
    co_return co_await std::move(pending);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted && shared_->stopping) {
      throw;
    }
    log::error("net", "cannot answer {}: {}", what, error.what());
  } catch (const std::exception& error) {
    log::error("net", "cannot answer {}: {}", what, error.what());
  }
  co_return make_problem_response(500);
}

asio::awaitable<HttpSession::Next> HttpSession::answer_problem(int status) {
  if (status == 0) {
    co_return Next::close;
  }
  set_deadline(shared_->options.header_timeout);
  const bool sent = co_await send(make_problem_response(status), false, false);
  co_return sent ? Next::close_after_draining : Next::close;
}

asio::awaitable<bool> HttpSession::send(HttpResponse response, bool is_head, bool keep_alive) {
  auto head = build_response_head(response, is_head, keep_alive);
  if (!head) {
    log::error("net", "cannot send a response: status {} or one of its headers is malformed",
               response.status);
    response = make_problem_response(500);
    head = build_response_head(response, is_head, keep_alive);
  }
  const bool bodiless = is_head || response.status == 204 || response.status == 304;
  const std::string_view body = bodiless ? std::string_view() : std::string_view(response.body);
  error_code error = co_await connection_.transport->write(*head, body);
  if (!error && !bodiless) {
    error = co_await send_pieces(std::move(response.pieces));
  }
  if (!error && !bodiless && response.source) {
    error = co_await send_source(*response.source);
  }
  if (error && !was_interrupted(error)) {
    throw_if_cancelled(error);
  }
  co_return !error;
}

// What was sent is let go at once, so that a slow reader holds no more than what it still lacks.
asio::awaitable<error_code> HttpSession::send_pieces(BodyPieces pieces) {
  std::size_t at = 0;
  while (at < pieces.size()) {
    const std::size_t begin = at;
    std::size_t bytes = 0;
    std::vector<std::string_view> views;
    for (; at < pieces.size() && bytes < write_bytes_max; ++at) {
      bytes += pieces[at]->size();
      views.emplace_back(*pieces[at]);
    }
    const error_code error = co_await connection_.transport->write_all(std::move(views));
    if (error) {
      co_return error;
    }
    for (std::size_t sent = begin; sent < at; ++sent) {
      pieces[sent].reset();
    }
  }
  co_return error_code();
}

// The head is on its way, so that a source that fails can only be told by cutting the connection.
asio::awaitable<error_code> HttpSession::send_source(HttpBodySource& source) {
  std::uint64_t left = source.bytes();
  try {
    for (;;) {
      BodyPieces pieces = co_await source.next();
      std::uint64_t bytes = 0;
      for (const auto& piece : pieces) {
        bytes += piece->size();
      }
      if (bytes > left || (pieces.empty() && left != 0)) {
        throw std::logic_error("the body is not as long as was declared");
      }
      if (pieces.empty()) {
        co_return error_code();
      }
      left -= bytes;
      const error_code error = co_await send_pieces(std::move(pieces));
      if (error || timed_out_) {
        co_return error ? error : error_code(asio::error::timed_out);
      }
    }
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted && shared_->stopping) {
      throw;
    }
    log::error("net", "cannot send all of a body: {}", error.what());
  } catch (const std::exception& error) {
    log::error("net", "cannot send all of a body: {}", error.what());
  }
  co_return error_code(asio::error::connection_aborted);
}

// Closing while the peer still sends would reset the connection and destroy the answer before it is
// read, so what it sends is read and dropped for a moment.
asio::awaitable<void> HttpSession::drain() {
  set_deadline(drain_timeout);
  connection_.transport->shutdown_send();
  std::array<char, 4096> scratch;
  std::size_t drained = 0;
  while (drained < drain_bytes_max) {
    const auto [error, bytes] =
        co_await connection_.transport->read_some(scratch.data(), scratch.size());
    if (error && !was_interrupted(error)) {
      throw_if_cancelled(error);
    }
    if (error || timed_out_) {
      co_return;
    }
    drained += bytes;
  }
}

}  // namespace scanclock
