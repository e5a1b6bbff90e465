#include "core/net/http_server.hpp"

#include "core/net/http_body_source.hpp"
#include "core/runtime/task_group.hpp"
#include "core/runtime/with_timeout.hpp"
#include "tests/component/net/http_fixture.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <array>

namespace scanclock {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::seconds;

class HttpServerTest : public HttpTest {
 protected:
  static HttpServerOptions small_options() {
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    options.body_bytes_max = 1000;
    options.header_timeout = milliseconds(60);
    options.body_timeout = milliseconds(60);
    options.idle_timeout = milliseconds(120);
    return options;
  }

  asio::awaitable<tcp::socket> connect(std::string address) {
    tcp::socket socket(co_await asio::this_coro::executor);
    const auto port = std::stoi(address.substr(address.rfind(':') + 1));
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(),
                                 static_cast<std::uint16_t>(port));
    co_await socket.async_connect(endpoint, asio::use_awaitable);
    co_return socket;
  }

  // Everything that the server says until it closes.
  asio::awaitable<std::string> read_all(tcp::socket& socket) {
    std::string text;
    std::array<char, 4096> scratch;
    for (;;) {
      const auto [error, bytes] = co_await socket.async_read_some(
          asio::buffer(scratch), asio::as_tuple(asio::use_awaitable));
      text.append(scratch.data(), bytes);
      if (error) {
        co_return text;
      }
    }
  }

  asio::awaitable<std::string> say_and_listen(std::string address, std::string bytes) {
    tcp::socket socket = co_await connect(std::move(address));
    co_await asio::async_write(socket, asio::buffer(bytes), asio::as_tuple(asio::use_awaitable));
    co_return co_await read_all(socket);
  }

  std::string talk(const StubHttpServer& server, std::string bytes) {
    return run(io_, say_and_listen(server.address(), std::move(bytes)));
  }

  asio::awaitable<HttpResponse> answer_after(Duration duration) {
    co_await clock_.sleep(duration);
    co_return answer(200, "finished");
  }

  asio::awaitable<void> keep_answer(HttpRequest request, std::optional<Answer>& kept) {
    kept = co_await client_->send(std::move(request));
  }
};

TEST_F(HttpServerTest, ServesSeveralRequestsOnOneConnectionAndPipelined) {
  StubHttpServer server(io_, clock_, small_options());
  server.on("/a", answer(200, "first"));
  server.on("/b", answer(200, "second"));
  const std::string said = talk(server,
                                "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
                                "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(said,
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nfirst"
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecond");
}

TEST_F(HttpServerTest, PiecesFollowTheBodyAndCountInItsLength) {
  std::string sum = "head ";
  HttpResponse response = answer(200, "head ");
  for (int count = 0; count < 300; ++count) {
    const std::string piece(static_cast<std::size_t>(count) * 101 % 9000, char('a' + count % 26));
    response.pieces.push_back(std::make_shared<const std::string>(piece));
    sum += piece;
  }
  auto server = make_http_server(
      io_.get_executor(), clock_, small_options(),
      [response](HttpServerRequest) -> asio::awaitable<HttpResponse> { co_return response; });
  server->start();
  const Answer got = send(get("http://" + server->address() + "/"));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->body, sum);
  const Answer head = send(with_method("HEAD", get("http://" + server->address() + "/")));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(head->header("content-length"), std::to_string(sum.size()));
  run(io_, server->stop(seconds(0)));
}

/// So many pieces of a kilobyte; tells how many were asked for.
class CountedSource final : public HttpBodySource {
 public:
  CountedSource(std::uint64_t declared, unsigned pieces, bool fails, unsigned& asked)
      : declared_(declared), pieces_(pieces), fails_(fails), asked_(asked) {}
  std::uint64_t bytes() const override { return declared_; }
  asio::awaitable<Pieces> next() override {
    Pieces pieces;
    if (asked_ == pieces_ && fails_) {
      throw std::runtime_error("the source ran dry");
    }
    if (asked_ < pieces_) {
      ++asked_;
      pieces.push_back(std::make_shared<const std::string>(1024, char('a' + asked_ % 26)));
    }
    co_return pieces;
  }

 private:
  std::uint64_t declared_;
  unsigned pieces_;
  bool fails_;
  unsigned& asked_;
};

TEST_F(HttpServerTest, ASourceIsAskedForMoreWhenItsLastPieceIsSent) {
  struct Case {
    const char* what;
    std::uint64_t declared;
    bool fails;
    bool is_whole;
  };
  for (const Case& each :
       {Case{"as long as declared", 50 * 1024, false, true},
        Case{"shorter", 51 * 1024, false, false}, Case{"longer", 50 * 1024 - 1, false, false},
        Case{"failing", 51 * 1024, true, false}}) {
    unsigned asked = 0;
    auto server = make_http_server(
        io_.get_executor(), clock_, small_options(),
        [&each, &asked](HttpServerRequest) -> asio::awaitable<HttpResponse> {
          HttpResponse response = answer(200, "first ");
          response.source = std::make_shared<CountedSource>(each.declared, 50, each.fails, asked);
          co_return response;
        });
    server->start();
    const Answer head = send(with_method("HEAD", get("http://" + server->address() + "/")));
    ASSERT_TRUE(head) << each.what;
    EXPECT_EQ(head->header("content-length"), std::to_string(6 + each.declared)) << each.what;
    EXPECT_EQ(asked, 0U) << each.what;
    const Answer got = send(get("http://" + server->address() + "/"));
    EXPECT_EQ(got.has_value(), each.is_whole) << each.what;
    EXPECT_EQ(asked, 50U) << each.what;
    if (got) {
      EXPECT_EQ(got->body.size(), 6 + each.declared) << each.what;
    }
    run(io_, server->stop(seconds(0)));
  }
}

TEST_F(HttpServerTest, Http10ClosesUnlessAskedOtherwise) {
  StubHttpServer server(io_, clock_, small_options());
  server.on("/", answer(200, "x"));
  EXPECT_TRUE(talk(server, "GET / HTTP/1.0\r\n\r\n").ends_with("Connection: close\r\n\r\nx"));
}

TEST_F(HttpServerTest, MalformedRequestsAreAnswered400) {
  StubHttpServer server(io_, clock_, small_options());
  server.on("/", answer(200));
  for (const char* bytes :
       {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\n"}) {
    const std::string said = talk(server, bytes);
    EXPECT_TRUE(said.starts_with("HTTP/1.1 400 Bad Request\r\n")) << bytes << "\n" << said;
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttpServerTest, BodiesOverTheLimitAreAnswered413) {
  StubHttpServer server(io_, clock_, small_options());
  server.on("/", answer(200));
  const std::string body(1001, 'x');
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string cases[] = {head + "Content-Length: 1001\r\n\r\n" + body,
                               head + "Content-Length: 99999999999\r\n\r\n",
                               head + "Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n",
                               head + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + body + "\r\n"};
  for (const std::string& bytes : cases) {
    const std::string said = talk(server, bytes);
    EXPECT_TRUE(said.starts_with("HTTP/1.1 413")) << bytes.substr(0, 90) << "\n" << said;
    EXPECT_NE(said.find("application/problem+json"), std::string::npos);
  }
  EXPECT_TRUE(server.requests().empty());
  const std::string said = talk(
      server, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n" +
                  body.substr(1));
  EXPECT_TRUE(said.starts_with("HTTP/1.1 200")) << said;
}

TEST_F(HttpServerTest, AHeaderWithoutEndIsRefused) {
  StubHttpServer server(io_, clock_, small_options());
  const std::string said =
      talk(server, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 431")) << said.substr(0, 100);
}

TEST_F(HttpServerTest, ExpectContinueIsAnsweredBeforeTheBody) {
  StubHttpServer server(io_, clock_, small_options());
  server.on("/", answer(200, "took it"));
  const std::string said = talk(server,
                                "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                                "Connection: close\r\nContent-Length: 3\r\n\r\n");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 408")) << said;
}

TEST_F(HttpServerTest, SlownessIsAnswered408AndSilenceIsClosed) {
  StubHttpServer server(io_, clock_, small_options());
  server.on("/", answer(200, "ok"));
  EXPECT_EQ(talk(server, ""), "");
  EXPECT_TRUE(talk(server, "GET / HTT").starts_with("HTTP/1.1 408"));
  EXPECT_TRUE(talk(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
                  .starts_with("HTTP/1.1 408"));
  EXPECT_TRUE(talk(server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("keep-alive\r\n\r\nok"))
      << "an idle connection is closed without a word";
}

TEST_F(HttpServerTest, HeadIsPassedOnAndItsBodyIsNotSent) {
  StubHttpServer server(io_, clock_, small_options());
  server.on("/", answer(200, "12345"));
  const std::string said = talk(server, "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(said, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(server.requests().front().method, "HEAD");
}

TEST_F(HttpServerTest, AHandlersExceptionIsA500WithoutItsText) {
  StubHttpServer server(io_, clock_, small_options());
  server.on("/", [](const HttpServerRequest&) -> HttpResponse {
    throw std::runtime_error("password is hunter2");
  });
  testing::internal::CaptureStderr();
  const auto response = send(get(server.url("/x?token=hidden")));
  const std::string logged = testing::internal::GetCapturedStderr();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 500);
  EXPECT_EQ(response->header("content-type"), "application/problem+json");
  EXPECT_EQ(response->body,
            R"({"type":"about:blank","title":"Internal Server Error","status":500})");
  EXPECT_NE(logged.find("cannot answer GET /x"), std::string::npos) << logged;
  EXPECT_EQ(logged.find("hidden"), std::string::npos);
}

TEST_F(HttpServerTest, ConnectionsBeyondTheLimitAreAnswered503) {
  HttpServerOptions options = small_options();
  options.connections_max = 2;
  options.header_timeout = seconds(5);
  StubHttpServer server(io_, clock_, options);
  server.on("/", answer(200));
  auto first = run(io_, connect(server.address()));
  auto second = run(io_, connect(server.address()));
  const std::string said = talk(server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 503")) << said;
  EXPECT_NE(said.find("Retry-After: 1\r\n"), std::string::npos);
  first.close();
  second.close();
  // The server learns of the closing in its own time.
  std::string later;
  for (int attempt = 0; attempt < 100 && !later.starts_with("HTTP/1.1 200"); ++attempt) {
    later = talk(server, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  }
  EXPECT_TRUE(later.starts_with("HTTP/1.1 200")) << later;
}

TEST_F(HttpServerTest, StopLetsRequestsUnderWayFinish) {
  HttpServerOptions options = small_options();
  auto server = make_http_server(io_.get_executor(), clock_, options, [this](HttpServerRequest) {
    return answer_after(milliseconds(50));
  });
  server->start();
  std::optional<Answer> kept;
  TaskGroup group(io_.get_executor(), nullptr);
  group.spawn("request", keep_answer(get("http://" + server->address() + "/"), kept));
  auto idle = run(io_, connect(server->address()));
  run(io_, clock_.sleep(milliseconds(10)));
  run(io_, server->stop(seconds(5)));
  run(io_, group.join());
  ASSERT_TRUE(kept && *kept) << (kept ? kept->error().message : "no answer");
  EXPECT_EQ((*kept)->body, "finished");
  EXPECT_EQ((*kept)->header("connection"), "close");
  EXPECT_EQ(run(io_, read_all(idle)), "");
  run(io_, server->stop(seconds(0)));
}

TEST_F(HttpServerTest, StopCutsWhatOutlastsItsGrace) {
  auto server = make_http_server(io_.get_executor(), clock_, small_options(),
                                 [this](HttpServerRequest) { return answer_after(seconds(1000)); });
  server->start();
  std::optional<Answer> kept;
  TaskGroup group(io_.get_executor(), nullptr);
  group.spawn("request", keep_answer(get("http://" + server->address() + "/"), kept));
  run(io_, clock_.sleep(milliseconds(10)));
  run(io_, server->stop(milliseconds(20)));
  run(io_, group.join());
  ASSERT_TRUE(kept);
  EXPECT_FALSE(*kept);
}

TEST_F(HttpServerTest, AnAddressThatCannotBeBoundIsNamed) {
  StubHttpServer server(io_, clock_, small_options());
  for (const std::string& listen :
       {std::string("nonsense"), std::string("127.0.0.1"), std::string("127.0.0.1:99999"),
        server.address(), std::string("unix:/nonexistent/directory/socket")}) {
    HttpServerOptions options;
    options.listen = listen;
    try {
      make_http_server(io_.get_executor(), clock_, options, nullptr);
      ADD_FAILURE() << "bound " << listen;
    } catch (const std::runtime_error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("cannot listen on " + listen + ": "))
          << error.what();
    }
  }
}

}  // namespace
}  // namespace scanclock
