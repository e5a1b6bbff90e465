#pragma once

#include "core/runtime/task_group.hpp"
#include "core/workloads/engine_source.hpp"
#include "tests/component/workloads/fake_engine.hpp"
#include "tests/component/workloads/recording_sink.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A source that watches a FakeEngine in virtual time.
class EngineFixture : public ::testing::Test {
 protected:
  EngineFixture() : engine_(io_), pool_(1, 16) {
    clock_.set_io_patience(std::chrono::milliseconds(10));
    http_ = make_http_client(clock_, make_dns_resolver(clock_), HttpClientOptions());
  }

  ~EngineFixture() override {
    run(io_, clock_, tasks_.stop());
    pool_.stop();
  }

  static std::string sha(char digit) { return "sha256:" + std::string(64, digit); }
  static Digest digest(char digit) { return Digest::from_trusted(sha(digit)); }

  EngineSourceSettings engine_settings() const {
    EngineSourceSettings settings;
    settings.name = "host";
    settings.url = engine_.url();
    return settings;
  }

  void start(std::unique_ptr<EngineSource> source) {
    source_ = std::move(source);
    tasks_.spawn("source", source_->run(sink_));
  }

  /// True when `condition` came to hold within `limit` of virtual time.
  bool comes(const std::function<bool()>& condition, Duration limit = std::chrono::minutes(2)) {
    return clock_.run_while(
        io_, [&] { return !condition(); }, limit);
  }

  bool settles() {
    return comes([&] { return sink_.reports.size() == 1 && engine_.open_streams() == 1; });
  }

  static void fail_test(std::string_view name, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& cause) {
      ADD_FAILURE() << name << " ended: " << cause.what();
    }
  }

  asio::io_context io_{1};
  SimClock clock_;
  FakeEngine engine_;
  BlockingPool pool_;
  std::unique_ptr<HttpClient> http_;
  RecordingSink sink_;
  std::unique_ptr<EngineSource> source_;
  TaskGroup tasks_{io_.get_executor(), &fail_test};
};

}  // namespace scanclock
