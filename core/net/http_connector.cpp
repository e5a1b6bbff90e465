#include "core/net/http_connector.hpp"

#include "core/net/address_class.hpp"
#include "core/net/tls_context.hpp"
#include "core/runtime/with_timeout.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

// sockaddr_un, with its closing zero
constexpr std::size_t unix_path_bytes_max = 107;

template <class Socket, class Endpoint>
asio::awaitable<error_code> connect_to(Socket& socket, Endpoint endpoint) {
  const auto [error] = co_await socket.async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
  throw_if_cancelled(error);
  co_return error;
}

asio::awaitable<Result<StreamSocket, HttpFailure>> connect_unix(const PreparedRequest& request) {
  if (request.unix_socket.size() > unix_path_bytes_max) {
    co_return make_http_failure(HttpFailureReason::bad_url, request.description,
                                "the path of unix socket " + request.unix_socket + " is too long");
  }
  const asio::local::stream_protocol::endpoint endpoint(request.unix_socket);
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  const error_code error = co_await connect_to(socket, endpoint);
  if (error) {
    co_return make_http_failure(
        HttpFailureReason::connect, request.description,
        "cannot connect to unix socket " + request.unix_socket + ": " + error.message());
  }
  co_return StreamSocket(std::move(socket));
}

}  // namespace

HttpConnector::HttpConnector(Clock& clock, std::shared_ptr<DnsResolver> resolver,
                             const HttpClientOptions& options)
    : clock_(clock),
      resolver_(std::move(resolver)),
      tls_(make_client_tls_context(options.tls)),
      server_name_(options.tls.server_name),
      timeout_(options.connect_timeout),
      on_certificate_(options.on_certificate) {
  if (options.proxy_url.empty()) {
    return;
  }
  auto proxy = parse_http_proxy(options.proxy_url);
  if (!proxy) {
    throw std::runtime_error("the proxy url " + proxy.error());
  }
  proxy_ = std::move(*proxy);
}

asio::awaitable<HttpConnector::Connected> HttpConnector::connect(const PreparedRequest& request) {
  try {
    co_return co_await with_timeout<Connected>(clock_, connect_without_limit(request), timeout_,
                                               "connecting");
  } catch (const TimeoutError& late) {
    co_return make_http_failure(HttpFailureReason::timeout, request.description, late.what());
  }
}

asio::awaitable<Result<DnsResolver::Addresses, HttpFailure>> HttpConnector::find_addresses(
    const PreparedRequest& request) {
  DnsResolver::Addresses addresses;
  DnsResolver::Addresses leader;
  try {
    addresses = co_await resolver_->resolve(request.url.host);
    if (!request.led_by_host.empty()) {
      leader = co_await resolver_->resolve(request.led_by_host);
    }
  } catch (const ResolveError& error) {
    co_return make_http_failure(HttpFailureReason::resolve, request.description, error.what());
  }
  if (leader.empty()) {
    co_return std::move(addresses);
  }
  AddressClass nearest = AddressClass::global;
  for (const auto& address : leader) {
    nearest = std::max(nearest, class_of(address));
  }
  const AddressClass found = class_of(addresses.front());
  std::erase_if(addresses, [nearest](const auto& address) {
    return !may_lead_to(nearest, class_of(address));
  });
  if (addresses.empty()) {
    co_return make_http_failure(HttpFailureReason::bad_url, request.description,
                                "refused: " + request.led_by_host +
                                    " names a host that stands in " + std::string(describe(found)));
  }
  co_return std::move(addresses);
}

asio::awaitable<HttpConnector::Socket> HttpConnector::connect_tcp(const PreparedRequest& request) {
  auto found = co_await find_addresses(request);
  if (!found) {
    co_return std::move(found).error();
  }
  const DnsResolver::Addresses addresses = std::move(*found);
  const auto executor = co_await asio::this_coro::executor;
  const Duration share = timeout_ / static_cast<Duration::rep>(addresses.size());
  std::string causes;
  for (const auto& address : addresses) {
    const tcp::endpoint endpoint(address, request.url.port);
    tcp::socket socket(executor);
    std::string cause;
    try {
      const error_code error = co_await with_timeout<error_code>(
          clock_, connect_to(socket, endpoint), share, "connecting");
      cause = error ? error.message() : std::string();
    } catch (const TimeoutError& late) {
      cause = late.what();
    }
    if (cause.empty()) {
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      socket.set_option(asio::socket_base::keep_alive(true), ignored);
      co_return StreamSocket(std::move(socket));
    }
    causes += (causes.empty() ? "" : "; ") + address.to_string() + ": " + cause;
  }
  co_return make_http_failure(HttpFailureReason::connect, request.description,
                              "cannot connect to " + causes);
}

// The proxy finds the host's address, so only its own is looked for.
asio::awaitable<HttpConnector::Socket> HttpConnector::connect_through_proxy(
    const PreparedRequest& request) {
  if (request.url.scheme != "https" || !request.unix_socket.empty() ||
      !request.led_by_host.empty()) {
    co_return make_http_failure(HttpFailureReason::bad_url, request.description,
                                "only https to a host of our own choice goes through a proxy");
  }
  PreparedRequest to_proxy;
  to_proxy.url = proxy_->url;
  to_proxy.description = request.description + " through proxy " + proxy_->url.origin();
  Socket socket = co_await connect_tcp(to_proxy);
  if (!socket) {
    co_return std::move(socket).error();
  }
  HttpConnection connection(make_plain_transport(std::move(*socket)));
  auto refused = co_await open_tunnel(connection, *proxy_, request);
  if (refused) {
    co_return std::move(*refused);
  }
  co_return std::move(connection.transport->socket());
}

asio::awaitable<HttpConnector::Connected> HttpConnector::start_tls(StreamSocket socket,
                                                                   const PreparedRequest& request) {
  const std::string& name = server_name_.empty() ? request.url.host : server_name_;
  auto transport = make_tls_client_transport(std::move(socket), tls_, name);
  const error_code error = co_await transport->handshake();
  throw_if_cancelled(error);
  if (error) {
    const std::string untrusted = transport->verification_error();
    co_return make_http_failure(
        HttpFailureReason::tls, request.description,
        "tls handshake failed: " + (untrusted.empty() ? error.message() : untrusted));
  }
  const std::optional<TimePoint> not_after = transport->certificate_not_after();
  if (not_after && on_certificate_) {
    on_certificate_(request.url.host, request.url.port, *not_after);
  }
  co_return std::make_unique<HttpConnection>(std::move(transport));
}

asio::awaitable<HttpConnector::Connected> HttpConnector::connect_without_limit(
    const PreparedRequest& request) {
  auto pending = proxy_                        ? connect_through_proxy(request)
                 : request.unix_socket.empty() ? connect_tcp(request)
                                               : connect_unix(request);
  Socket socket = co_await std::move(pending);
  if (!socket) {
    co_return std::move(socket).error();
  }
  if (request.url.scheme != "https") {
    co_return std::make_unique<HttpConnection>(make_plain_transport(std::move(*socket)));
  }
  co_return co_await start_tls(std::move(*socket), request);
}

}  // namespace scanclock
