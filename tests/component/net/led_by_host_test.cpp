// A URL that a server named leads to no address nearer than that server's own.
#include "core/net/dns_resolver.hpp"
#include "tests/component/net/http_fixture.hpp"

#include <gtest/gtest.h>

#include <map>

namespace scanclock {
namespace {

/// Names resolve as the test says, so that no address but loopback is ever connected to.
class LedByHost : public HttpTest {
 protected:
  LedByHost() {
    server_ = std::make_unique<StubHttpServer>(io_, clock_);
    server_->on("/", answer(200, "inner"));
    DnsResolver::Lookup lookup = [](const std::string& host) {
      static const std::map<std::string, std::vector<const char*>> addresses{
          {"global.test", {"93.184.216.34"}},     {"private.test", {"10.1.2.3"}},
          {"local.test", {"127.0.0.1"}},          {"both.test", {"93.184.216.34", "127.0.0.1"}},
          {"metadata.test", {"169.254.169.254"}}, {"mapped.test", {"::ffff:127.0.0.1"}},
      };
      const auto found = addresses.find(host);
      if (found == addresses.end()) {
        throw ResolveError("cannot resolve " + host);
      }
      DnsResolver::Addresses result;
      for (const char* address : found->second) {
        result.push_back(asio::ip::make_address(address));
      }
      return result;
    };
    guarded_ = make_http_client(clock_, std::make_shared<DnsResolver>(clock_, std::move(lookup)),
                                HttpClientOptions());
  }

  Answer ask(const std::string& host, const std::string& led_by) {
    HttpRequest request;
    const std::string address = server_->address();
    request.url = "http://" + host + address.substr(address.rfind(':')) + "/";
    request.led_by_host = led_by;
    return run(io_, guarded_->send(std::move(request)));
  }

  std::unique_ptr<StubHttpServer> server_;
  std::unique_ptr<HttpClient> guarded_;
};

TEST_F(LedByHost, NobodyLeadsInwards) {
  for (const char* leader : {"global.test", "private.test"}) {
    for (const char* target : {"local.test", "mapped.test", "127.0.0.1"}) {
      const Answer refused = ask(target, leader);
      ASSERT_FALSE(refused) << leader << " " << target;
      EXPECT_EQ(refused.error().reason, HttpFailureReason::bad_url);
      EXPECT_FALSE(refused.error().retryable);
      EXPECT_NE(refused.error().message.find("this machine"), std::string::npos);
    }
  }
  EXPECT_TRUE(server_->requests().empty());
}

TEST_F(LedByHost, NobodyLeadsToAMetadataService) {
  for (const char* leader : {"global.test", "private.test", "local.test"}) {
    for (const char* target : {"metadata.test", "169.254.169.254"}) {
      EXPECT_EQ(ask(target, leader).error().reason, HttpFailureReason::bad_url);
    }
  }
}

TEST_F(LedByHost, WhoStandsHereMayLeadHere) {
  for (const char* leader : {"local.test", "both.test"}) {
    const Answer answered = ask("local.test", leader);
    ASSERT_TRUE(answered) << answered.error().message;
    EXPECT_EQ(answered->body, "inner");
  }
}

TEST_F(LedByHost, AnOpenConnectionIsNoWayAround) {
  ASSERT_TRUE(ask("local.test", ""));
  EXPECT_FALSE(ask("local.test", "global.test"));
  EXPECT_EQ(server_->requests().size(), 1U);
}

TEST_F(LedByHost, TheServerItselfMayBeAskedAgain) { EXPECT_TRUE(ask("local.test", "local.test")); }

TEST_F(LedByHost, AnUnknownLeaderLeadsNowhere) {
  EXPECT_EQ(ask("local.test", "unknown.test").error().reason, HttpFailureReason::resolve);
}

}  // namespace
}  // namespace scanclock
