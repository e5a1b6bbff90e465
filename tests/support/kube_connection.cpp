#include "tests/support/kube_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <array>

namespace scanclock {
namespace {

constexpr std::size_t kube_head_bytes_max = std::size_t{1} << 20;
constexpr auto kube_no_throw = asio::as_tuple(asio::use_awaitable);

}  // namespace

std::shared_ptr<asio::ssl::context> make_kube_tls(const std::string& cert_file,
                                                  const std::string& key_file,
                                                  const std::string& client_ca_file) {
  if (cert_file.empty()) {
    return nullptr;
  }
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  context->use_certificate_chain_file(cert_file);
  context->use_private_key_file(key_file, asio::ssl::context::pem);
  if (!client_ca_file.empty()) {
    context->load_verify_file(client_ca_file);
    context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
  return context;
}

KubeConnection::KubeConnection(asio::ip::tcp::socket socket,
                               std::shared_ptr<asio::ssl::context> tls)
    : socket_(std::move(socket)), context_(std::move(tls)) {
  if (context_) {
    tls_ = std::make_unique<Tls>(socket_, *context_);
  }
}

asio::awaitable<bool> KubeConnection::handshake() {
  if (!tls_) {
    co_return true;
  }
  const auto [error] =
      co_await tls_->async_handshake(asio::ssl::stream_base::server, kube_no_throw);
  co_return !error;
}

asio::awaitable<std::string> KubeConnection::read_head() {
  auto buffer = asio::dynamic_buffer(pending_, kube_head_bytes_max);
  boost::system::error_code failure;
  std::size_t size = 0;
  if (tls_) {
    const auto [error, bytes] =
        co_await asio::async_read_until(*tls_, buffer, "\r\n\r\n", kube_no_throw);
    failure = error;
    size = bytes;
  } else {
    const auto [error, bytes] =
        co_await asio::async_read_until(socket_, buffer, "\r\n\r\n", kube_no_throw);
    failure = error;
    size = bytes;
  }
  std::string head = pending_.substr(0, failure ? 0 : size);
  pending_.erase(0, head.size());
  co_return head;
}

asio::awaitable<bool> KubeConnection::write_all(std::string bytes) {
  if (tls_) {
    const auto [error, size] =
        co_await asio::async_write(*tls_, asio::buffer(bytes), kube_no_throw);
    static_cast<void>(size);
    co_return !error;
  }
  const auto [error, size] =
      co_await asio::async_write(socket_, asio::buffer(bytes), kube_no_throw);
  static_cast<void>(size);
  co_return !error;
}

asio::awaitable<bool> KubeConnection::write(std::string bytes) {
  std::optional<std::size_t>& left = cut_after_ ? cut_after_ : stall_after_;
  if (!left || bytes.size() < *left) {
    if (left) {
      *left -= bytes.size();
    }
    co_return co_await write_all(std::move(bytes));
  }
  bytes.resize(*left);
  co_await write_all(std::move(bytes));
  if (!cut_after_) {
    co_await wait_for_close();
  }
  close();
  co_return false;
}

asio::awaitable<void> KubeConnection::wait_for_close() {
  std::array<char, 256> scratch;
  while (true) {
    boost::system::error_code failure;
    if (tls_) {
      const auto [error, size] =
          co_await tls_->async_read_some(asio::buffer(scratch), kube_no_throw);
      static_cast<void>(size);
      failure = error;
    } else {
      const auto [error, size] =
          co_await socket_.async_read_some(asio::buffer(scratch), kube_no_throw);
      static_cast<void>(size);
      failure = error;
    }
    if (failure) {
      co_return;
    }
  }
}

void KubeConnection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void KubeConnection::limit(std::optional<std::size_t> cut_after,
                           std::optional<std::size_t> stall_after) {
  cut_after_ = cut_after;
  stall_after_ = stall_after;
}

}  // namespace scanclock
