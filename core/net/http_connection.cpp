#include "core/net/http_connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <cstring>

namespace scanclock {
namespace {

constexpr std::size_t read_step_bytes = std::size_t{16} << 10;

}  // namespace

void ReadBuffer::consume(std::size_t count) {
  begin_ += count;
  if (begin_ == end_) {
    begin_ = 0;
    end_ = 0;
  }
}

char* ReadBuffer::prepare() {
  if (begin_ != 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // The parser refuses a header beyond its limit, so this never grows much beyond that.
  if (room() < read_step_bytes / 4) {
    bytes_.resize(end_ + read_step_bytes);
  }
  return bytes_.data() + end_;
}

asio::awaitable<boost::system::error_code> feed_parser(HttpConnection& connection,
                                                       HttpParser& parser) {
  ReadBuffer& buffer = connection.buffer;
  if (!buffer.empty()) {
    const std::size_t taken = parser.put(buffer.view());
    buffer.consume(taken);
    if (taken != 0 || parser.problem() != HttpParser::Problem::none) {
      co_return boost::system::error_code();
    }
  }
  char* target = buffer.prepare();
  const auto [error, bytes] = co_await connection.transport->read_some(target, buffer.room());
  if (error == asio::error::eof) {
    parser.put_end();
    co_return parser.done() ? boost::system::error_code() : error;
  }
  if (error) {
    co_return error;
  }
  buffer.commit(bytes);
  buffer.consume(parser.put(buffer.view()));
  co_return boost::system::error_code();
}

void throw_if_cancelled(const boost::system::error_code& error) {
  if (error == asio::error::operation_aborted) {
    throw boost::system::system_error(error);
  }
}

}  // namespace scanclock
