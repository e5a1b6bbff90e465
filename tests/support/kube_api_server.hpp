#pragma once

#include "core/runtime/clock.hpp"
#include "tests/support/kube_store.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr std::size_t kube_always = std::numeric_limits<std::size_t>::max();
inline constexpr int kube_port_any = 0;

struct KubeServerOptions {
  KubeServerOptions() = default;
  /// PEM; without them plain HTTP.
  std::string cert_file;
  std::string key_file;
  /// Clients must show a certificate of this authority.
  std::string client_ca_file;
  /// Who does not send it as a bearer token is answered 401; empty: anybody may ask.
  std::string token;
  /// As the real server, which says one about every minute.
  Duration bookmark_every = std::chrono::minutes(1);
  int port = kube_port_any;
};

/// What goes wrong with requests whose target holds `match`.
struct KubeFault {
  KubeFault() = default;
  explicit KubeFault(std::string part) : match(std::move(part)) {}

  std::string match;
  std::size_t times = 1;
  /// An answer instead of the real one; also extra header lines, each with its line end.
  std::optional<KubeAnswer> answer;
  std::string headers;
  /// The answer's bytes, header included, up to here; then the connection closes, or says nothing
  /// any more. A watch counts all that it sends.
  std::optional<std::size_t> cut_after;
  std::optional<std::size_t> stall_after;
};

/// A Kubernetes API server of a test, in the recorded shapes of the real one: HTTP/1.1 or HTTPS on
/// a loopback port, paged lists, watches as chunked documents with bookmarks, discovery enough for
/// kubectl, and every refusal that a cluster is known to give. One page serves the objects of now
/// under the revision of the first page; who watches from there learns the difference, as with a
/// real server. Runs on the test's io_context.
class KubeApiServer {
 public:
  KubeApiServer(asio::io_context& io, Clock& clock, KubeServerOptions options = {});
  /// Runs the io_context until every connection has ended.
  ~KubeApiServer();
  KubeApiServer(const KubeApiServer&) = delete;
  KubeApiServer& operator=(const KubeApiServer&) = delete;

  /// `http://127.0.0.1:41233`
  std::string url() const;

  KubeStore& store() { return store_; }
  /// Changes that open watches are told about at once.
  void put(const std::string& resource, std::string_view json);
  void remove(const std::string& resource, const std::string& namespace_name,
              const std::string& name);
  /// To be called after changes that were made in store().
  void tell_watches();

  void fail(KubeFault fault);
  void heal() { faults_.clear(); }
  /// 403 with the real server's words, for lists and watches of all namespaces and of one.
  void forbid(const std::string& resource) { forbidden_.insert(resource); }
  void allow(const std::string& resource) { forbidden_.erase(resource); }
  /// 403 for lists of all namespaces; those of single ones are allowed.
  void allow_only_single_namespaces() { only_namespaces_ = true; }
  /// As without its CustomResourceDefinition: 404 without a Status' words.
  void remove_resource(const std::string& resource) { unknown_.insert(resource); }
  void add_resource(const std::string& resource) { unknown_.erase(resource); }
  void set_token(std::string token) { options_.token = std::move(token); }

  /// Of watches whose target holds `part`.
  std::size_t open_watches(std::string_view part = {}) const;
  /// Up to which revision every open watch of targets with `part` was told, as far as it concerns
  /// it; 0 when there is no such watch.
  std::uint64_t told_revision(std::string_view part) const;
  void send_bookmarks();
  /// Sends bytes as one chunk.
  void emit(std::string_view part, const std::string& bytes);
  /// Sends an ERROR event with 410 and ends the watch, as after a compaction.
  void expire_watches(std::string_view part = {});
  /// With the last chunk, or by closing the connection in the middle.
  void end_watches(std::string_view part = {}, bool cleanly = true);
  /// Watches are cut into chunks of this many bytes, wherever the documents end; 0: one a document.
  void set_chunk_bytes(std::size_t bytes) { chunk_bytes_ = bytes; }

  /// Stops listening and cuts every connection, or comes back on the same port.
  void go_away();
  void come_back();

  const std::vector<std::string>& targets() const { return targets_; }
  std::size_t count(std::string_view part) const;
  void clear_targets() { targets_.clear(); }

 private:
  class Connection;
  struct Watch;
  struct State;

  asio::awaitable<void> accept();
  asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
  asio::awaitable<void> serve_watch(std::shared_ptr<Watch> watch);
  asio::awaitable<void> time_watch(std::weak_ptr<Watch> watched);
  asio::awaitable<void> notice_close(std::shared_ptr<Watch> watch);
  KubeAnswer answer_to(const std::string& target, const std::vector<HttpHeader>& headers,
                       const std::optional<KubeQuery>& query) const;
  std::optional<KubeAnswer> refusal_of(const std::string& target,
                                       const std::vector<HttpHeader>& headers,
                                       const std::optional<KubeQuery>& query) const;
  std::optional<KubeFault> take_fault(const std::string& target);
  std::vector<std::shared_ptr<Watch>> watches_with(std::string_view part) const;

  asio::io_context& io_;
  Clock& clock_;
  KubeServerOptions options_;
  KubeStore store_;
  std::vector<KubeFault> faults_;
  std::set<std::string> forbidden_;
  std::set<std::string> unknown_;
  bool only_namespaces_ = false;
  std::size_t chunk_bytes_ = 0;
  std::vector<std::string> targets_;
  std::unique_ptr<State> state_;
};

/// The discovery documents and /version; nothing for other paths.
std::optional<KubeAnswer> kube_discovery(std::string_view path,
                                         const std::set<std::string>& unknown);

}  // namespace scanclock
