#pragma once

#include "core/domain/result.hpp"
#include "core/net/http_connection.hpp"
#include "core/net/prepared_request.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace scanclock {

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
