#pragma once

#include "core/net/transport.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>

#include <string>

namespace scanclock {

/// A listening TCP or Unix socket.
class HttpListener {
 public:
  using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

  /// Throws std::runtime_error naming the address.
  HttpListener(asio::any_io_executor executor, const std::string& listen);
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  Acceptor& acceptor() { return acceptor_; }
  /// The bound address, in the form of the setting.
  const std::string& address() const { return address_; }
  /// Closes it and removes a Unix socket's file. Idempotent.
  void close();

 private:
  void listen_tcp(const std::string& listen);
  void listen_unix(const std::string& path);

  Acceptor acceptor_;
  std::string address_;
  std::string unix_path_;
};

/// `127.0.0.1:51234`, or `unix`.
std::string describe_peer(const StreamSocket& socket);

}  // namespace scanclock
