#pragma once

#include "core/domain/time.hpp"
#include "core/net/http_parser.hpp"
#include "core/net/transport.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

/// Bytes received and not yet understood.
class ReadBuffer {
 public:
  std::string_view view() const { return std::string_view(bytes_.data() + begin_, end_ - begin_); }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t count);

  /// Room for at least a few kilobytes behind what is there.
  char* prepare();
  std::size_t room() const { return bytes_.size() - end_; }
  void commit(std::size_t count) { end_ += count; }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// A transport and what was read from it beyond the last message.
struct HttpConnection {
  explicit HttpConnection(std::unique_ptr<Transport> stream) : transport(std::move(stream)) {}
  std::unique_ptr<Transport> transport;
  ReadBuffer buffer;
  Duration idle_since{0};
};

/// Feeds the parser with what is buffered or, if that is not enough, with what comes next. The
/// parser tells what it made of it; asio::error::eof means that the peer closed too early.
asio::awaitable<boost::system::error_code> feed_parser(HttpConnection& connection,
                                                       HttpParser& parser);

/// Turns operation_aborted into its exception.
void throw_if_cancelled(const boost::system::error_code& error);

}  // namespace scanclock
