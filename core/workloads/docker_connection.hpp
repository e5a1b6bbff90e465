#pragma once

#include "core/net/http_client.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/workloads/docker_api.hpp"
#include "core/workloads/docker_protocol.hpp"
#include "core/workloads/engine_product.hpp"
#include "core/workloads/source_problem.hpp"
#include "core/workloads/swarm_api.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr Duration docker_request_timeout = std::chrono::seconds(30);
inline constexpr std::size_t docker_inspect_bytes_max = std::size_t{2} << 20;
/// Bigger answers are parsed on the pool; this many take some milliseconds.
inline constexpr std::size_t docker_inline_parse_bytes_max = std::size_t{128} << 10;

/// The requests that Scanclock makes of Docker Engine, of Podman (by its own API, which says more
/// than the part of Docker's that it speaks) and of a Swarm's manager, all of them GET. I/O thread
/// only.
class DockerConnection {
 public:
  /// `url`: `unix:///run/docker.sock`, `http://host:port` or `https://host:port`; certificates are
  /// the HTTP client's. `on_request` is called for each request. Throws std::invalid_argument for
  /// other URLs.
  DockerConnection(std::string url, EngineProduct product, HttpClient& http, BlockingPool& pool,
                   std::function<void()> on_request);

  /// Agrees on an API version and asks for the host's name, unless that was done before. What
  /// answers must be Podman where the product is.
  boost::asio::awaitable<std::optional<SourceProblem>> negotiate();

  /// To be called when the connection broke: a daemon that comes back may be another version.
  void forget_version() { version_is_stale_ = true; }

  /// What runs, paused containers included. negotiate() must have succeeded, also for the others.
  boost::asio::awaitable<Result<std::vector<DockerContainer>, SourceProblem>> containers();
  /// Nothing when the daemon knows no such container.
  boost::asio::awaitable<Result<std::optional<DockerContainer>, SourceProblem>> container(
      std::string id);
  /// Nothing when the daemon knows no such image.
  boost::asio::awaitable<Result<std::optional<DockerImage>, SourceProblem>> image(std::string id);
  /// Of a Swarm: `not_a_manager` where another node has to be asked.
  boost::asio::awaitable<Result<SwarmTasks, SourceProblem>> tasks();
  boost::asio::awaitable<Result<std::map<std::string, SwarmService>, SourceProblem>> services();
  boost::asio::awaitable<Result<std::map<std::string, SwarmNode>, SourceProblem>> nodes();
  /// Starts and ends of containers, or of a Swarm what is done to services and nodes; with
  /// `since_ns` also those that the daemon still remembers from that moment on.
  boost::asio::awaitable<Result<std::unique_ptr<HttpStream>, SourceProblem>> events(
      std::optional<std::int64_t> since_ns);

  /// The daemon's host name; the URL's host where it may not be asked.
  const std::string& node() const { return node_; }

 private:
  HttpRequest request(const std::string& path) const;
  boost::asio::awaitable<Result<HttpResponse, SourceProblem>> get(std::string path,
                                                                  std::size_t body_bytes_max);
  /// Asks and parses, big answers on the pool.
  template <class Value>
  boost::asio::awaitable<Result<Value, SourceProblem>> ask(
      std::string path, Result<Value, JsonFailure> (*parse)(std::string_view));
  boost::asio::awaitable<Result<std::optional<DockerContainer>, SourceProblem>> podman_container(
      std::string id);
  SourceProblem refused(const std::string& path, const HttpResponse& response);
  SourceProblem malformed(const std::string& path, const std::string& message) const;
  std::string versioned(const std::string& path) const;
  std::string events_path() const;

  std::string url_;
  EngineProduct product_;
  std::string base_;
  std::string unix_socket_;
  HttpClient& http_;
  BlockingPool& pool_;
  std::function<void()> on_request_;
  std::optional<EngineVersions> versions_;
  /// The version is asked for again by the next negotiate(); requests under way go on with it.
  bool version_is_stale_ = true;
  std::string fallback_node_;
  std::string node_;
};

}  // namespace scanclock
