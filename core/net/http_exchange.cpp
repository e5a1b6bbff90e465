#include "core/net/http_exchange.hpp"

#include "core/net/gzip.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>

namespace scanclock {
namespace {

using boost::system::error_code;

constexpr std::size_t interim_responses_max = 8;
// A declared length is only a claim, so no more than this is reserved on its word.
constexpr std::uint64_t body_reserve_bytes_max = std::uint64_t{1} << 20;

// Takes the pieces of a body and gives them back whole, expanded where it was gzip.
class BodyCollector {
 public:
  BodyCollector(HttpParser& parser, const PreparedRequest& request)
      : parser_(parser), request_(request) {
    const auto encoding = find_header(parser.headers(), "Content-Encoding");
    if (encoding && !request.is_head &&
        (equal_without_case(*encoding, "gzip") || equal_without_case(*encoding, "x-gzip"))) {
      expander_ = std::make_unique<GzipExpander>(request.body_bytes_max);
    }
    body_.reserve(std::min(parser.content_length().value_or(0), body_reserve_bytes_max));
  }

  // Nothing when the pieces so far are fine.
  std::optional<HttpFailure> collect() {
    const std::string piece = parser_.take_body();
    if (!expander_) {
      body_.append(piece);
      return std::nullopt;
    }
    switch (expander_->expand(piece, body_)) {
      case GzipExpander::Status::ok:
        return std::nullopt;
      case GzipExpander::Status::too_large:
        return make_http_failure(
            HttpFailureReason::body_too_large, request_.description,
            "the body expands to more than " + std::to_string(request_.body_bytes_max) + " bytes");
      case GzipExpander::Status::damaged:
        break;
    }
    return make_http_failure(HttpFailureReason::malformed, request_.description,
                             "the gzip body is damaged");
  }

  Result<HttpResponse, HttpFailure> finish() {
    if (expander_ && !expander_->complete()) {
      return make_http_failure(HttpFailureReason::malformed, request_.description,
                               "the gzip body is cut off");
    }
    HttpResponse response;
    response.status = parser_.start_line().status;
    response.headers = std::move(parser_.headers());
    if (expander_) {
      // They describe the bytes on the wire, not the body that the caller gets.
      std::erase_if(response.headers, [](const HttpHeader& header) {
        return equal_without_case(header.name, "Content-Encoding") ||
               equal_without_case(header.name, "Content-Length");
      });
    }
    response.body = std::move(body_);
    return response;
  }

 private:
  HttpParser& parser_;
  const PreparedRequest& request_;
  std::unique_ptr<GzipExpander> expander_;
  std::string body_;
};

HttpFailure describe_error(const error_code& error, bool silent, const PreparedRequest& request) {
  if (error == asio::error::eof) {
    return make_http_failure(
        HttpFailureReason::reset, request.description,
        silent ? "the server closed the connection without an answer" : "the response was cut off");
  }
  return make_http_failure(HttpFailureReason::reset, request.description, error.message());
}

// The state of one exchange up to the end of the header.
struct HeadOutcome {
  HeadOutcome() = default;
  std::unique_ptr<HttpParser> parser;
  std::optional<HttpFailure> failure;
  bool silent = true;
  bool request_sent = true;
};

asio::awaitable<HeadOutcome> send_and_read_head(HttpConnection& connection,
                                                const PreparedRequest& request,
                                                std::optional<std::size_t> body_bytes_max) {
  HeadOutcome outcome;
  const error_code write_error = co_await connection.transport->write(request.head, request.body);
  throw_if_cancelled(write_error);
  // A server that refuses a body may answer and close before it has read all of it, so a failed
  // write does not end the exchange.
  outcome.request_sent = !write_error;
  const auto kind =
      request.is_head ? HttpParser::Kind::response_to_head : HttpParser::Kind::response;
  for (std::size_t interim = 0; interim <= interim_responses_max; ++interim) {
    outcome.parser = std::make_unique<HttpParser>(kind, body_bytes_max);
    HttpParser& parser = *outcome.parser;
    while (!parser.header_done()) {
      const error_code error = co_await feed_parser(connection, parser);
      throw_if_cancelled(error);
      if (error) {
        const error_code& cause = outcome.silent && write_error ? write_error : error;
        outcome.failure = describe_error(cause, outcome.silent, request);
        co_return outcome;
      }
      outcome.silent = false;
      if (parser.problem() != HttpParser::Problem::none) {
        outcome.failure = describe_problem(parser, request);
        co_return outcome;
      }
    }
    const int status = parser.start_line().status;
    if (status == 101 || status < 100) {
      break;
    }
    if (status >= 200) {
      co_return outcome;
    }
  }
  outcome.failure = make_http_failure(HttpFailureReason::malformed, request.description,
                                      "the server sent no final response");
  co_return outcome;
}

}  // namespace

HttpFailure describe_problem(const HttpParser& parser, const PreparedRequest& request) {
  switch (parser.problem()) {
    case HttpParser::Problem::body_too_large:
      return make_http_failure(
          HttpFailureReason::body_too_large, request.description,
          "the body is larger than " + std::to_string(request.body_bytes_max) + " bytes");
    case HttpParser::Problem::header_too_large:
      return make_http_failure(
          HttpFailureReason::malformed, request.description,
          "the header is larger than " + std::to_string(http_header_bytes_max) + " bytes");
    case HttpParser::Problem::malformed:
    case HttpParser::Problem::none:
      break;
  }
  return make_http_failure(HttpFailureReason::malformed, request.description,
                           "not a valid http response: " + parser.problem_text());
}

asio::awaitable<ExchangeOutcome> exchange(HttpConnection& connection,
                                          const PreparedRequest& request) {
  HeadOutcome head = co_await send_and_read_head(connection, request, request.body_bytes_max);
  if (head.failure) {
    ExchangeOutcome failed(std::move(*head.failure));
    failed.silent = head.silent;
    co_return failed;
  }
  HttpParser& parser = *head.parser;
  BodyCollector collector(parser, request);
  for (;;) {
    auto failure = collector.collect();
    if (!failure && parser.problem() != HttpParser::Problem::none) {
      failure = describe_problem(parser, request);
    }
    if (failure) {
      co_return ExchangeOutcome(std::move(*failure));
    }
    if (parser.done()) {
      break;
    }
    const error_code error = co_await feed_parser(connection, parser);
    throw_if_cancelled(error);
    if (error) {
      co_return ExchangeOutcome(describe_error(error, false, request));
    }
  }
  const bool reusable = parser.keep_alive() && head.request_sent && connection.buffer.empty();
  ExchangeOutcome outcome(collector.finish());
  outcome.reusable = reusable;
  co_return outcome;
}

asio::awaitable<Result<ResponseHead, HttpFailure>> exchange_head(HttpConnection& connection,
                                                                 const PreparedRequest& request) {
  HeadOutcome head = co_await send_and_read_head(connection, request, std::nullopt);
  if (head.failure) {
    co_return std::move(*head.failure);
  }
  ResponseHead response(std::move(head.parser));
  co_return std::move(response);
}

}  // namespace scanclock
