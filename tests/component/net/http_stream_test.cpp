#include "tests/component/net/http_fixture.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

asio::awaitable<void> send_events(RawConnection& connection, std::vector<std::string> pieces,
                                  bool stay) {
  co_await connection.read_head();
  for (std::string& piece : pieces) {
    co_await connection.write(std::move(piece));
  }
  if (stay) {
    co_await connection.wait_for_close();
  }
}

class HttpStreamTest : public HttpTest {
 protected:
  std::unique_ptr<HttpStream> open(const RawServer& server) {
    auto opened = run(io_, client_->open(get(server.url("/events"))));
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }

  std::string read_until(HttpStream& stream, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
      const auto piece = run(io_, stream.read(seconds(5)));
      EXPECT_TRUE(piece) << piece.error().message;
      if (!piece || piece->empty()) {
        break;
      }
      text += *piece;
    }
    return text;
  }
};

TEST_F(HttpStreamTest, HandsOnChunksAsTheyComeAndReportsSilence) {
  const std::vector<std::string> pieces = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                           "6\r\nstart\n\r\n", "4\r\ndie\n\r\n"};
  RawServer server(
      io_, [pieces](RawConnection& connection) { return send_events(connection, pieces, true); });
  const auto stream = open(server);
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->head().status, 200);
  EXPECT_EQ(read_until(*stream, 10), "start\ndie\n");
  const auto silence = run(io_, stream->read(milliseconds(20)));
  ASSERT_FALSE(silence);
  EXPECT_EQ(silence.error().reason, HttpFailureReason::timeout);
}

TEST_F(HttpStreamTest, EndsWithTheLastChunkOrWithTheConnection) {
  const std::string endings[] = {
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nstart\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\nstart\n"};
  for (const std::string& bytes : endings) {
    RawServer server(io_, say_and_close(bytes));
    const auto stream = open(server);
    ASSERT_TRUE(stream);
    EXPECT_EQ(read_until(*stream, 100), "start\n");
    const auto end = run(io_, stream->read(seconds(5)));
    ASSERT_TRUE(end);
    EXPECT_EQ(*end, "");
  }
}

TEST_F(HttpStreamTest, ACutStreamIsAFailureAndNoEnd) {
  RawServer server(io_, say_and_close("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                      "6\r\nstart\n\r\n"));
  const auto stream = open(server);
  ASSERT_TRUE(stream);
  EXPECT_EQ(read_until(*stream, 6), "start\n");
  const auto cut = run(io_, stream->read(seconds(5)));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().reason, HttpFailureReason::reset);
}

TEST_F(HttpStreamTest, OpeningIsBoundByTheTimeout) {
  RawServer server(io_, [](RawConnection& connection) {
    return send_events(connection, std::vector<std::string>(), true);
  });
  HttpRequest request = get(server.url("/events"));
  request.timeout = milliseconds(30);
  const auto opened = run(io_, client_->open(request));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, HttpFailureReason::timeout);
}

}  // namespace
}  // namespace scanclock
