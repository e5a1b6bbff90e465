#include "core/net/http_types.hpp"

#include "core/net/http_exchange.hpp"
#include "core/net/http_session.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

TEST(FindHeader, ComparesNamesWithoutCaseAndTakesTheFirst) {
  HttpResponse response;
  response.headers.emplace_back("docker-content-digest", "first");
  response.headers.emplace_back("Docker-Content-Digest", "second");
  EXPECT_EQ(response.header("DOCKER-CONTENT-DIGEST"), "first");
  EXPECT_FALSE(response.header("Docker-Content"));
}

HttpRequest request_to(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

TEST(PrepareRequest, WritesTheHeaderOfTheWire) {
  HttpRequest request = request_to("https://registry.example/v2/?n=1");
  request.headers.emplace_back("Accept", "application/json");
  const auto prepared = prepare_request(request, "scanclock/1", ConnectionUse::shared);
  ASSERT_TRUE(prepared);
  EXPECT_EQ(prepared->head,
            "GET /v2/?n=1 HTTP/1.1\r\nHost: registry.example\r\nUser-Agent: scanclock/1\r\n"
            "Accept-Encoding: gzip\r\nAccept: application/json\r\n\r\n");
  EXPECT_EQ(prepared->description, "GET https://registry.example/v2/");
}

TEST(PrepareRequest, RefusesToBeInjectedInto) {
  HttpRequest value = request_to("http://a/");
  value.headers.emplace_back("Authorization", "Bearer x\r\nX-Evil: 1");
  HttpRequest name = request_to("http://a/");
  name.headers.emplace_back("X Evil", "1");
  HttpRequest method = request_to("http://a/");
  method.method = "GET / HTTP/1.1\r\nX";
  HttpRequest framing = request_to("http://a/");
  framing.headers.emplace_back("transfer-encoding", "chunked");
  for (const HttpRequest& request :
       {value, name, method, framing, request_to("http://a/\r\nX-Evil: 1")}) {
    const auto prepared = prepare_request(request, "scanclock", ConnectionUse::shared);
    ASSERT_FALSE(prepared);
    EXPECT_EQ(prepared.error().reason, HttpFailureReason::bad_url);
    EXPECT_FALSE(prepared.error().retryable);
    EXPECT_EQ(prepared.error().message.find("Bearer"), std::string::npos);
  }
}

TEST(PrepareRequest, AMessageAboutABadUrlHidesCredentialsAndQuery) {
  const auto prepared = prepare_request(request_to("http://user:secret@a/path?token=hidden"),
                                        "scanclock", ConnectionUse::shared);
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().message,
            "GET 'a/path': not an absolute http or https url without credentials");
}

TEST(BuildResponseHead, RefusesLineBreaksInHeaders) {
  HttpResponse response;
  response.status = 200;
  response.headers.emplace_back("X", "a\r\nY: b");
  EXPECT_FALSE(build_response_head(response, false, true));
}

TEST(BuildResponseHead, TellsTheLengthThatGetWouldGive) {
  HttpResponse response;
  response.status = 200;
  response.body = "12345";
  EXPECT_NE(build_response_head(response, true, true)->find("Content-Length: 5\r\n"),
            std::string::npos);
  response.headers.emplace_back("Content-Length", "777");
  EXPECT_NE(build_response_head(response, true, true)->find("Content-Length: 777\r\n"),
            std::string::npos);
  EXPECT_NE(build_response_head(response, false, true)->find("Content-Length: 5\r\n"),
            std::string::npos);
}

}  // namespace
}  // namespace scanclock
