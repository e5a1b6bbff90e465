#include "tests/component/net/http_fixture.hpp"
#include "tests/support/test_certificates.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <fstream>
#include <iterator>
#include <thread>

namespace scanclock {
namespace {

std::string content_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// What a kubeconfig asks of TLS beyond files and the URL's host.
class TlsOptionsTest : public HttpTest {
 protected:
  std::unique_ptr<StubHttpServer> serve(const char* name, std::string client_ca = std::string()) {
    const auto files = authority_.issue("server", name);
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    options.tls.cert_file = files.cert_file;
    options.tls.key_file = files.key_file;
    options.tls.client_ca_file = std::move(client_ca);
    auto server = std::make_unique<StubHttpServer>(io_, clock_, options);
    server->on("/", answer(200, "secret"));
    return server;
  }

  HttpClientOptions trusting() {
    HttpClientOptions options;
    options.tls.ca_pem = content_of(authority_.ca_file());
    return options;
  }

  TestAuthority authority_;
};

TEST_F(TlsOptionsTest, AnAuthorityGivenAsTextIsTrustedAndNoOther) {
  const auto server = serve("IP:127.0.0.1");
  make_client(trusting());
  const Answer answered = send(get("https://" + server->address() + "/"));
  ASSERT_TRUE(answered) << answered.error().message;
  const TestAuthority stranger;
  HttpClientOptions other;
  other.tls.ca_pem = content_of(stranger.ca_file());
  make_client(other);
  EXPECT_EQ(failure_of(get("https://" + server->address() + "/")), HttpFailureReason::tls);
}

TEST_F(TlsOptionsTest, TheServerNameStandsForTheHost) {
  const auto server = serve("DNS:kubernetes.default.svc");
  const std::string url = "https://" + server->address() + "/";
  make_client(trusting());
  EXPECT_EQ(failure_of(get(url)), HttpFailureReason::tls);
  HttpClientOptions options = trusting();
  options.tls.server_name = "kubernetes.default.svc";
  make_client(options);
  const Answer answered = send(get(url));
  ASSERT_TRUE(answered) << answered.error().message;
  EXPECT_EQ(server->requests()[0].header("Host"), server->address());
}

TEST_F(TlsOptionsTest, AWrongServerNameFailsAlthoughTheHostWouldDo) {
  const auto server = serve("IP:127.0.0.1,DNS:localhost");
  HttpClientOptions options = trusting();
  options.tls.server_name = "other.example";
  make_client(options);
  EXPECT_EQ(failure_of(get("https://" + server->address() + "/")), HttpFailureReason::tls);
  EXPECT_NE(last_message_.find("hostname mismatch"), std::string::npos) << last_message_;
  EXPECT_TRUE(server->requests().empty());
}

// A server that sees what the handshake names, which the HTTP server does not show.
TEST_F(TlsOptionsTest, TheServerNameIsNamedInTheHandshakeWithNothingNewerThanHttp11) {
  using asio::ip::tcp;
  const auto files = authority_.issue("server", "DNS:tenant.example");
  asio::ssl::context context(asio::ssl::context::tls_server);
  context.use_certificate_chain_file(files.cert_file);
  context.use_private_key_file(files.key_file, asio::ssl::context::pem);
  std::string offered;
  SSL_CTX_set_alpn_select_cb(
      context.native_handle(),
      [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in,
         unsigned int in_size, void* seen) {
        static_cast<std::string*>(seen)->assign(reinterpret_cast<const char*>(in), in_size);
        *out = in + 1;
        *size = in[0];
        return SSL_TLSEXT_ERR_OK;
      },
      &offered);
  asio::io_context server_io;
  tcp::acceptor acceptor(server_io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  std::string named;
  std::thread server([&] {
    asio::ssl::stream<tcp::socket> stream(acceptor.accept(), context);
    boost::system::error_code ignored;
    stream.handshake(asio::ssl::stream_base::server, ignored);
    const char* const name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    named = name == nullptr ? "" : name;
  });
  HttpClientOptions options = trusting();
  options.tls.server_name = "tenant.example";
  make_client(options);
  EXPECT_FALSE(
      send(get("https://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/")));
  server.join();
  EXPECT_EQ(named, "tenant.example");
  EXPECT_EQ(offered, "\x08http/1.1");
}

TEST_F(TlsOptionsTest, AClientCertificateGivenAsTextIsShown) {
  const auto server = serve("IP:127.0.0.1", authority_.ca_file());
  const auto files = authority_.issue("client", "DNS:client");
  HttpClientOptions options = trusting();
  options.tls.cert_pem = content_of(files.cert_file);
  options.tls.key_pem = content_of(files.key_file);
  make_client(options);
  const Answer answered = send(get("https://" + server->address() + "/"));
  ASSERT_TRUE(answered) << answered.error().message;
  make_client(trusting());
  EXPECT_FALSE(send(get("https://" + server->address() + "/")));
}

TEST_F(TlsOptionsTest, OnlyTheExplicitWordTakesAnyCertificate) {
  const auto server = serve("DNS:other.example");
  HttpClientOptions options;
  options.tls.insecure_skip_verify = true;
  make_client(options);
  const Answer answered = send(get("https://" + server->address() + "/"));
  ASSERT_TRUE(answered) << answered.error().message;
}

TEST_F(TlsOptionsTest, UnusableTextsAreRefusedWithoutBeingShown) {
  const auto one = authority_.issue("one", "DNS:one");
  const auto two = authority_.issue("two", "DNS:two");
  HttpClientOptions no_certificate;
  no_certificate.tls.ca_pem = "hunter2\n";
  HttpClientOptions wrong_key = trusting();
  wrong_key.tls.cert_pem = content_of(one.cert_file);
  wrong_key.tls.key_pem = content_of(two.key_file);
  HttpClientOptions no_key = wrong_key;
  no_key.tls.key_pem = "hunter2";
  const std::pair<HttpClientOptions, const char*> cases[] = {
      {no_certificate, "no start line"}, {wrong_key, "mismatch"}, {no_key, "key"}};
  for (const auto& [options, shown] : cases) {
    try {
      make_client(options);
      ADD_FAILURE() << "accepted, expected: " << shown;
    } catch (const std::runtime_error& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find(shown), std::string::npos) << text;
      EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
      EXPECT_EQ(text.find("BEGIN"), std::string::npos) << text;
    }
  }
}

// Asked for on the terminal, the password would stop the daemon's start for ever.
TEST_F(TlsOptionsTest, AnEncryptedKeyIsRefusedWithoutAskingAnybody) {
  const auto files = authority_.issue("client", "DNS:client");
  BIO* const in = BIO_new_file(files.key_file.c_str(), "r");
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  BIO* const out = BIO_new(BIO_s_mem());
  unsigned char password[] = "hunter2";
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_128_cbc(),
                                          reinterpret_cast<char*>(password), 7, nullptr, nullptr),
            1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out, &bytes);
  HttpClientOptions options = trusting();
  options.tls.cert_pem = content_of(files.cert_file);
  options.tls.key_pem.assign(bytes, static_cast<std::size_t>(size));
  BIO_free(in);
  BIO_free(out);
  EVP_PKEY_free(key);
  EXPECT_THROW(make_client(options), std::runtime_error);
}

}  // namespace
}  // namespace scanclock
