#include "core/net/http_server.hpp"

#include "core/net/http_listener.hpp"
#include "core/net/http_session.hpp"
#include "core/net/tls_context.hpp"
#include "core/runtime/log.hpp"
#include "core/runtime/task_group.hpp"
#include "core/runtime/with_timeout.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace scanclock {
namespace {

using boost::system::error_code;

// More than these are not even told that the server is full.
constexpr std::size_t refusals_max = 64;
// After a failed accept, such as for want of descriptors.
constexpr Duration accept_pause = std::chrono::milliseconds(100);
constexpr Duration sweep_min = std::chrono::milliseconds(10);
constexpr Duration sweep_max = std::chrono::seconds(5);

void log_failure(std::string_view name, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log::error("net", "{} failed: {}", name, error.what());
  }
}

class Server final : public HttpServer {
 public:
  Server(asio::any_io_executor executor, Clock& clock, HttpServerOptions options, Handler handler)
      : shared_(std::make_shared<HttpServerShared>(clock, options, std::move(handler))),
        listener_(executor, options.listen),
        busy_(executor, asio::steady_timer::time_point::max()),
        services_(executor, log_failure),
        sessions_(executor, log_failure) {
    if (!options.tls.cert_file.empty()) {
      tls_ = make_server_tls_context(options.tls);
    }
  }

  std::string address() const override { return listener_.address(); }

  void start() override {
    services_.spawn("http accept on " + address(), accept_until_stopped());
    services_.spawn("http time limits on " + address(), sweep_until_stopped());
  }

  asio::awaitable<void> stop(Duration grace) override {
    shared_->stopping = true;
    listener_.close();
    co_await services_.stop();
    for (HttpSession* session : live_) {
      session->close_if_idle();
    }
    if (grace > Duration::zero()) {
      try {
        co_await with_timeout<void>(shared_->clock, sessions_.join(), grace, "stopping");
      } catch (const TimeoutError&) {
        log::warning("net", "cutting {} http connections that did not finish within {}",
                     sessions_.size(), format_duration(grace));
      }
    }
    co_await sessions_.stop();
  }

 private:
  // Known to the sweep for as long as it exists, even if its coroutine never starts.
  struct LiveSession {
    LiveSession(Server& owner, std::unique_ptr<Transport> transport, std::string peer)
        : server(owner), session(owner.shared_, std::move(transport), std::move(peer)) {
      server.live_.insert(&session);
    }
    ~LiveSession() { server.live_.erase(&session); }
    LiveSession(const LiveSession&) = delete;
    LiveSession& operator=(const LiveSession&) = delete;

    Server& server;
    HttpSession session;
  };

  asio::awaitable<void> accept_until_stopped() {
    for (;;) {
      auto accepted =
          co_await listener_.acceptor().async_accept(asio::as_tuple(asio::use_awaitable));
      const error_code error = std::get<0>(accepted);
      if (error) {
        throw_if_cancelled(error);
        log::warning("net", "cannot accept a connection on {}: {}", address(), error.message());
        co_await shared_->clock.sleep(accept_pause);
        continue;
      }
      begin_session(std::move(std::get<1>(accepted)));
    }
  }

  void begin_session(StreamSocket socket) {
    const bool full = live_.size() >= shared_->options.connections_max;
    if (full && (tls_ || live_.size() >= shared_->options.connections_max + refusals_max)) {
      return;
    }
    error_code not_tcp;
    socket.set_option(asio::ip::tcp::no_delay(true), not_tcp);
    std::string peer = describe_peer(socket);
    auto transport = tls_ ? make_tls_server_transport(std::move(socket), tls_)
                          : make_plain_transport(std::move(socket));
    auto live = std::make_unique<LiveSession>(*this, std::move(transport), std::move(peer));
    busy_.cancel();
    sessions_.spawn("http session", run_session(std::move(live), full));
  }

  static asio::awaitable<void> run_session(std::unique_ptr<LiveSession> live, bool full) {
    auto pending = full ? live->session.refuse() : live->session.run();
    co_await std::move(pending);
  }

  Duration sweep_period() const {
    const auto& options = shared_->options;
    const Duration shortest =
        std::min(std::min(options.header_timeout, options.body_timeout), options.idle_timeout);
    return std::clamp(shortest / 4, sweep_min, sweep_max);
  }

  asio::awaitable<void> sweep_until_stopped() {
    for (;;) {
      if (live_.empty()) {
        const auto [error] = co_await busy_.async_wait(asio::as_tuple(asio::use_awaitable));
        static_cast<void>(error);
      }
      // Throws when the wait above ended by cancellation.
      co_await shared_->clock.sleep(sweep_period());
      const Duration now = shared_->clock.monotonic();
      for (HttpSession* session : live_) {
        session->enforce_deadline(now);
      }
    }
  }

  std::shared_ptr<HttpServerShared> shared_;
  HttpListener listener_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::set<HttpSession*> live_;
  asio::steady_timer busy_;
  TaskGroup services_;
  TaskGroup sessions_;
};

}  // namespace

std::unique_ptr<HttpServer> make_http_server(asio::any_io_executor executor, Clock& clock,
                                             HttpServerOptions options,
                                             HttpServer::Handler handler) {
  return std::make_unique<Server>(std::move(executor), clock, std::move(options),
                                  std::move(handler));
}

}  // namespace scanclock
