#include "tests/component/net/http_fixture.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace scanclock {
namespace {

using std::chrono::milliseconds;
using Piece = std::string;

constexpr const char* ok_keep_alive = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Behaviours are coroutines with a name, for a coroutine lambda's captures die with its call.
asio::awaitable<void> stall(RawConnection& connection, std::string before) {
  co_await connection.read_head();
  co_await connection.write(std::move(before));
  co_await connection.wait_for_close();
}

asio::awaitable<void> reset_after_head(RawConnection& connection) {
  co_await connection.read_head();
  connection.reset();
}

// The server closes the kept connection exactly when the next request arrives.
asio::awaitable<void> answer_once_then_close(RawConnection& connection, std::size_t& heads) {
  const std::string first = co_await connection.read_head();
  heads += first.empty() ? 0 : 1;
  std::string reply = ok_keep_alive;
  co_await connection.write(std::move(reply));
  if (connection.index() == 0) {
    const std::string second = co_await connection.read_head();
    heads += second.empty() ? 0 : 1;
    co_return;
  }
  co_await connection.wait_for_close();
}

asio::awaitable<void> drip_header(RawConnection& connection, std::size_t& written) {
  co_await connection.read_head();
  std::string start = "HTTP/1.1 200 OK\r\n";
  bool taken = co_await connection.write(std::move(start));
  while (taken) {
    std::string line = "X-Endless: " + std::string(1000, 'x') + "\r\n";
    written += line.size();
    taken = co_await connection.write(std::move(line));
  }
}

// 1 GiB of zeros, compressed as it is sent: about 1 MiB on the wire.
asio::awaitable<void> send_bomb(RawConnection& connection, std::size_t& expanded) {
  co_await connection.read_head();
  std::string head =
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
  bool taken = co_await connection.write(std::move(head));
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string zeros(std::size_t{1} << 20, '\0');
  std::string compressed(std::size_t{1} << 20, '\0');
  for (int mebibyte = 0; mebibyte < 1024 && taken; ++mebibyte) {
    stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
    stream.avail_in = static_cast<uInt>(zeros.size());
    stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
    stream.avail_out = static_cast<uInt>(compressed.size());
    deflate(&stream, mebibyte == 1023 ? Z_FINISH : Z_SYNC_FLUSH);
    const std::size_t size = compressed.size() - stream.avail_out;
    char length[32];
    std::snprintf(length, sizeof(length), "%zx\r\n", size);
    std::string chunk = length + compressed.substr(0, size) + "\r\n";
    taken = co_await connection.write(std::move(chunk));
    expanded += taken ? zeros.size() : 0;
  }
  deflateEnd(&stream);
  std::string last = "0\r\n\r\n";
  co_await connection.write(std::move(last));
}

// Answers without reading the body, then closes.
asio::awaitable<void> refuse_upload(RawConnection& connection) {
  co_await connection.read_head();
  std::string reply = "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  co_await connection.write(std::move(reply));
}

class MisbehavingServerTest : public HttpTest {
 protected:
  HttpFailureReason failure_after(std::string bytes) {
    RawServer server(io_, say_and_close(std::move(bytes)));
    return failure_of(get(server.url("/")));
  }

  Answer answer_after(std::string bytes) {
    RawServer server(io_, say_and_close(std::move(bytes)));
    return send(get(server.url("/")));
  }
};

TEST_F(MisbehavingServerTest, AResetIsRetryable) {
  RawServer server(io_, [](RawConnection& connection) { return reset_after_head(connection); });
  const Answer answered = send(get(server.url("/")));
  ASSERT_FALSE(answered);
  EXPECT_EQ(answered.error().reason, HttpFailureReason::reset);
  EXPECT_TRUE(answered.error().retryable);
  EXPECT_EQ(server.connections(), 1u) << "a fresh connection's failure is not tried again";
}

TEST_F(MisbehavingServerTest, ClosingWithoutAnAnswerIsAReset) {
  EXPECT_EQ(failure_after(""), HttpFailureReason::reset);
}

TEST_F(MisbehavingServerTest, AStallEndsWithTheTimeout) {
  for (const char* before : {"", "HTTP/1.1 200 OK\r\nContent-",
                             "HTTP/1.1 200 OK\r\n"
                             "Content-Length: 10\r\n\r\nhalf"}) {
    RawServer server(io_,
                     [before](RawConnection& connection) { return stall(connection, before); });
    HttpRequest request = get(server.url("/"));
    request.timeout = milliseconds(50);
    EXPECT_EQ(failure_of(request), HttpFailureReason::timeout);
    EXPECT_NE(last_message_.find("50ms"), std::string::npos) << last_message_;
  }
}

TEST_F(MisbehavingServerTest, ATruncatedMessageIsNoAnswer) {
  for (const char* bytes :
       {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf"}) {
    EXPECT_EQ(failure_after(bytes), HttpFailureReason::reset) << bytes;
  }
}

TEST_F(MisbehavingServerTest, WhatIsNotHttpIsMalformed) {
  for (const char* bytes : {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 xx OK\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
                            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    EXPECT_EQ(failure_after(bytes), HttpFailureReason::malformed) << bytes;
  }
}

TEST_F(MisbehavingServerTest, AnHtmlPageIsHandedOnAsWhatItSaysItIs) {
  const Answer answered = answer_after(
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>");
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->header("content-type"), "text/html");
  EXPECT_EQ(answered->body, "<html></html>");
}

TEST_F(MisbehavingServerTest, ABodyThatEndsWithTheConnectionIsReadWhole) {
  const Answer answered = answer_after("HTTP/1.0 200 OK\r\n\r\neverything");
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->body, "everything");
}

TEST_F(MisbehavingServerTest, ChunksAndInterimResponsesAreUnderstood) {
  const Answer answered = answer_after(
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n");
  ASSERT_TRUE(answered) << answered.error().message;
  EXPECT_EQ(answered->body, "abcde");
  EXPECT_FALSE(answered->header("trailer"));
}

TEST_F(MisbehavingServerTest, InterimResponsesWithoutEndAreMalformed) {
  std::string bytes;
  for (int count = 0; count < 50; ++count) {
    bytes += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  EXPECT_EQ(failure_after(bytes), HttpFailureReason::malformed);
}

TEST_F(MisbehavingServerTest, AnEndlessHeaderIsCutOff) {
  std::size_t written = 0;
  {
    RawServer server(
        io_, [&written](RawConnection& connection) { return drip_header(connection, written); });
    EXPECT_EQ(failure_of(get(server.url("/"))), HttpFailureReason::malformed);
  }
  EXPECT_LT(written, std::size_t{32} << 20);
}

TEST_F(MisbehavingServerTest, ABodyOverTheLimitIsRefusedHoweverItIsFramed) {
  const std::string body(5000, 'x');
  const std::string framings[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + body,
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" + body + "\r\n0\r\n\r\n",
      "HTTP/1.0 200 OK\r\n\r\n" + body};
  for (const std::string& bytes : framings) {
    RawServer server(io_, say_and_close(bytes));
    HttpRequest request = get(server.url("/"));
    request.body_bytes_max = 4999;
    EXPECT_EQ(failure_of(request), HttpFailureReason::body_too_large) << bytes.substr(0, 80);
  }
  RawServer server(io_, say_and_close(framings[0]));
  HttpRequest request = get(server.url("/"));
  request.body_bytes_max = 5000;
  EXPECT_TRUE(send(request));
}

TEST_F(MisbehavingServerTest, AGzipBombIsCutOffEarly) {
  std::size_t expanded = 0;
  {
    RawServer server(
        io_, [&expanded](RawConnection& connection) { return send_bomb(connection, expanded); });
    HttpRequest request = get(server.url("/"));
    request.body_bytes_max = std::size_t{8} << 20;
    EXPECT_EQ(failure_of(request), HttpFailureReason::body_too_large);
    EXPECT_NE(last_message_.find("expands"), std::string::npos) << last_message_;
  }
  EXPECT_LT(expanded, std::size_t{1} << 30) << "the connection was cut before all of it was sent";
}

TEST_F(MisbehavingServerTest, DamagedAndTruncatedGzipAreMalformed) {
  EXPECT_EQ(failure_after("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n"
                          "plain"),
            HttpFailureReason::malformed);
  std::string cut = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n";
  cut += std::string("\x1f\x8b\x08\x00", 4);
  EXPECT_EQ(failure_after(cut), HttpFailureReason::malformed);
}

TEST_F(MisbehavingServerTest, AnIdempotentRequestThatMetAClosingConnectionIsSentOnceMore) {
  std::size_t heads = 0;
  RawServer server(io_, [&heads](RawConnection& connection) {
    return answer_once_then_close(connection, heads);
  });
  ASSERT_TRUE(send(get(server.url("/first"))));
  const Answer second = send(get(server.url("/second")));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->body, "ok");
  EXPECT_EQ(server.connections(), 2u);
  EXPECT_EQ(heads, 3u) << "first, second on the dying connection, second again";
}

TEST_F(MisbehavingServerTest, APostThatMetAClosingConnectionIsNotRepeated) {
  std::size_t heads = 0;
  RawServer server(io_, [&heads](RawConnection& connection) {
    return answer_once_then_close(connection, heads);
  });
  ASSERT_TRUE(send(get(server.url("/first"))));
  EXPECT_EQ(failure_of(with_method("POST", get(server.url("/second")))), HttpFailureReason::reset);
  EXPECT_EQ(server.connections(), 1u);
}

TEST_F(MisbehavingServerTest, BytesBehindAResponsePoisonTheConnection) {
  RawServer server(io_, [](RawConnection& connection) {
    return stall(connection, std::string(ok_keep_alive) + "HTTP/1.1 200 OK\r\n\r\nsmuggled");
  });
  ASSERT_TRUE(send(get(server.url("/first"))));
  ASSERT_TRUE(send(get(server.url("/second"))));
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(MisbehavingServerTest, AnAnswerGivenBeforeTheBodyWasReadIsTaken) {
  RawServer server(io_, [](RawConnection& connection) { return refuse_upload(connection); });
  HttpRequest request = with_method("PUT", get(server.url("/")));
  request.body.assign(std::size_t{16} << 20, 'x');
  const Answer answered = send(request);
  // The kernel may drop what it received when the reset arrives, but then it is a reset, never a
  // hang and never a success.
  if (answered) {
    EXPECT_EQ(answered->status, 413);
  } else {
    EXPECT_EQ(answered.error().reason, HttpFailureReason::reset);
  }
}

}  // namespace
}  // namespace scanclock
