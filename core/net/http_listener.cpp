#include "core/net/http_listener.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/system/system_error.hpp>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace scanclock {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr std::string_view unix_prefix = "unix:";

[[noreturn]] void fail(const std::string& listen, const std::string& cause) {
  throw std::runtime_error("cannot listen on " + listen + ": " + cause);
}

tcp::endpoint parse_endpoint(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos) {
    fail(listen, "the port is missing\nHINT: write it like 127.0.0.1:9630 or [::1]:9630");
  }
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  std::uint16_t port = 0;
  const char* end = listen.data() + listen.size();
  const auto read = std::from_chars(listen.data() + colon + 1, end, port);
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error || read.ec != std::errc() || read.ptr != end) {
    fail(listen, "not an ip address and port\nHINT: write it like 127.0.0.1:9630 or [::1]:9630");
  }
  return tcp::endpoint(address, port);
}

std::string to_text(const asio::generic::stream_protocol::endpoint& generic) {
  tcp::endpoint endpoint;
  std::memcpy(endpoint.data(), generic.data(), std::min(generic.size(), endpoint.capacity()));
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace

HttpListener::HttpListener(asio::any_io_executor executor, const std::string& listen)
    : acceptor_(std::move(executor)) {
  try {
    if (listen.starts_with(unix_prefix)) {
      listen_unix(listen.substr(unix_prefix.size()));
      address_ = listen;
    } else {
      listen_tcp(listen);
      address_ = to_text(acceptor_.local_endpoint());
    }
  } catch (const boost::system::system_error& error) {
    fail(listen, error.code().message());
  }
}

HttpListener::~HttpListener() { close(); }

void HttpListener::listen_tcp(const std::string& listen) {
  const tcp::endpoint endpoint = parse_endpoint(listen);
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.bind(endpoint);
  acceptor_.listen();
}

void HttpListener::listen_unix(const std::string& path) {
  std::error_code ignored;
  // A socket that a killed process left behind would make bind() fail for ever.
  if (std::filesystem::is_socket(path, ignored)) {
    std::filesystem::remove(path, ignored);
  }
  const asio::local::stream_protocol::endpoint endpoint(path);
  acceptor_.open(endpoint.protocol());
  acceptor_.bind(endpoint);
  unix_path_ = path;
  acceptor_.listen();
}

void HttpListener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  if (!unix_path_.empty()) {
    std::error_code ignored_too;
    std::filesystem::remove(unix_path_, ignored_too);
    unix_path_.clear();
  }
}

std::string describe_peer(const StreamSocket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) {
    return "unknown";
  }
  return endpoint.protocol().family() == AF_UNIX ? std::string("unix") : to_text(endpoint);
}

}  // namespace scanclock
