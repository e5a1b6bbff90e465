#include "core/net/dns_resolver.hpp"

#include "core/runtime/task_group.hpp"
#include "core/runtime/with_timeout.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace scanclock {
namespace {

using Addresses = DnsResolver::Addresses;

Addresses one(const char* text) { return Addresses(1, asio::ip::make_address(text)); }

// The script of a resolver, shared with the pool threads.
struct Script {
  std::atomic<int> lookups = 0;
  std::atomic<bool> fails = false;
  std::promise<void> opener;
  std::shared_future<void> opened = opener.get_future().share();
  bool blocks = false;

  static DnsResolver::Lookup lookup(std::shared_ptr<Script> script) {
    return [script](const std::string& host) {
      ++script->lookups;
      if (script->blocks) {
        script->opened.wait();
      }
      if (script->fails) {
        throw ResolveError("cannot resolve " + host + ": no such name");
      }
      return one("192.0.2.7");
    };
  }
};

class DnsResolverTest : public testing::Test {
 protected:
  asio::io_context io_;
  SimClock clock_;
  std::shared_ptr<Script> script_ = std::make_shared<Script>();

  asio::awaitable<void> resolve_and_count(DnsResolver& resolver, int& answers) {
    const Addresses found = co_await resolver.resolve("a.example");
    answers += found == one("192.0.2.7") ? 1 : 0;
  }
};

TEST_F(DnsResolverTest, AnIpLiteralNeedsNoLookup) {
  DnsResolver resolver(clock_, Script::lookup(script_));
  EXPECT_EQ(run(io_, resolver.resolve("::1")), one("::1"));
  EXPECT_EQ(script_->lookups, 0);
}

TEST_F(DnsResolverTest, CallersOfOneHostShareOneLookup) {
  script_->blocks = true;
  DnsResolver resolver(clock_, Script::lookup(script_));
  TaskGroup group(io_.get_executor(), nullptr);
  int answers = 0;
  for (int caller = 0; caller < 20; ++caller) {
    group.spawn("caller", resolve_and_count(resolver, answers));
  }
  io_.poll();
  script_->opener.set_value();
  run(io_, group.join());
  EXPECT_EQ(answers, 20);
  EXPECT_EQ(script_->lookups, 1);
}

TEST_F(DnsResolverTest, TheLastGoodAnswerServesWhileTheResolverFails) {
  DnsResolver resolver(clock_, Script::lookup(script_));
  EXPECT_EQ(run(io_, resolver.resolve("a.example")), one("192.0.2.7"));
  script_->fails = true;
  clock_.advance(io_, std::chrono::hours(48));
  EXPECT_EQ(run(io_, resolver.resolve("a.example")), one("192.0.2.7"));
  EXPECT_EQ(script_->lookups, 2);
  EXPECT_THROW(run(io_, resolver.resolve("b.example")), ResolveError);
}

TEST_F(DnsResolverTest, ACallerThatGaveUpLeavesTheLookupToTheOthers) {
  script_->blocks = true;
  SystemClock real;
  DnsResolver resolver(clock_, Script::lookup(script_));
  EXPECT_THROW(run(io_, with_timeout<Addresses>(real, resolver.resolve("a.example"),
                                                std::chrono::milliseconds(5), "resolving")),
               TimeoutError);
  int answers = 0;
  TaskGroup group(io_.get_executor(), nullptr);
  group.spawn("caller", resolve_and_count(resolver, answers));
  io_.restart();
  io_.poll();
  script_->opener.set_value();
  run(io_, group.join());
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(script_->lookups, 1);
}

TEST_F(DnsResolverTest, TheSystemResolvesLocalhost) {
  SystemClock real;
  DnsResolver resolver(real);
  const Addresses found = run(io_, resolver.resolve("localhost"));
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(found.front().is_loopback());
}

}  // namespace
}  // namespace scanclock
