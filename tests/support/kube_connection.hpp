#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace scanclock {

namespace asio = boost::asio;

/// Null without a certificate.
std::shared_ptr<asio::ssl::context> make_kube_tls(const std::string& cert_file,
                                                  const std::string& key_file,
                                                  const std::string& client_ca_file);

/// A connection of the fake API server, in plain text or with TLS. Nothing throws but cancellation.
class KubeConnection {
 public:
  KubeConnection(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> tls);

  asio::awaitable<bool> handshake();
  /// Up to and including the blank line; empty when the peer closed.
  asio::awaitable<std::string> read_head();
  /// False when the peer takes no more, or the connection was cut.
  asio::awaitable<bool> write(std::string bytes);
  asio::awaitable<void> wait_for_close();
  void close();

  /// From now on only so many bytes are said: then the connection closes, or falls silent.
  void limit(std::optional<std::size_t> cut_after, std::optional<std::size_t> stall_after);

 private:
  using Tls = asio::ssl::stream<asio::ip::tcp::socket&>;

  asio::awaitable<bool> write_all(std::string bytes);

  asio::ip::tcp::socket socket_;
  std::shared_ptr<asio::ssl::context> context_;
  std::unique_ptr<Tls> tls_;
  std::string pending_;
  std::optional<std::size_t> cut_after_;
  std::optional<std::size_t> stall_after_;
};

}  // namespace scanclock
