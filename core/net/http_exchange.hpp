#pragma once

#include "core/domain/result.hpp"
#include "core/net/http_connection.hpp"
#include "core/net/http_types.hpp"
#include "core/net/url.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace scanclock {

/// A request that was checked and put into the form of the wire.
struct PreparedRequest {
  PreparedRequest() = default;
  Url url;
  std::string unix_socket;
  /// Connections are shared among requests with the same key.
  std::string origin_key;
  /// Request line and header.
  std::string head;
  std::string body;
  /// `GET https://host/path`, without the query, for messages.
  std::string description;
  bool is_head = false;
  bool idempotent = false;
  std::size_t body_bytes_max = 0;
};

enum class ConnectionUse { shared, own };

/// Refuses, as bad_url, what would not reach the wire as it was meant: line breaks in particular.
Result<PreparedRequest, HttpFailure> prepare_request(HttpRequest request,
                                                     const std::string& user_agent,
                                                     ConnectionUse use);

HttpFailure make_http_failure(HttpFailureReason reason, const std::string& description,
                              const std::string& cause);

struct ExchangeOutcome {
  explicit ExchangeOutcome(Result<HttpResponse, HttpFailure> result) : answer(std::move(result)) {}
  Result<HttpResponse, HttpFailure> answer;
  /// Not one byte of a response came.
  bool silent = false;
  /// The connection may serve another request.
  bool reusable = false;
};

/// Sends the request and reads the whole response. Cancellation throws operation_aborted and leaves
/// the connection unusable.
asio::awaitable<ExchangeOutcome> exchange(HttpConnection& connection,
                                          const PreparedRequest& request);

struct ResponseHead {
  explicit ResponseHead(std::unique_ptr<HttpParser> body_parser) : parser(std::move(body_parser)) {}
  /// Holds the head and goes on with the body.
  std::unique_ptr<HttpParser> parser;
};

/// Sends the request and reads up to the end of the final response's header.
asio::awaitable<Result<ResponseHead, HttpFailure>> exchange_head(HttpConnection& connection,
                                                                 const PreparedRequest& request);

/// What a parser's problem means to a caller.
HttpFailure describe_problem(const HttpParser& parser, const PreparedRequest& request);

}  // namespace scanclock
