#include "core/net/http_client.hpp"

#include "core/net/dns_resolver.hpp"
#include "core/net/http_connection_pool.hpp"
#include "core/net/http_connector.hpp"
#include "core/net/http_exchange.hpp"
#include "core/runtime/with_timeout.hpp"

#include <utility>

namespace scanclock {
namespace {

using Answer = Result<HttpResponse, HttpFailure>;
using Opened = Result<std::unique_ptr<HttpStream>, HttpFailure>;
using boost::system::error_code;

// Shared with the exchanges under way, so that the client may go before they are unwound.
struct Core {
  Core(Clock& program_clock, std::shared_ptr<DnsResolver> resolver, HttpClientOptions settings)
      : clock(program_clock),
        options(std::move(settings)),
        connector(clock, std::move(resolver), options),
        pool(std::make_shared<HttpConnectionPool>(clock, options.connections_per_origin_max,
                                                  options.idle_max)) {}

  Clock& clock;
  HttpClientOptions options;
  HttpConnector connector;
  std::shared_ptr<HttpConnectionPool> pool;
};

asio::awaitable<Answer> perform(std::shared_ptr<Core> core,
                                std::shared_ptr<const PreparedRequest> request) {
  const auto lease = co_await core->pool->acquire(request->origin_key);
  if (!lease) {
    co_return make_http_failure(HttpFailureReason::too_many_requests, request->description,
                                "too many requests wait for this server");
  }
  auto connection = core->pool->take_idle(*lease);
  if (connection) {
    ExchangeOutcome outcome = co_await exchange(*connection, *request);
    if (outcome.reusable) {
      core->pool->keep_idle(*lease, std::move(connection));
    }
    // The server may have closed the idle connection just when the request was sent.
    if (!outcome.silent || !request->idempotent) {
      co_return std::move(outcome.answer);
    }
    core->pool->close_idle(*lease);
  }
  auto fresh = co_await core->connector.connect(*request);
  if (!fresh) {
    co_return std::move(fresh).error();
  }
  ExchangeOutcome outcome = co_await exchange(**fresh, *request);
  if (outcome.reusable) {
    core->pool->keep_idle(*lease, std::move(*fresh));
  }
  co_return std::move(outcome.answer);
}

// As with_timeout() wants it: cancellation is an exception, not a result.
asio::awaitable<error_code> feed_unless_cancelled(HttpConnection& connection, HttpParser& parser) {
  const error_code error = co_await feed_parser(connection, parser);
  throw_if_cancelled(error);
  co_return error;
}

class Stream final : public HttpStream {
 public:
  Stream(std::shared_ptr<Core> core, std::shared_ptr<const PreparedRequest> request,
         std::unique_ptr<HttpConnection> connection, std::unique_ptr<HttpParser> parser)
      : core_(std::move(core)),
        request_(std::move(request)),
        connection_(std::move(connection)),
        parser_(std::move(parser)) {
    head_.status = parser_->start_line().status;
    head_.headers = parser_->headers();
  }

  const HttpResponse& head() const override { return head_; }

  asio::awaitable<Result<std::string, HttpFailure>> read(Duration idle_max) override {
    for (;;) {
      std::string piece = parser_->take_body();
      if (!piece.empty() || parser_->done()) {
        co_return piece;
      }
      std::optional<HttpFailure> failure;
      if (parser_->problem() != HttpParser::Problem::none) {
        co_return describe_problem(*parser_, *request_);
      }
      try {
        const error_code error = co_await with_timeout<error_code>(
            core_->clock, feed_unless_cancelled(*connection_, *parser_), idle_max, "reading");
        if (error) {
          failure = make_http_failure(
              HttpFailureReason::reset, request_->description,
              error == asio::error::eof ? "the response was cut off" : error.message());
        }
      } catch (const TimeoutError& late) {
        failure = make_http_failure(HttpFailureReason::timeout, request_->description, late.what());
      }
      if (failure) {
        connection_->transport->close();
        co_return std::move(*failure);
      }
    }
  }

 private:
  std::shared_ptr<Core> core_;
  std::shared_ptr<const PreparedRequest> request_;
  std::unique_ptr<HttpConnection> connection_;
  std::unique_ptr<HttpParser> parser_;
  HttpResponse head_;
};

asio::awaitable<Opened> open_stream(std::shared_ptr<Core> core,
                                    std::shared_ptr<const PreparedRequest> request) {
  auto connected = co_await core->connector.connect(*request);
  if (!connected) {
    co_return std::move(connected).error();
  }
  std::unique_ptr<HttpConnection> connection = std::move(*connected);
  auto head = co_await exchange_head(*connection, *request);
  if (!head) {
    co_return std::move(head).error();
  }
  if (find_header(head->parser->headers(), "Content-Encoding").value_or("identity") != "identity") {
    co_return make_http_failure(HttpFailureReason::malformed, request->description,
                                "the server compressed a stream although it was not asked to");
  }
  std::unique_ptr<HttpStream> stream = std::make_unique<Stream>(
      std::move(core), std::move(request), std::move(connection), std::move(head->parser));
  co_return std::move(stream);
}

class Client final : public HttpClient {
 public:
  explicit Client(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  asio::awaitable<Answer> send(HttpRequest request) override {
    const auto core = core_;
    const Duration timeout = request.timeout;
    auto prepared =
        prepare_request(std::move(request), core->options.user_agent, ConnectionUse::shared);
    if (!prepared) {
      co_return std::move(prepared).error();
    }
    core->pool->close_expired();
    const auto shared = std::make_shared<const PreparedRequest>(std::move(*prepared));
    try {
      co_return co_await with_timeout<Answer>(core->clock, perform(core, shared), timeout,
                                              shared->description);
    } catch (const TimeoutError& late) {
      co_return late_failure(late);
    }
  }

  asio::awaitable<Opened> open(HttpRequest request) override {
    const auto core = core_;
    const Duration timeout = request.timeout;
    auto prepared =
        prepare_request(std::move(request), core->options.user_agent, ConnectionUse::own);
    if (!prepared) {
      co_return std::move(prepared).error();
    }
    const auto shared = std::make_shared<const PreparedRequest>(std::move(*prepared));
    try {
      co_return co_await with_timeout<Opened>(core->clock, open_stream(core, shared), timeout,
                                              shared->description);
    } catch (const TimeoutError& late) {
      co_return late_failure(late);
    }
  }

 private:
  static HttpFailure late_failure(const TimeoutError& late) {
    HttpFailure failure;
    failure.reason = HttpFailureReason::timeout;
    failure.retryable = true;
    failure.message = late.what();
    return failure;
  }

  std::shared_ptr<Core> core_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(Clock& clock, std::shared_ptr<DnsResolver> resolver,
                                             HttpClientOptions options) {
  return std::make_unique<Client>(
      std::make_shared<Core>(clock, std::move(resolver), std::move(options)));
}

}  // namespace scanclock
