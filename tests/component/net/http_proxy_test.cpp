#include "core/net/http_proxy.hpp"

#include "tests/component/net/http_fixture.hpp"
#include "tests/support/test_certificates.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace scanclock {
namespace {

/// A TLS server that is reached through a proxy.
class HttpProxyTest : public HttpTest {
 protected:
  HttpProxyTest() {
    const auto files = authority_.issue("server", "DNS:api.example");
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    options.tls.cert_file = files.cert_file;
    options.tls.key_file = files.key_file;
    server_ = std::make_unique<StubHttpServer>(io_, clock_, options);
    server_->on("/", answer(200, "from the server"));
  }

  /// Says `answer` to a CONNECT and, when that is a yes, passes on to the server.
  std::unique_ptr<RawServer> proxy(std::string answer) {
    return std::make_unique<RawServer>(
        io_, [this, answer](RawConnection& connection) { return serve(connection, answer); });
  }

  asio::awaitable<void> serve(RawConnection& connection, std::string answer) {
    heads_.push_back(co_await connection.read_head());
    co_await connection.write(answer);
    if (answer.find(" 200 ") != std::string::npos) {
      co_await connection.relay_to(server_->address());
    }
  }

  void use(const RawServer& proxy, const std::string& user_info = std::string()) {
    HttpClientOptions options;
    options.tls.ca_file = authority_.ca_file();
    options.proxy_url = "http://" + user_info + proxy.url("").substr(7);
    make_client(options);
  }

  TestAuthority authority_;
  std::unique_ptr<StubHttpServer> server_;
  std::vector<std::string> heads_;
};

TEST_F(HttpProxyTest, TlsGoesThroughATunnelToAHostThatOnlyTheProxyCanFind) {
  const auto tunnel = proxy("HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n");
  use(*tunnel, "reader:p%40ss@");
  for (int count = 0; count < 2; ++count) {
    const Answer answered = send(get("https://api.example/pods?limit=1"));
    ASSERT_TRUE(answered) << answered.error().message;
    EXPECT_EQ(answered->body, "from the server");
  }
  ASSERT_EQ(heads_.size(), 1u) << "the tunnel is kept";
  EXPECT_EQ(heads_[0],
            "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n"
            "Proxy-Authorization: Basic cmVhZGVyOnBAc3M=\r\n\r\n");
  ASSERT_EQ(server_->requests().size(), 2u);
  EXPECT_EQ(server_->requests()[0].target, "/pods?limit=1");
  EXPECT_FALSE(server_->requests()[0].header("Proxy-Authorization"));
}

TEST_F(HttpProxyTest, ARefusalNamesTheProxyAndItsStatusAndNoPassword) {
  const std::pair<const char*, const char*> cases[] = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "status 407"},
      {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad", "status 502"},
      {"HTTP/1.1 301 Moved\r\nLocation: http://elsewhere.example\r\n\r\n", "status 301"},
  };
  for (const auto& [said, shown] : cases) {
    const auto tunnel = proxy(said);
    use(*tunnel, "reader:hunter2@");
    EXPECT_EQ(failure_of(get("https://api.example/")), HttpFailureReason::connect) << said;
    EXPECT_NE(last_message_.find(shown), std::string::npos) << last_message_;
    EXPECT_NE(last_message_.find("proxy http://127.0.0.1"), std::string::npos) << last_message_;
    EXPECT_EQ(last_message_.find("hunter2"), std::string::npos) << last_message_;
  }
  EXPECT_TRUE(server_->requests().empty());
}

TEST_F(HttpProxyTest, AProxyThatClosesOrTalksNonsenseIsNoTunnel) {
  const auto closing = proxy("");
  use(*closing);
  EXPECT_EQ(failure_of(get("https://api.example/")), HttpFailureReason::reset);
  const auto babbling = proxy("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  use(*babbling);
  EXPECT_EQ(failure_of(get("https://api.example/")), HttpFailureReason::malformed);
  const auto meddling = proxy("HTTP/1.1 200 OK\r\n\r\n<html>");
  use(*meddling);
  EXPECT_EQ(failure_of(get("https://api.example/")), HttpFailureReason::malformed);
}

TEST_F(HttpProxyTest, TheServerBehindTheTunnelIsCheckedAsEver) {
  const auto tunnel = proxy("HTTP/1.1 200 OK\r\n\r\n");
  use(*tunnel);
  EXPECT_EQ(failure_of(get("https://other.example/")), HttpFailureReason::tls);
  EXPECT_NE(last_message_.find("hostname mismatch"), std::string::npos) << last_message_;
  EXPECT_TRUE(server_->requests().empty());
}

TEST_F(HttpProxyTest, PlainHttpDoesNotGoThroughAProxy) {
  const auto tunnel = proxy("HTTP/1.1 200 OK\r\n\r\n");
  use(*tunnel);
  EXPECT_EQ(failure_of(get("http://api.example/")), HttpFailureReason::bad_url);
  EXPECT_TRUE(heads_.empty());
}

TEST_F(HttpProxyTest, AProxyThatIsNotThereIsNamed) {
  auto tunnel = proxy("");
  use(*tunnel);
  tunnel.reset();
  EXPECT_EQ(failure_of(get("https://api.example/")), HttpFailureReason::connect);
  EXPECT_NE(last_message_.find("proxy http://127.0.0.1"), std::string::npos) << last_message_;
}

TEST_F(HttpProxyTest, AnEventStreamGoesThroughATunnelOfItsOwn) {
  const auto tunnel = proxy("HTTP/1.1 200 OK\r\n\r\n");
  use(*tunnel);
  auto opened = run(io_, client_->open(get("https://api.example/watch")));
  ASSERT_TRUE(opened) << opened.error().message;
  const auto piece = run(io_, (*opened)->read(std::chrono::seconds(10)));
  ASSERT_TRUE(piece) << piece.error().message;
  EXPECT_EQ(*piece, "from the server");
  EXPECT_FALSE(server_->requests()[0].header("Accept-Encoding"));
}

TEST(HttpProxyUrl, IsReadOrRefusedWithoutShowingItsPassword) {
  const auto plain = parse_http_proxy("http://proxy.example:3128/");
  ASSERT_TRUE(plain) << plain.error();
  EXPECT_EQ(plain->url.origin(), "http://proxy.example:3128");
  EXPECT_TRUE(plain->authorization.empty());
  const auto v6 = parse_http_proxy("http://u:p@[::1]:3128");
  ASSERT_TRUE(v6) << v6.error();
  EXPECT_EQ(v6->url.host, "::1");
  EXPECT_EQ(v6->authorization, "Basic dTpw");
  for (const char* bad :
       {"", "proxy.example:3128", "https://u:hunter2@p.example", "socks5://u:hunter2@p.example",
        "http://u:hunter2@p.example/path", "http://u:hunter2@p.example?x", "http://u:hunter2@",
        "http://u:hunter2%zz@p.example", "http://u:hunter2@p.example:99999"}) {
    const auto refused = parse_http_proxy(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().find("hunter2"), std::string::npos) << refused.error();
  }
}

}  // namespace
}  // namespace scanclock
