#include "core/workloads/docker_connection.hpp"

#include "core/net/url.hpp"
#include "core/workloads/docker_json.hpp"
#include "core/workloads/podman_api.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

constexpr std::string_view unix_scheme = "unix://";

}  // namespace

DockerConnection::DockerConnection(std::string url, EngineProduct product, HttpClient& http,
                                   BlockingPool& pool, std::function<void()> on_request)
    : url_(std::move(url)),
      product_(product),
      http_(http),
      pool_(pool),
      on_request_(std::move(on_request)) {
  if (url_.rfind(unix_scheme, 0) == 0 && url_.size() > unix_scheme.size() &&
      url_[unix_scheme.size()] == '/') {
    unix_socket_ = url_.substr(unix_scheme.size());
    base_ = "http://localhost";
    return;
  }
  const auto parsed = parse_url(url_);
  if (!parsed) {
    throw std::invalid_argument("docker url '" + url_ +
                                "' is none\nHINT: write unix:///run/docker.sock, "
                                "https://host:2376 or http://host:2375");
  }
  base_ = to_string(*parsed);
  while (!base_.empty() && base_.back() == '/') {
    base_.pop_back();
  }
  fallback_node_ = parsed->host;
}

HttpRequest DockerConnection::request(const std::string& path) const {
  HttpRequest request;
  request.url = base_ + path;
  request.unix_socket = unix_socket_;
  request.timeout = docker_request_timeout;
  return request;
}

std::string DockerConnection::versioned(const std::string& path) const {
  const EngineVersions& versions = versions_.value();
  return product_ == EngineProduct::podman ? "/v" + versions.podman + "/libpod" + path
                                           : "/v" + to_string(versions.docker) + path;
}

SourceProblem DockerConnection::refused(const std::string& path, const HttpResponse& response) {
  const std::string said = docker_error_message(response.body);
  std::string reason = reason_of_status(response.status);
  if (response.status == 400 && said.find("client version") != std::string::npos) {
    reason = "unsupported_version";
    forget_version();
  }
  // moby daemon/cluster/errors.go: what a worker and an engine outside any Swarm say.
  std::string advice;
  if (response.status == 503 && said.find("not a swarm manager") != std::string::npos) {
    reason = "not_a_manager";
    advice = "\nHINT: let `url` name a manager of the Swarm; `docker node ls` on one lists them";
  }
  return SourceProblem(std::move(reason), "GET " + path + " of " + url_ + ": status " +
                                              std::to_string(response.status) +
                                              (said.empty() ? "" : ": " + said) + advice);
}

SourceProblem DockerConnection::malformed(const std::string& path,
                                          const std::string& message) const {
  return SourceProblem("malformed", "GET " + path + " of " + url_ + ": " + message);
}

asio::awaitable<Result<HttpResponse, SourceProblem>> DockerConnection::get(
    std::string path, std::size_t body_bytes_max) {
  HttpRequest asked = request(path);
  asked.body_bytes_max = body_bytes_max;
  on_request_();
  auto response = co_await http_.send(std::move(asked));
  if (!response) {
    forget_version();
    co_return SourceProblem(std::string(to_string(response.error().reason)),
                            url_ + ": " + response.error().message);
  }
  co_return std::move(*response);
}

asio::awaitable<std::optional<SourceProblem>> DockerConnection::negotiate() {
  if (!version_is_stale_) {
    co_return std::nullopt;
  }
  const std::string version_path = "/version";
  const auto answer = co_await get(version_path, docker_inspect_bytes_max);
  if (!answer) {
    co_return answer.error();
  }
  if (answer->status != 200) {
    co_return refused(version_path, *answer);
  }
  const auto versions = negotiate_engine_versions(answer->body);
  if (!versions) {
    SourceProblem problem = malformed(version_path, versions.error().message);
    problem.reason = versions.error().reason;
    co_return problem;
  }
  if (product_ == EngineProduct::podman && versions->podman.empty()) {
    co_return SourceProblem("unsupported_version",
                            url_ + " is answered by no Podman\nHINT: write `type: docker`");
  }
  // Proxies in front of the socket often hide /info: the name is a comfort and no condition. Any
  // other failure is one, or the node's name would change with the weather.
  const std::string info_path = "/v" + to_string(versions->docker) + "/info";
  const auto info = co_await get(info_path, docker_inspect_bytes_max);
  if (!info) {
    co_return info.error();
  }
  if (info->status != 200 && info->status != 403 && info->status != 404) {
    co_return refused(info_path, *info);
  }
  const std::string name = info->status == 200 ? parse_docker_host_name(info->body) : std::string();
  node_ = name.empty() ? fallback_node_ : name;
  versions_ = *versions;
  version_is_stale_ = false;
  co_return std::nullopt;
}

template <class Value>
asio::awaitable<Result<Value, SourceProblem>> DockerConnection::ask(
    std::string path, Result<Value, JsonFailure> (*parse)(std::string_view)) {
  auto answer = co_await get(path, docker_json::docker_body_bytes_max);
  if (!answer) {
    co_return answer.error();
  }
  if (answer->status != 200) {
    co_return refused(path, *answer);
  }
  Result<Value, JsonFailure> parsed = JsonFailure();
  if (answer->body.size() <= docker_inline_parse_bytes_max) {
    parsed = parse(answer->body);
  } else {
    auto work = [parse, body = std::move(answer->body)] { return parse(body); };
    try {
      parsed = co_await pool_.run(std::move(work));
    } catch (const PoolBusyError& busy) {
      co_return SourceProblem("overloaded", "GET " + path + " of " + url_ + ": " + busy.what());
    }
  }
  if (!parsed) {
    co_return malformed(path, parsed.error().message);
  }
  co_return std::move(*parsed);
}

asio::awaitable<Result<std::vector<DockerContainer>, SourceProblem>>
DockerConnection::containers() {
  // Podman's default leaves paused containers out, in both of its APIs.
  if (product_ == EngineProduct::podman) {
    co_return co_await ask(versioned("/containers/json?all=true&pod=true"),
                           &parse_podman_containers);
  }
  const bool is_podman = !versions_.value().podman.empty();
  co_return co_await ask(versioned(is_podman ? "/containers/json?all=true" : "/containers/json"),
                         &parse_docker_containers);
}

asio::awaitable<Result<SwarmTasks, SourceProblem>> DockerConnection::tasks() {
  co_return co_await ask(versioned("/tasks"), &parse_swarm_tasks);
}

asio::awaitable<Result<std::map<std::string, SwarmService>, SourceProblem>>
DockerConnection::services() {
  co_return co_await ask(versioned("/services"), &parse_swarm_services);
}

asio::awaitable<Result<std::map<std::string, SwarmNode>, SourceProblem>> DockerConnection::nodes() {
  co_return co_await ask(versioned("/nodes"), &parse_swarm_nodes);
}

/// Podman's list says of one container what it says of all, its pod's name included; its
/// inspection says less.
asio::awaitable<Result<std::optional<DockerContainer>, SourceProblem>>
DockerConnection::podman_container(std::string id) {
  const std::string filters = nlohmann::json{{"id", {id}}}.dump();
  auto found = co_await ask(
      versioned("/containers/json?all=true&pod=true&filters=" + percent_encode(filters)),
      &parse_podman_containers);
  if (!found) {
    co_return found.error();
  }
  for (DockerContainer& container : *found) {
    // The filter takes beginnings of IDs, too.
    if (container.id == id) {
      co_return std::optional<DockerContainer>(std::move(container));
    }
  }
  co_return std::optional<DockerContainer>();
}

asio::awaitable<Result<std::optional<DockerContainer>, SourceProblem>> DockerConnection::container(
    std::string id) {
  if (product_ == EngineProduct::podman) {
    co_return co_await podman_container(std::move(id));
  }
  const std::string path = versioned("/containers/" + percent_encode(id) + "/json");
  const auto answer = co_await get(path, docker_inspect_bytes_max);
  if (!answer) {
    co_return answer.error();
  }
  if (answer->status == 404) {
    co_return std::optional<DockerContainer>();
  }
  if (answer->status != 200) {
    co_return refused(path, *answer);
  }
  auto parsed = parse_docker_container(answer->body);
  if (!parsed) {
    co_return malformed(path, parsed.error().message);
  }
  co_return std::optional<DockerContainer>(std::move(*parsed));
}

asio::awaitable<Result<std::optional<DockerImage>, SourceProblem>> DockerConnection::image(
    std::string id) {
  const bool is_podman = product_ == EngineProduct::podman;
  const bool tells_manifests = !is_podman && versions_.value().docker >= docker_api_version_max;
  const std::string path = versioned("/images/" + percent_encode(id) +
                                     (tells_manifests ? "/json?manifests=true" : "/json"));
  const auto answer = co_await get(path, docker_inspect_bytes_max);
  if (!answer) {
    co_return answer.error();
  }
  if (answer->status == 404) {
    co_return std::optional<DockerImage>();
  }
  if (answer->status != 200) {
    co_return refused(path, *answer);
  }
  auto parsed = is_podman ? parse_podman_image(answer->body) : parse_docker_image(answer->body);
  if (!parsed) {
    co_return malformed(path, parsed.error().message);
  }
  co_return std::optional<DockerImage>(std::move(*parsed));
}

/// Podman's stream is Docker's, but of several values of a filter it takes the first only
/// (pkg/api/handlers/compat/events.go of 4.3).
std::string DockerConnection::events_path() const {
  const EngineVersions& versions = versions_.value();
  std::string filters = R"({"type":["container"],"event":["start","die","destroy"]})";
  if (product_ == EngineProduct::swarm) {
    filters = R"({"type":["service","node"]})";
  } else if (!versions.podman.empty()) {
    filters = R"({"type":["container"]})";
  }
  return "/v" + to_string(versions.docker) + "/events?filters=" + percent_encode(filters);
}

asio::awaitable<Result<std::unique_ptr<HttpStream>, SourceProblem>> DockerConnection::events(
    std::optional<std::int64_t> since_ns) {
  const std::string path = events_path();
  HttpRequest asked = request(since_ns ? path + "&since=" + docker_since(*since_ns) : path);
  asked.headers.emplace_back("Accept", "application/x-ndjson, application/json");
  on_request_();
  auto stream = co_await http_.open(std::move(asked));
  if (!stream) {
    forget_version();
    co_return SourceProblem(std::string(to_string(stream.error().reason)),
                            url_ + ": " + stream.error().message);
  }
  if ((*stream)->head().status != 200) {
    co_return refused(path, (*stream)->head());
  }
  co_return std::move(*stream);
}

}  // namespace scanclock
