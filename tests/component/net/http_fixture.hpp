#pragma once

#include "core/net/http_client.hpp"
#include "core/runtime/clock.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/stub_http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace scanclock {

/// A client in real time; every server of a test runs on the same io_context.
class HttpTest : public testing::Test {
 protected:
  using Answer = Result<HttpResponse, HttpFailure>;

  HttpTest() { make_client(HttpClientOptions()); }

  void make_client(HttpClientOptions options) {
    client_ = make_http_client(clock_, make_dns_resolver(clock_), std::move(options));
  }

  static HttpRequest get(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    request.timeout = std::chrono::seconds(20);
    return request;
  }

  static HttpRequest with_method(std::string method, HttpRequest request) {
    request.method = std::move(method);
    return request;
  }

  Answer send(HttpRequest request) { return run(io_, client_->send(std::move(request))); }

  /// The answer's reason; fails the test when it was a response.
  HttpFailureReason failure_of(HttpRequest request) {
    const Answer answered = send(std::move(request));
    if (answered) {
      ADD_FAILURE() << "answered " << answered->status;
      return HttpFailureReason::cancelled;
    }
    last_message_ = answered.error().message;
    return answered.error().reason;
  }

  asio::io_context io_;
  SystemClock clock_;
  std::unique_ptr<HttpClient> client_;
  std::string last_message_;
};

}  // namespace scanclock
