#pragma once

#include "core/domain/time.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boost::asio::ssl {
class context;
}

namespace scanclock {

namespace asio = boost::asio;

/// TCP or a Unix socket.
using StreamSocket = asio::generic::stream_protocol::socket;

/// A connected byte stream, plain or TLS. Errors are returned, cancellation included
/// (operation_aborted). Destroying it closes the connection without ceremony: HTTP says itself
/// where a message ends.
class Transport {
 public:
  /// Error and bytes; end of stream is asio::error::eof.
  using Outcome = std::pair<boost::system::error_code, std::size_t>;

  virtual ~Transport() = default;

  virtual asio::awaitable<Outcome> read_some(char* data, std::size_t size) = 0;
  /// Writes both pieces in full; they must outlive the call.
  virtual asio::awaitable<boost::system::error_code> write(std::string_view first,
                                                           std::string_view second) = 0;
  /// Writes all pieces in full, in steps that let others work in between; what they show must
  /// outlive the call.
  virtual asio::awaitable<boost::system::error_code> write_all(
      std::vector<std::string_view> pieces) = 0;
  /// TLS handshakes; nothing to do for plain streams.
  virtual asio::awaitable<boost::system::error_code> handshake() = 0;
  /// What the certificate check found wrong after a failed handshake; empty when it was fine.
  virtual std::string verification_error() const = 0;
  /// When the certificate that the peer showed ends; nothing for plain streams.
  virtual std::optional<TimePoint> certificate_not_after() const { return std::nullopt; }

  virtual StreamSocket& socket() = 0;

  /// Ends the operation under way with operation_aborted.
  void cancel();
  void close();
  /// Announces the end of what this side sends.
  void shutdown_send();
  /// False when the peer closed, or spoke out of turn, while nothing was being read.
  bool is_quiet();
};

std::unique_ptr<Transport> make_plain_transport(StreamSocket socket);

/// `host` is verified against the peer's certificate, and named in the handshake (SNI) unless it is
/// an IP address.
std::unique_ptr<Transport> make_tls_client_transport(StreamSocket socket,
                                                     std::shared_ptr<asio::ssl::context> context,
                                                     const std::string& host);

std::unique_ptr<Transport> make_tls_server_transport(StreamSocket socket,
                                                     std::shared_ptr<asio::ssl::context> context);

}  // namespace scanclock
