#include "core/net/transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <sys/socket.h>

namespace scanclock {
namespace {

using boost::system::error_code;

constexpr auto as_outcome = asio::as_tuple(asio::use_awaitable);

template <class Stream>
asio::awaitable<Transport::Outcome> read_some_from(Stream& stream, char* data, std::size_t size) {
  const auto [error, bytes] = co_await stream.async_read_some(asio::buffer(data, size), as_outcome);
  co_return Transport::Outcome(error, bytes);
}

template <class Stream>
asio::awaitable<error_code> write_to(Stream& stream, std::string_view first,
                                     std::string_view second) {
  std::array<asio::const_buffer, 2> buffers;
  buffers[0] = asio::buffer(first);
  buffers[1] = asio::buffer(second);
  const auto [error, bytes] = co_await asio::async_write(stream, buffers, as_outcome);
  static_cast<void>(bytes);
  co_return error;
}

template <class Stream>
asio::awaitable<error_code> write_all_to(Stream& stream, std::vector<std::string_view> pieces) {
  std::vector<asio::const_buffer> buffers;
  buffers.reserve(pieces.size());
  for (const std::string_view piece : pieces) {
    buffers.push_back(asio::buffer(piece));
  }
  const auto [error, bytes] = co_await asio::async_write(stream, buffers, as_outcome);
  static_cast<void>(bytes);
  co_return error;
}

/// Nothing for a time that cannot be read, or that lies beyond what a clock can count.
std::optional<TimePoint> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    return std::nullopt;
  }
  const std::time_t seconds = ::timegm(&parts);
  constexpr std::time_t seconds_max =
      std::chrono::duration_cast<std::chrono::seconds>(TimePoint::max().time_since_epoch()).count();
  return TimePoint(std::chrono::seconds(std::min(seconds, seconds_max)));
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(StreamSocket socket) : socket_(std::move(socket)) {}

  asio::awaitable<Outcome> read_some(char* data, std::size_t size) override {
    return read_some_from(socket_, data, size);
  }
  asio::awaitable<error_code> write(std::string_view first, std::string_view second) override {
    return write_to(socket_, first, second);
  }
  asio::awaitable<error_code> write_all(std::vector<std::string_view> pieces) override {
    return write_all_to(socket_, std::move(pieces));
  }
  asio::awaitable<error_code> handshake() override { co_return error_code(); }
  std::string verification_error() const override { return std::string(); }
  StreamSocket& socket() override { return socket_; }

 private:
  StreamSocket socket_;
};

class TlsTransport final : public Transport {
 public:
  using Role = asio::ssl::stream_base::handshake_type;

  TlsTransport(StreamSocket socket, std::shared_ptr<asio::ssl::context> context, Role role)
      : context_(std::move(context)), stream_(std::move(socket), *context_), role_(role) {}

  void expect_host(const std::string& host) {
    SSL* ssl = stream_.native_handle();
    error_code not_literal;
    asio::ip::make_address(host, not_literal);
    if (!not_literal) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
      return;
    }
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(ssl, host.c_str());
    SSL_set_tlsext_host_name(ssl, host.c_str());
  }

  asio::awaitable<Outcome> read_some(char* data, std::size_t size) override {
    return read_some_from(stream_, data, size);
  }
  asio::awaitable<error_code> write(std::string_view first, std::string_view second) override {
    return write_to(stream_, first, second);
  }
  asio::awaitable<error_code> write_all(std::vector<std::string_view> pieces) override {
    return write_all_to(stream_, std::move(pieces));
  }
  asio::awaitable<error_code> handshake() override {
    const auto [error] = co_await stream_.async_handshake(role_, as_outcome);
    co_return error;
  }
  std::string verification_error() const override {
    const long code = SSL_get_verify_result(const_cast<Stream&>(stream_).native_handle());
    return code == X509_V_OK ? std::string() : X509_verify_cert_error_string(code);
  }
  std::optional<TimePoint> certificate_not_after() const override {
    X509* const shown = SSL_get1_peer_certificate(const_cast<Stream&>(stream_).native_handle());
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(shown, X509_free);
    return certificate ? time_of(X509_get0_notAfter(certificate.get())) : std::nullopt;
  }
  StreamSocket& socket() override { return stream_.next_layer(); }

 private:
  using Stream = asio::ssl::stream<StreamSocket>;

  std::shared_ptr<asio::ssl::context> context_;
  Stream stream_;
  Role role_;
};

}  // namespace

void Transport::cancel() {
  error_code ignored;
  socket().cancel(ignored);
}

void Transport::close() {
  error_code ignored;
  socket().close(ignored);
}

void Transport::shutdown_send() {
  error_code ignored;
  socket().shutdown(StreamSocket::shutdown_send, ignored);
}

bool Transport::is_quiet() {
  char byte = 0;
  const auto got = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::unique_ptr<Transport> make_plain_transport(StreamSocket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> make_tls_client_transport(StreamSocket socket,
                                                     std::shared_ptr<asio::ssl::context> context,
                                                     const std::string& host) {
  auto transport = std::make_unique<TlsTransport>(std::move(socket), std::move(context),
                                                  asio::ssl::stream_base::client);
  transport->expect_host(host);
  return transport;
}

std::unique_ptr<Transport> make_tls_server_transport(StreamSocket socket,
                                                     std::shared_ptr<asio::ssl::context> context) {
  return std::make_unique<TlsTransport>(std::move(socket), std::move(context),
                                        asio::ssl::stream_base::server);
}

}  // namespace scanclock
