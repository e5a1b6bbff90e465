// Through the real HTTP client and a socket: what only shows on the wire.
#include "core/registry/distribution_client.hpp"
#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace scanclock {
namespace {

constexpr const char* manifest = R"({"schemaVersion":2,"config":{},"layers":[]})";

class Wire : public testing::Test {
 protected:
  DistributionClient& client(RawServer& server) {
    options_.name = "prod";
    options_.url = server.url("");
    http_ = make_http_client(clock_, make_dns_resolver(clock_), HttpClientOptions());
    RequestObserver ignore = [](const std::string&, int, Duration) {};
    client_ =
        std::make_unique<DistributionClient>(options_, clock_, *http_, std::move(ignore), nullptr);
    return *client_;
  }

  static std::string response(std::size_t length, const std::string& body,
                              const std::string& headers = "") {
    return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(oci_manifest_type) + "\r\n" + headers +
           "Content-Length: " + std::to_string(length) + "\r\n\r\n" + body;
  }

  asio::io_context io;

 private:
  SystemClock clock_;
  RegistryOptions options_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<DistributionClient> client_;
};

TEST_F(Wire, AManifestArrives) {
  RawServer server(io, say_and_close(response(std::string(manifest).size(), manifest)));
  const auto fetched = run(io, client(server).get_manifest("app", "1"));
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->digest, sha256(manifest));
}

TEST_F(Wire, ATruncatedManifestIsAFailureNotAShortManifest) {
  RawServer server(io, say_and_close(response(std::string(manifest).size() + 10, manifest)));
  const auto fetched = run(io, client(server).get_manifest("app", "1"));
  ASSERT_FALSE(fetched);
  EXPECT_TRUE(fetched.error().retryable);
}

TEST_F(Wire, AHugeManifestIsRefusedByItsLength) {
  RawServer server(io, say_and_close(response(manifest_bytes_max + 1, "{")));
  EXPECT_EQ(run(io, client(server).get_manifest("app", "1")).error().reason, "too_large");
}

TEST_F(Wire, AHugeManifestIsRefusedWhileItComesWithoutALength) {
  RawServer server(io, say_and_close("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" +
                                     std::string(manifest_bytes_max + 100'000, ' ')));
  EXPECT_EQ(run(io, client(server).get_manifest("app", "1")).error().reason, "too_large");
}

TEST_F(Wire, AHeadNamesTheLengthOfABodyThatDoesNotCome) {
  RawServer server(io,
                   say_and_close(response(std::size_t{1} << 40, "",
                                          "Docker-Content-Digest: " + sha256("x").str() + "\r\n")));
  const auto digest = run(io, client(server).head_manifest("app", "1"));
  ASSERT_TRUE(digest) << digest.error().message;
  EXPECT_EQ(*digest, sha256("x"));
}

}  // namespace
}  // namespace scanclock
