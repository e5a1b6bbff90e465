#pragma once

#include "core/registry/distribution_client.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>

namespace scanclock {

/// A DistributionClient of https://registry.test in virtual time.
class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    options.name = "prod";
    options.url = "https://registry.test";
  }

  DistributionClient& client() {
    if (!client_) {
      RequestObserver observer = [this](const std::string&, int code, Duration) {
        codes.push_back(code);
      };
      client_ =
          std::make_unique<DistributionClient>(options, clock, http, std::move(observer), nullptr);
    }
    return *client_;
  }

  /// After a change of the options.
  void restart_client() { client_.reset(); }

  template <class T>
  T wait(asio::awaitable<T> task) {
    return run(io, clock, std::move(task));
  }

  static std::string url(const std::string& path) { return "https://registry.test" + path; }

  static std::string header_of(const HttpRequest& request, std::string_view name) {
    return std::string(find_header(request.headers, name).value_or(std::string_view()));
  }

  asio::io_context io;
  SimClock clock;
  FakeHttpClient http;
  RegistryOptions options;
  std::vector<int> codes;

 private:
  std::unique_ptr<DistributionClient> client_;
};

}  // namespace scanclock
