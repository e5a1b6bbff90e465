#include "tests/support/kube_api_server.hpp"

#include "core/runtime/task_group.hpp"
#include "tests/support/http_wire.hpp"
#include "tests/support/kube_connection.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstdio>

namespace scanclock {
namespace {

using asio::ip::tcp;

constexpr Duration kube_watch_time_default = std::chrono::minutes(30);

void report_kube_failure(std::string_view name, std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s ended: %s\n", std::string(name).c_str(), error.what());
  }
}

}  // namespace

class KubeApiServer::Connection : public KubeConnection {
 public:
  using KubeConnection::KubeConnection;
};

struct KubeApiServer::Watch {
  Watch(asio::io_context& io, std::shared_ptr<Connection> peer, KubeQuery asked, std::string path)
      : connection(std::move(peer)),
        query(std::move(asked)),
        target(std::move(path)),
        changed(io, asio::steady_timer::time_point::max()) {}

  void add(const std::string& bytes) {
    waiting += bytes;
    changed.cancel();
  }

  std::shared_ptr<Connection> connection;
  KubeQuery query;
  std::string target;
  asio::steady_timer changed;
  /// Said as it is, besides the events.
  std::string waiting;
  std::uint64_t revision = 0;
  /// The same, when the peer's socket had taken it.
  std::uint64_t told_revision = 0;
  bool ends = false;
  bool ends_cleanly = true;
};

struct KubeApiServer::State {
  State(asio::io_context& io, const KubeServerOptions& options)
      : acceptor(io),
        tls(make_kube_tls(options.cert_file, options.key_file, options.client_ca_file)),
        tasks(io.get_executor(), &report_kube_failure) {}

  tcp::acceptor acceptor;
  std::shared_ptr<asio::ssl::context> tls;
  unsigned short port = 0;
  std::vector<std::weak_ptr<Connection>> connections;
  std::vector<std::weak_ptr<Watch>> watches;
  TaskGroup tasks;
};

KubeApiServer::KubeApiServer(asio::io_context& io, Clock& clock, KubeServerOptions options)
    : io_(io),
      clock_(clock),
      options_(std::move(options)),
      state_(std::make_unique<State>(io, options_)) {
  state_->port = static_cast<unsigned short>(options_.port);
  come_back();
}

KubeApiServer::~KubeApiServer() {
  go_away();
  run(io_, state_->tasks.stop());
}

std::string KubeApiServer::url() const {
  return (state_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(state_->port);
}

void KubeApiServer::come_back() {
  state_->acceptor =
      tcp::acceptor(io_, tcp::endpoint(asio::ip::address_v4::loopback(), state_->port));
  state_->port = state_->acceptor.local_endpoint().port();
  state_->tasks.spawn("kube api server", accept());
}

void KubeApiServer::go_away() {
  state_->acceptor.close();
  for (const auto& watch : watches_with({})) {
    watch->ends = true;
    watch->ends_cleanly = false;
    watch->changed.cancel();
  }
  for (const auto& weak : state_->connections) {
    if (const auto connection = weak.lock()) {
      connection->close();
    }
  }
}

asio::awaitable<void> KubeApiServer::accept() {
  while (true) {
    tcp::socket socket(io_);
    const auto [error] =
        co_await state_->acceptor.async_accept(socket, asio::as_tuple(asio::use_awaitable));
    if (error) {
      co_return;
    }
    socket.set_option(tcp::no_delay(true));
    auto connection = std::make_shared<Connection>(std::move(socket), state_->tls);
    std::erase_if(state_->connections, [](const auto& weak) { return weak.expired(); });
    state_->connections.push_back(connection);
    state_->tasks.spawn("kube connection", serve(std::move(connection)));
  }
}

asio::awaitable<void> KubeApiServer::serve(std::shared_ptr<Connection> connection) {
  bool goes_on = co_await connection->handshake();
  while (goes_on) {
    const std::string head = co_await connection->read_head();
    if (head.empty()) {
      break;
    }
    std::vector<HttpHeader> headers;
    std::string target = split_request_head(head, headers);
    targets_.push_back(target);
    const auto query = KubeQuery::parse(target, headers);
    const bool watches = query && query->watch && !refusal_of(target, headers, query) &&
                         !store_.refuse_watch(*query);
    const auto fault = take_fault(target);
    connection->limit(fault ? fault->cut_after : std::nullopt,
                      fault ? fault->stall_after : std::nullopt);
    if (watches && !(fault && fault->answer)) {
      auto watch = std::make_shared<Watch>(io_, connection, *query, target);
      co_await serve_watch(std::move(watch));
      break;
    }
    const KubeAnswer said =
        fault && fault->answer ? *fault->answer : answer_to(target, headers, query);
    std::string bytes = "HTTP/1.1 " + std::to_string(said.status) +
                        " Said\r\nContent-Type: application/json\r\n" +
                        (fault ? fault->headers : std::string()) +
                        "Content-Length: " + std::to_string(said.body.size()) + "\r\n\r\n";
    bytes += said.body;
    goes_on = co_await connection->write(std::move(bytes));
  }
  connection->close();
}

std::optional<KubeFault> KubeApiServer::take_fault(const std::string& target) {
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (target.find(fault->match) == std::string::npos) {
      continue;
    }
    KubeFault taken = *fault;
    if (fault->times != kube_always && --fault->times == 0) {
      faults_.erase(fault);
    }
    return taken;
  }
  return std::nullopt;
}

std::optional<KubeAnswer> KubeApiServer::refusal_of(const std::string& target,
                                                    const std::vector<HttpHeader>& headers,
                                                    const std::optional<KubeQuery>& query) const {
  const auto authorization = find_header(headers, "Authorization");
  if (!options_.token.empty() && authorization != "Bearer " + options_.token) {
    return kube_status(401, "Unauthorized", "Unauthorized");
  }
  if (!query || unknown_.contains(query->resource->plural)) {
    return KubeAnswer{404, "404 page not found\n"};
  }
  const KubeResource& resource = *query->resource;
  if (forbidden_.contains(resource.plural) ||
      (only_namespaces_ && resource.namespaced && query->namespace_name.empty())) {
    const std::string scope = query->namespace_name.empty()
                                  ? "at the cluster scope"
                                  : "in the namespace \"" + query->namespace_name + "\"";
    return kube_status(403, "Forbidden",
                       resource.plural + " is forbidden: User \"scanclock\" cannot " +
                           (query->watch ? "watch" : "list") + " resource \"" + resource.plural +
                           "\" in API group \"" + resource.group() + "\" " + scope);
  }
  static_cast<void>(target);
  return std::nullopt;
}

KubeAnswer KubeApiServer::answer_to(const std::string& target,
                                    const std::vector<HttpHeader>& headers,
                                    const std::optional<KubeQuery>& query) const {
  if (!query) {
    if (auto found = kube_discovery(target.substr(0, target.find('?')), unknown_)) {
      return *found;
    }
  }
  if (auto refused = refusal_of(target, headers, query)) {
    return *refused;
  }
  if (query->watch) {
    return *store_.refuse_watch(*query);
  }
  return store_.list(*query);
}

void KubeApiServer::put(const std::string& resource, std::string_view json) {
  store_.put(resource, json);
  tell_watches();
}

void KubeApiServer::remove(const std::string& resource, const std::string& namespace_name,
                           const std::string& name) {
  store_.remove(resource, namespace_name, name);
  tell_watches();
}

void KubeApiServer::fail(KubeFault fault) { faults_.push_back(std::move(fault)); }

std::size_t KubeApiServer::count(std::string_view part) const {
  return static_cast<std::size_t>(std::count_if(
      targets_.begin(), targets_.end(),
      [&](const std::string& target) { return target.find(part) != std::string::npos; }));
}

std::vector<std::shared_ptr<KubeApiServer::Watch>> KubeApiServer::watches_with(
    std::string_view part) const {
  std::vector<std::shared_ptr<Watch>> found;
  for (const auto& weak : state_->watches) {
    auto watch = weak.lock();
    if (watch && !watch->ends && watch->target.find(part) != std::string::npos) {
      found.push_back(std::move(watch));
    }
  }
  return found;
}

std::size_t KubeApiServer::open_watches(std::string_view part) const {
  return watches_with(part).size();
}

std::uint64_t KubeApiServer::told_revision(std::string_view part) const {
  std::uint64_t lowest = 0;
  for (const auto& watch : watches_with(part)) {
    lowest = lowest == 0 ? watch->told_revision : std::min(lowest, watch->told_revision);
  }
  return lowest;
}

void KubeApiServer::tell_watches() {
  for (const auto& watch : watches_with({})) {
    watch->changed.cancel();
  }
}

void KubeApiServer::send_bookmarks() {
  for (const auto& watch : watches_with({})) {
    watch->add(store_.bookmark(watch->query));
  }
}

void KubeApiServer::emit(std::string_view part, const std::string& bytes) {
  for (const auto& watch : watches_with(part)) {
    watch->add(bytes);
  }
}

void KubeApiServer::expire_watches(std::string_view part) {
  for (const auto& watch : watches_with(part)) {
    watch->add(store_.expired_document(watch->revision));
    watch->ends = true;
  }
}

void KubeApiServer::end_watches(std::string_view part, bool cleanly) {
  for (const auto& watch : watches_with(part)) {
    watch->ends = true;
    watch->ends_cleanly = cleanly;
    watch->changed.cancel();
  }
}

asio::awaitable<void> KubeApiServer::time_watch(std::weak_ptr<Watch> watched) {
  Duration left = kube_watch_time_default;
  if (const auto watch = watched.lock()) {
    const std::string asked = watch->query.parameter("timeoutSeconds");
    left = asked.empty() ? left : Duration(std::chrono::seconds(std::stoll(asked)));
  }
  while (left > Duration::zero()) {
    const Duration step = std::min(left, options_.bookmark_every);
    co_await clock_.sleep(step);
    left -= step;
    const auto watch = watched.lock();
    if (!watch || watch->ends) {
      co_return;
    }
    if (watch->query.parameter("allowWatchBookmarks").empty()) {
      continue;
    }
    watch->add(store_.bookmark(watch->query));
  }
  if (const auto watch = watched.lock()) {
    watch->ends = true;
    watch->changed.cancel();
  }
}

asio::awaitable<void> KubeApiServer::notice_close(std::shared_ptr<Watch> watch) {
  co_await watch->connection->wait_for_close();
  watch->ends = true;
  watch->ends_cleanly = false;
  watch->changed.cancel();
}

asio::awaitable<void> KubeApiServer::serve_watch(std::shared_ptr<Watch> watch) {
  Connection& connection = *watch->connection;
  const std::string from = watch->query.parameter("resourceVersion");
  watch->revision = from.empty() || from == "0" ? store_.revision() : std::stoull(from);
  watch->told_revision = watch->revision;
  std::erase_if(state_->watches, [](const auto& weak) { return weak.expired(); });
  state_->watches.push_back(watch);
  state_->tasks.spawn("kube watch time", time_watch(watch));
  std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  bool goes_on = co_await connection.write(std::move(head));
  for (const std::string& document : store_.initial_documents(watch->query)) {
    watch->waiting += document;
  }
  if (store_.is_too_old(watch->revision)) {
    watch->waiting += store_.expired_document(watch->revision);
    watch->ends = true;
  }
  auto closing = notice_close(watch);
  state_->tasks.spawn("kube watch close", std::move(closing));
  while (goes_on) {
    std::string bytes = std::exchange(watch->waiting, {});
    std::string framed = chunk_bytes_ == 0 && !bytes.empty() ? http_chunk(bytes) : std::string();
    for (const std::string& document : store_.documents_after(watch->query, watch->revision)) {
      if (chunk_bytes_ == 0) {
        framed += http_chunk(document);
      } else {
        bytes += document;
      }
    }
    for (std::size_t at = 0; chunk_bytes_ != 0 && at < bytes.size(); at += chunk_bytes_) {
      framed += http_chunk(std::string_view(bytes).substr(at, chunk_bytes_));
    }
    if (!framed.empty()) {
      goes_on = co_await connection.write(std::move(framed));
      watch->told_revision = watch->revision;
      continue;
    }
    if (watch->ends) {
      break;
    }
    boost::system::error_code ignored;
    co_await watch->changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  watch->ends = true;
  if (goes_on && watch->ends_cleanly) {
    std::string last = "0\r\n\r\n";
    co_await connection.write(std::move(last));
  }
  connection.close();
}

}  // namespace scanclock
