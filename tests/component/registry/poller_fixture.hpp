#pragma once

#include "core/registry/poller.hpp"
#include "tests/component/registry/fake_registry.hpp"
#include "tests/component/registry/world.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>

namespace scanclock {

/// A poller of a FakeRegistry in virtual time. The World survives restarts of the poller.
class PollerTest : public testing::Test {
 protected:
  PollerTest() {
    options.name = "prod";
    options.url = FakeRegistry::origin;
  }
  ~PollerTest() override { stop(); }

  void start() {
    poller = std::make_unique<RegistryPoller>(options, clock, http, world, world);
    stopped_ = std::make_unique<asio::cancellation_signal>();
    running_ = true;
    asio::co_spawn(io, poller->run(),
                   asio::bind_cancellation_slot(stopped_->slot(),
                                                [this](std::exception_ptr) { running_ = false; }));
  }

  void stop() {
    if (!running_) {
      return;
    }
    stopped_->emit(asio::cancellation_type::terminal);
    clock.run_while(
        io, [this] { return running_; }, std::chrono::minutes(10));
    EXPECT_FALSE(running_);
  }

  void restart() {
    stop();
    start();
  }

  void pass(Duration duration) { clock.advance(io, duration); }

  std::size_t gets(const std::string& path) const {
    return http.count("GET", FakeRegistry::url(path));
  }
  std::size_t heads(const std::string& path) const {
    return http.count("HEAD", FakeRegistry::url(path));
  }

  static RepositoryKey key(const std::string& repository) {
    return RepositoryKey{"prod", repository};
  }

  asio::io_context io;
  SimClock clock;
  FakeHttpClient http;
  FakeRegistry registry{http};
  World world;
  RegistryOptions options;
  std::unique_ptr<RegistryPoller> poller;

 private:
  std::unique_ptr<asio::cancellation_signal> stopped_;
  bool running_ = false;
};

}  // namespace scanclock
