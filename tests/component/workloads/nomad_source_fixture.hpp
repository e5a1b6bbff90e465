#pragma once

#include "core/runtime/task_group.hpp"
#include "core/workloads/nomad_source.hpp"
#include "tests/component/workloads/fake_nomad.hpp"
#include "tests/component/workloads/recording_sink.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A Nomad source beside a fake server, in virtual time. The server runs one allocation, `a1`.
class NomadSourceTest : public ::testing::Test {
 protected:
  NomadSourceTest() : server_(io_), pool_(1, 16) {
    clock_.set_io_patience(std::chrono::milliseconds(30));
    resolver_ = make_dns_resolver(clock_);
    http_ = make_http_client(clock_, resolver_, HttpClientOptions());
    settings_.name = "nomad";
    settings_.access.url = server_.url();
    server_.set_image("registry.example/team/app:1");
    server_.allocations["a1"] = FakeAllocation();
  }

  ~NomadSourceTest() override {
    run(io_, clock_, tasks_.stop());
    pool_.stop();
  }

  void start() {
    source_ = std::make_unique<NomadSource>(settings_, *http_, clock_, pool_);
    tasks_.spawn("nomad", source_->run(sink_));
  }

  /// True when `condition` came to hold within `limit` of virtual time.
  bool comes(const std::function<bool()>& condition, Duration limit = std::chrono::minutes(2)) {
    return clock_.run_while(
        io_, [&] { return !condition(); }, limit);
  }

  /// Waits for an open stream and the list that follows it.
  void start_and_settle() {
    start();
    ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2 && server_.open_streams() == 1; }))
        << (sink_.problems.empty() ? "" : sink_.problems.back().message);
  }

  const ContainerObservation& only_container() {
    EXPECT_EQ(sink_.reports.back().containers.size(), 1U);
    return sink_.reports.back().containers.front();
  }

  bool was_ended(const std::string& id) const {
    return std::find(sink_.ended.begin(), sink_.ended.end(), id) != sink_.ended.end();
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
  FakeNomad server_;
  BlockingPool pool_;
  std::shared_ptr<DnsResolver> resolver_;
  std::unique_ptr<HttpClient> http_;
  NomadSourceSettings settings_;
  RecordingSink sink_;
  std::unique_ptr<NomadSource> source_;
  TaskGroup tasks_{io_.get_executor(), &fail_test};
};

}  // namespace scanclock
