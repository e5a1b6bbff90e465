#include "tests/support/raw_server.hpp"

#include "tests/support/run_coroutine.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <array>

namespace scanclock {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t head_bytes_max = std::size_t{1} << 20;

void throw_if_aborted(const error_code& error) {
  if (error == asio::error::operation_aborted) {
    throw boost::system::system_error(error);
  }
}

asio::awaitable<void> pass_on(tcp::socket& from, tcp::socket& to) {
  std::array<char, 4096> buffer;
  for (;;) {
    const auto [error, bytes] =
        co_await from.async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
    if (error) {
      co_return;
    }
    const auto [failed, count] = co_await asio::async_write(to, asio::buffer(buffer.data(), bytes),
                                                            asio::as_tuple(asio::use_awaitable));
    static_cast<void>(count);
    if (failed) {
      co_return;
    }
  }
}

class Connection final : public RawConnection {
 public:
  Connection(tcp::socket socket, std::size_t index) : socket_(std::move(socket)), index_(index) {}

  std::size_t index() const override { return index_; }

  asio::awaitable<std::string> read_head() override {
    auto buffer = asio::dynamic_buffer(pending_, head_bytes_max);
    const auto [error, bytes] = co_await asio::async_read_until(
        socket_, buffer, "\r\n\r\n", asio::as_tuple(asio::use_awaitable));
    throw_if_aborted(error);
    std::string head = pending_.substr(0, error ? 0 : bytes);
    pending_.erase(0, head.size());
    co_return head;
  }

  asio::awaitable<bool> write(std::string bytes) override {
    const auto [error, count] = co_await asio::async_write(socket_, asio::buffer(bytes),
                                                           asio::as_tuple(asio::use_awaitable));
    static_cast<void>(count);
    throw_if_aborted(error);
    co_return !error;
  }

  asio::awaitable<void> wait_for_close() override {
    std::array<char, 256> scratch;
    for (;;) {
      const auto [error, bytes] = co_await socket_.async_read_some(
          asio::buffer(scratch), asio::as_tuple(asio::use_awaitable));
      static_cast<void>(bytes);
      throw_if_aborted(error);
      if (error) {
        co_return;
      }
    }
  }

  asio::awaitable<void> relay_to(std::string address) override {
    using namespace asio::experimental::awaitable_operators;
    const std::size_t colon = address.rfind(':');
    const tcp::endpoint target(asio::ip::make_address(address.substr(0, colon)),
                               static_cast<unsigned short>(std::stoi(address.substr(colon + 1))));
    tcp::socket upstream(socket_.get_executor());
    const auto [error] =
        co_await upstream.async_connect(target, asio::as_tuple(asio::use_awaitable));
    throw_if_aborted(error);
    if (error) {
      co_return;
    }
    auto there = pass_on(socket_, upstream);
    auto back = pass_on(upstream, socket_);
    co_await (std::move(there) || std::move(back));
  }

  void reset() override {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

 private:
  tcp::socket socket_;
  std::size_t index_;
  std::string pending_;
};

}  // namespace

struct RawServer::State {
  State(asio::io_context& io, Behaviour what)
      : behaviour(std::move(what)),
        acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        tasks(io.get_executor(), [](std::string_view, std::exception_ptr failure) {
          std::rethrow_exception(failure);
        }) {}

  asio::awaitable<void> accept_until_stopped() {
    for (;;) {
      tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
      auto connection = std::make_unique<Connection>(std::move(socket), connections++);
      tasks.spawn("raw connection", serve(behaviour, std::move(connection)));
    }
  }

  static asio::awaitable<void> serve(Behaviour behaviour, std::unique_ptr<Connection> connection) {
    auto pending = behaviour(*connection);
    co_await std::move(pending);
  }

  Behaviour behaviour;
  tcp::acceptor acceptor;
  std::size_t connections = 0;
  TaskGroup tasks;
};

RawServer::RawServer(asio::io_context& io, Behaviour behaviour)
    : io_(io), state_(std::make_shared<State>(io, std::move(behaviour))) {
  state_->tasks.spawn("raw accept", state_->accept_until_stopped());
}

RawServer::~RawServer() { run(io_, state_->tasks.stop()); }

std::string RawServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port()) +
         std::string(path);
}

std::size_t RawServer::connections() const { return state_->connections; }

RawServer::Behaviour say_and_close(std::string bytes) {
  const auto say = [](RawConnection& connection, std::string text) -> asio::awaitable<void> {
    co_await connection.read_head();
    co_await connection.write(std::move(text));
  };
  return
      [say, bytes = std::move(bytes)](RawConnection& connection) { return say(connection, bytes); };
}

}  // namespace scanclock
