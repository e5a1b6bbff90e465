#include "core/net/http_client.hpp"

#include "core/runtime/task_group.hpp"
#include "tests/component/net/http_fixture.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace scanclock {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class HttpClientTest : public HttpTest {
 protected:
  asio::awaitable<HttpResponse> answer_after(Duration duration) {
    co_await clock_.sleep(duration);
    co_return answer(200, "late");
  }

  asio::awaitable<void> send_and_count(HttpRequest request, int& answered) {
    const auto result = co_await client_->send(std::move(request));
    answered += result ? 1 : 0;
  }

  asio::awaitable<HttpResponse> answer_when_opened(asio::steady_timer& gate, int& inside,
                                                   int& inside_max) {
    ++inside;
    inside_max = std::max(inside_max, inside);
    boost::system::error_code ignored;
    co_await gate.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    --inside;
    co_return answer(200);
  }
};

TEST_F(HttpClientTest, SendsMethodTargetHeadersAndBody) {
  StubHttpServer server(io_, clock_);
  server.on("/", answer(201, "made"));
  HttpRequest request = with_method("POST", get(server.url("/things?x=1")));
  request.headers.emplace_back("X-Thing", "yes");
  request.body = "content";
  const auto response = send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "made");
  ASSERT_EQ(server.requests().size(), 1u);
  const HttpServerRequest& seen = server.requests().front();
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/things?x=1");
  EXPECT_EQ(seen.body, "content");
  EXPECT_EQ(seen.header("x-thing"), "yes");
  EXPECT_EQ(seen.header("host"), server.address());
  EXPECT_EQ(seen.header("accept-encoding"), "gzip");
  EXPECT_EQ(seen.header("user-agent"), "scanclock");
}

TEST_F(HttpClientTest, ReusesItsConnection) {
  StubHttpServer server(io_, clock_);
  server.on("/", answer(200, "ok"));
  for (int count = 0; count < 5; ++count) {
    ASSERT_TRUE(send(get(server.url("/"))));
  }
  for (const HttpServerRequest& request : server.requests()) {
    EXPECT_EQ(request.peer, server.requests().front().peer);
  }
}

TEST_F(HttpClientTest, AnyStatusIsAnAnswer) {
  StubHttpServer server(io_, clock_);
  for (const int status : {204, 301, 304, 401, 404, 429, 500, 503}) {
    server.on("/", with_header(answer(status, "text"), "X-Note", "kept"));
    const auto response = send(get(server.url("/")));
    ASSERT_TRUE(response) << status;
    EXPECT_EQ(response->status, status);
    EXPECT_EQ(response->header("x-note"), "kept");
  }
  EXPECT_EQ(server.requests().back().peer, server.requests().front().peer);
}

TEST_F(HttpClientTest, HeadKeepsTheDeclaredLengthAndReadsNoBodyUnderAnyLimit) {
  StubHttpServer server(io_, clock_);
  server.on("/", with_header(answer(200), "Content-Length", "123456789"));
  HttpRequest request = with_method("HEAD", get(server.url("/")));
  request.body_bytes_max = 10;
  for (int count = 0; count < 2; ++count) {
    const auto response = send(request);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->header("content-length"), "123456789");
    EXPECT_EQ(response->body, "");
  }
  EXPECT_EQ(server.requests()[0].peer, server.requests()[1].peer);
}

TEST_F(HttpClientTest, TheConnectionsToOneOriginAreLimited) {
  StubHttpServer server(io_, clock_);
  asio::steady_timer gate(io_, asio::steady_timer::time_point::max());
  int inside = 0;
  int inside_max = 0;
  server.on_async("/",
                  [&](HttpServerRequest) { return answer_when_opened(gate, inside, inside_max); });
  HttpClientOptions options;
  options.connections_per_origin_max = 3;
  make_client(options);
  int answered = 0;
  TaskGroup group(io_.get_executor(), nullptr);
  for (int count = 0; count < 12; ++count) {
    group.spawn("sender", send_and_count(get(server.url("/")), answered));
  }
  while (answered < 12) {
    io_.restart();
    io_.run_one_for(seconds(5));
    if (inside == 3 || answered + inside == 12) {
      gate.cancel();
    }
  }
  run(io_, group.join());
  EXPECT_EQ(answered, 12);
  EXPECT_EQ(inside_max, 3);
}

TEST_F(HttpClientTest, WaitingForAConnectionCountsAgainstTheTimeout) {
  StubHttpServer server(io_, clock_);
  server.on_async("/", [this](HttpServerRequest) { return answer_after(milliseconds(300)); });
  HttpClientOptions options;
  options.connections_per_origin_max = 1;
  make_client(options);
  int answered = 0;
  TaskGroup group(io_.get_executor(), nullptr);
  group.spawn("first", send_and_count(get(server.url("/")), answered));
  HttpRequest impatient = get(server.url("/"));
  impatient.timeout = milliseconds(50);
  group.spawn("second", send_and_count(impatient, answered));
  group.spawn("third", send_and_count(get(server.url("/")), answered));
  run(io_, group.join());
  EXPECT_EQ(answered, 2);
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(HttpClientTest, ATimeoutPoisonsTheConnection) {
  StubHttpServer server(io_, clock_);
  server.on_async("/slow", [this](HttpServerRequest) { return answer_after(milliseconds(100)); });
  server.on("/fast", answer(200, "fast"));
  HttpRequest slow = get(server.url("/slow"));
  slow.timeout = milliseconds(20);
  EXPECT_EQ(failure_of(slow), HttpFailureReason::timeout);
  const auto response = send(get(server.url("/fast")));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "fast");
  EXPECT_NE(server.requests()[0].peer, server.requests()[1].peer);
}

TEST_F(HttpClientTest, CancellationThrowsAndPoisonsTheConnection) {
  StubHttpServer server(io_, clock_);
  server.on_async("/slow", [this](HttpServerRequest) { return answer_after(milliseconds(100)); });
  server.on("/fast", answer(200, "fast"));
  int answered = 0;
  int failures = 0;
  TaskGroup group(io_.get_executor(),
                  [&failures](std::string_view, std::exception_ptr) { ++failures; });
  group.spawn("sender", send_and_count(get(server.url("/slow")), answered));
  while (server.requests().empty()) {
    io_.restart();
    io_.run_one();
  }
  run(io_, group.stop());
  EXPECT_EQ(answered, 0);
  EXPECT_EQ(failures, 0) << "cancellation is operation_aborted and nothing else";
  EXPECT_EQ(send(get(server.url("/fast")))->body, "fast");
  EXPECT_NE(server.requests()[0].peer, server.requests()[1].peer);
}

TEST_F(HttpClientTest, IdleConnectionsAreClosed) {
  SimClock clock;
  clock.set_io_patience(milliseconds(3));
  StubHttpServer server(io_, clock_);
  server.on("/", answer(200));
  client_ = make_http_client(clock, make_dns_resolver(clock), HttpClientOptions());
  ASSERT_TRUE(run(io_, clock, client_->send(get(server.url("/")))));
  clock.advance(io_, seconds(49));
  ASSERT_TRUE(run(io_, clock, client_->send(get(server.url("/")))));
  clock.advance(io_, seconds(51));
  ASSERT_TRUE(run(io_, clock, client_->send(get(server.url("/")))));
  EXPECT_EQ(server.requests()[0].peer, server.requests()[1].peer);
  EXPECT_NE(server.requests()[1].peer, server.requests()[2].peer);
}

TEST_F(HttpClientTest, SpeaksOverAUnixSocket) {
  const std::string path = std::filesystem::temp_directory_path() /
                           ("scanclock-" + std::to_string(::getpid()) + ".sock");
  {
    StubHttpServer server(io_, clock_, "unix:" + path);
    server.on("/containers/json", json_answer(200, "[]"));
    HttpRequest request = get(server.url("/containers/json"));
    request.unix_socket = path;
    const auto response = send(request);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "[]");
    EXPECT_EQ(server.requests().front().peer, "unix");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  HttpRequest request = get("http://localhost/");
  request.unix_socket = path;
  EXPECT_EQ(failure_of(request), HttpFailureReason::connect);
  EXPECT_NE(last_message_.find(path), std::string::npos);
}

TEST_F(HttpClientTest, NobodyListeningIsAConnectFailure) {
  std::string url;
  {
    StubHttpServer server(io_, clock_);
    url = server.url("/v2/?token=hidden");
  }
  EXPECT_EQ(failure_of(get(url)), HttpFailureReason::connect);
  EXPECT_EQ(last_message_.find("hidden"), std::string::npos);
  EXPECT_NE(last_message_.find("/v2/"), std::string::npos);
}

TEST_F(HttpClientTest, AnUnknownHostIsAResolveFailure) {
  EXPECT_EQ(failure_of(get("http://no-such-host.invalid/")), HttpFailureReason::resolve);
}

}  // namespace
}  // namespace scanclock
