#include "tests/component/net/http_fixture.hpp"
#include "tests/support/test_certificates.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <thread>

namespace scanclock {
namespace {

class TlsTest : public HttpTest {
 protected:
  void trust(const std::string& ca_file) {
    HttpClientOptions options;
    options.tls.ca_file = ca_file;
    make_client(options);
  }

  std::unique_ptr<StubHttpServer> serve(const TestAuthority::Files& files,
                                        std::string client_ca_file = std::string()) {
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    options.tls.cert_file = files.cert_file;
    options.tls.key_file = files.key_file;
    options.tls.client_ca_file = std::move(client_ca_file);
    auto server = std::make_unique<StubHttpServer>(io_, clock_, options);
    server->on("/", answer(200, "secret"));
    return server;
  }

  // The server's port under a name.
  static std::string url_under(const StubHttpServer& server, const std::string& host) {
    const std::string address = server.address();
    return "https://" + host + address.substr(address.rfind(':')) + "/";
  }

  TestAuthority authority_;
};

TEST_F(TlsTest, ATrustedCertificateForTheRightNameIsAccepted) {
  const auto server = serve(authority_.issue("good", "DNS:localhost,IP:127.0.0.1"));
  trust(authority_.ca_file());
  for (const char* host : {"localhost", "127.0.0.1"}) {
    for (int count = 0; count < 2; ++count) {
      const Answer answered = send(get(url_under(*server, host)));
      ASSERT_TRUE(answered) << answered.error().message;
      EXPECT_EQ(answered->body, "secret");
    }
  }
  EXPECT_EQ(server->requests()[0].peer, server->requests()[1].peer);
}

TEST_F(TlsTest, WhenTheServersCertificateEndsIsTold) {
  const auto server = serve(authority_.issue("good", "DNS:localhost,IP:127.0.0.1"));
  std::vector<TimePoint> ends;
  HttpClientOptions options;
  options.tls.ca_file = authority_.ca_file();
  options.on_certificate = [&ends](const std::string& host, std::uint16_t port, TimePoint end) {
    EXPECT_EQ(host, "localhost");
    EXPECT_NE(port, 0);
    ends.push_back(end);
  };
  make_client(options);
  ASSERT_TRUE(send(get(url_under(*server, "localhost"))));
  ASSERT_TRUE(send(get(url_under(*server, "localhost"))));
  ASSERT_EQ(ends.size(), 1U) << "once a handshake";
  EXPECT_GT(ends.front(), clock_.now());
  EXPECT_LT(ends.front(), clock_.now() + std::chrono::hours(24 * 366 * 20));
}

TEST_F(TlsTest, AWrongHostNameIsRefused) {
  const auto server = serve(authority_.issue("other", "DNS:other.example"));
  trust(authority_.ca_file());
  EXPECT_EQ(failure_of(get(url_under(*server, "localhost"))), HttpFailureReason::tls);
  EXPECT_NE(last_message_.find("hostname mismatch"), std::string::npos) << last_message_;
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(TlsTest, ANameDoesNotStandForAnAddress) {
  const auto server = serve(authority_.issue("named", "DNS:localhost,DNS:127.0.0.1"));
  trust(authority_.ca_file());
  EXPECT_EQ(failure_of(get(url_under(*server, "127.0.0.1"))), HttpFailureReason::tls);
  EXPECT_NE(last_message_.find("IP address mismatch"), std::string::npos) << last_message_;
}

TEST_F(TlsTest, AnUnknownAuthorityIsRefused) {
  const TestAuthority stranger;
  const auto server = serve(authority_.issue("good", "DNS:localhost"));
  trust(stranger.ca_file());
  EXPECT_EQ(failure_of(get(url_under(*server, "localhost"))), HttpFailureReason::tls);
  make_client(HttpClientOptions());
  EXPECT_EQ(failure_of(get(url_under(*server, "localhost"))), HttpFailureReason::tls);
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(TlsTest, AnExpiredCertificateIsRefused) {
  const auto server = serve(authority_.issue("old", "DNS:localhost", -1));
  trust(authority_.ca_file());
  EXPECT_EQ(failure_of(get(url_under(*server, "localhost"))), HttpFailureReason::tls);
  EXPECT_NE(last_message_.find("expired"), std::string::npos) << last_message_;
}

TEST_F(TlsTest, AServerMayDemandAClientCertificate) {
  const auto server = serve(authority_.issue("good", "DNS:localhost"), authority_.ca_file());
  trust(authority_.ca_file());
  // With TLS 1.3 the client learns of the refusal only after its handshake.
  const HttpFailureReason reason = failure_of(get(url_under(*server, "localhost")));
  EXPECT_TRUE(reason == HttpFailureReason::tls || reason == HttpFailureReason::reset);
  EXPECT_TRUE(server->requests().empty());

  const auto files = authority_.issue("client", "DNS:client");
  HttpClientOptions options;
  options.tls.ca_file = authority_.ca_file();
  options.tls.cert_file = files.cert_file;
  options.tls.key_file = files.key_file;
  make_client(options);
  const Answer answered = send(get(url_under(*server, "localhost")));
  ASSERT_TRUE(answered) << answered.error().message;
}

TEST_F(TlsTest, PlainHttpOnATlsPortIsNoAnswer) {
  const auto server = serve(authority_.issue("good", "DNS:localhost"));
  HttpRequest request = get("http://" + server->address() + "/");
  const Answer answered = send(request);
  EXPECT_FALSE(answered);
}

TEST_F(TlsTest, UnusableFilesAreNamed) {
  const auto files = authority_.issue("a", "DNS:a");
  const auto other = authority_.issue("b", "DNS:b");
  TlsClientOptions missing_ca;
  missing_ca.ca_file = "/nonexistent/ca.pem";
  TlsClientOptions wrong_key;
  wrong_key.cert_file = files.cert_file;
  wrong_key.key_file = other.key_file;
  const std::pair<TlsClientOptions, std::string> cases[] = {{missing_ca, missing_ca.ca_file},
                                                            {wrong_key, other.key_file}};
  for (const auto& [tls, file] : cases) {
    HttpClientOptions options;
    options.tls = tls;
    try {
      make_client(options);
      ADD_FAILURE() << "accepted " << file;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find(file), std::string::npos) << error.what();
    }
  }
}

// A server that offers nothing newer than TLS 1.1.
TEST_F(TlsTest, Tls11IsRefused) {
  const auto files = authority_.issue("good", "DNS:localhost");
  asio::ssl::context context(asio::ssl::context::tls_server);
  SSL_CTX_set_security_level(context.native_handle(), 0);
  SSL_CTX_set_cipher_list(context.native_handle(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_1_VERSION);
  context.use_certificate_chain_file(files.cert_file);
  context.use_private_key_file(files.key_file, asio::ssl::context::pem);
  asio::io_context server_io;
  using asio::ip::tcp;
  tcp::acceptor acceptor(server_io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  boost::system::error_code outcome;
  std::thread server([&] {
    asio::ssl::stream<tcp::socket> stream(acceptor.accept(), context);
    stream.handshake(asio::ssl::stream_base::server, outcome);
  });
  trust(authority_.ca_file());
  EXPECT_EQ(failure_of(
                get("https://localhost:" + std::to_string(acceptor.local_endpoint().port()) + "/")),
            HttpFailureReason::tls);
  server.join();
  EXPECT_TRUE(outcome);
}

}  // namespace
}  // namespace scanclock
