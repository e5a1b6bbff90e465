#include "tests/support/stub_http_server.hpp"

#include "tests/support/answers.hpp"
#include "tests/support/run_coroutine.hpp"

#include <utility>

namespace scanclock {
namespace {

HttpServerOptions options_for(std::string listen) {
  HttpServerOptions options;
  options.listen = std::move(listen);
  return options;
}

asio::awaitable<HttpResponse> give_at_once(HttpResponse response) { co_return std::move(response); }

}  // namespace

StubHttpServer::StubHttpServer(asio::io_context& io, Clock& clock, std::string listen)
    : StubHttpServer(io, clock, options_for(std::move(listen))) {}

StubHttpServer::StubHttpServer(asio::io_context& io, Clock& clock, HttpServerOptions options)
    : io_(io), tls_(!options.tls.cert_file.empty()) {
  server_ =
      make_http_server(io.get_executor(), clock, std::move(options),
                       [this](HttpServerRequest request) { return handle(std::move(request)); });
  server_->start();
}

StubHttpServer::~StubHttpServer() { stop(); }

void StubHttpServer::on(std::string target_prefix, Handler handler) {
  on_async(std::move(target_prefix), [handler = std::move(handler)](HttpServerRequest request) {
    return give_at_once(handler(request));
  });
}

void StubHttpServer::on_async(std::string target_prefix, AsyncHandler handler) {
  handlers_[std::move(target_prefix)] = std::move(handler);
}

void StubHttpServer::on(std::string target_prefix, HttpResponse response) {
  on(std::move(target_prefix),
     Handler([response = std::move(response)](const HttpServerRequest&) { return response; }));
}

std::string StubHttpServer::address() const { return server_->address(); }

std::string StubHttpServer::url(std::string_view path) const {
  const std::string bound = address();
  const std::string host = bound.starts_with("unix:") ? std::string("localhost") : bound;
  return (tls_ ? "https://" : "http://") + host + std::string(path);
}

std::size_t StubHttpServer::count(std::string_view method, std::string_view target_prefix) const {
  std::size_t matches = 0;
  for (const HttpServerRequest& request : requests_) {
    if (request.method == method && request.target.starts_with(target_prefix)) {
      ++matches;
    }
  }
  return matches;
}

void StubHttpServer::stop() { run(io_, server_->stop(Duration::zero())); }

asio::awaitable<HttpResponse> StubHttpServer::handle(HttpServerRequest request) {
  requests_.push_back(request);
  const AsyncHandler* chosen = nullptr;
  std::size_t chosen_length = 0;
  for (const auto& [prefix, handler] : handlers_) {
    if (request.target.starts_with(prefix) && (!chosen || prefix.size() >= chosen_length)) {
      chosen = &handler;
      chosen_length = prefix.size();
    }
  }
  if (chosen == nullptr) {
    co_return answer(404, "no handler for " + request.target);
  }
  // A copy, for a handler may register another one while it runs.
  const AsyncHandler handler = *chosen;
  auto pending = handler(std::move(request));
  co_return co_await std::move(pending);
}

}  // namespace scanclock
