#include "tests/component/workloads/fake_engine.hpp"

#include "core/net/url.hpp"
#include "core/runtime/task_group.hpp"
#include "core/workloads/docker_protocol.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

using Local = asio::local::stream_protocol;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

std::string make_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "fake-engine-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("no temporary folder " + pattern);
  }
  return pattern;
}

void report_failure(std::string_view name, std::exception_ptr failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& cause) {
    ADD_FAILURE() << name << ": " << cause.what();
  }
}

std::string chunk(std::string_view bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

/// `/containers/json` of `/v1.41/containers/json?all=1`, and the version before it. Podman's own
/// API has the same paths below `/libpod`.
std::pair<std::string, std::string> split_target(std::string target) {
  target = target.substr(0, target.find('?'));
  std::string version;
  if (target.rfind("/v", 0) == 0 && target.find('.') < target.find('/', 1)) {
    const auto end = target.find('/', 1);
    version = target.substr(2, end - 2);
    target = target.substr(end);
  }
  if (target.rfind("/libpod/", 0) == 0) {
    target = target.substr(7);
    version.clear();
  }
  return {percent_decode(target).value_or(target), version};
}

std::optional<std::string> between(const std::string& text, const std::string& prefix,
                                   const std::string& suffix) {
  if (text.size() <= prefix.size() + suffix.size() || text.rfind(prefix, 0) != 0 ||
      text.compare(text.size() - suffix.size(), suffix.size(), suffix) != 0) {
    return std::nullopt;
  }
  return text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
}

}  // namespace

struct FakeEngine::State {
  explicit State(asio::io_context& io)
      : folder(make_folder()),
        path(folder + "/docker.sock"),
        acceptor(io),
        list_gate(io, asio::steady_timer::time_point::max()),
        tasks(std::make_unique<TaskGroup>(io.get_executor(), &report_failure)) {}

  std::string folder;
  std::string path;
  Local::acceptor acceptor;
  std::map<std::size_t, Local::socket> sockets;
  std::set<std::size_t> streams;
  std::size_t next_connection = 0;
  std::vector<std::string> targets;
  bool hold_next_list = false;
  bool list_held = false;
  asio::steady_timer list_gate;
  std::unique_ptr<TaskGroup> tasks;
};

FakeEngine::FakeEngine(asio::io_context& io) : io_(io), state_(std::make_unique<State>(io)) {
  come_back();
}

FakeEngine::~FakeEngine() {
  go_away();
  run(io_, state_->tasks->stop());
  std::filesystem::remove_all(state_->folder);
}

std::string FakeEngine::url() const { return "unix://" + state_->path; }

void FakeEngine::come_back() {
  ::unlink(state_->path.c_str());
  state_->acceptor = Local::acceptor(io_, Local::endpoint(state_->path));
  state_->tasks->spawn("fake engine", accept());
}

void FakeEngine::go_away() {
  state_->acceptor.close();
  ::unlink(state_->path.c_str());
  for (auto& [number, socket] : state_->sockets) {
    socket.close();
  }
  state_->streams.clear();
}

asio::awaitable<void> FakeEngine::accept() {
  while (true) {
    Local::socket socket(io_);
    const auto [error] = co_await state_->acceptor.async_accept(socket, no_throw);
    if (error) {
      co_return;
    }
    const std::size_t number = state_->next_connection++;
    state_->sockets.emplace(number, std::move(socket));
    state_->tasks->spawn("fake engine connection", serve(number));
  }
}

asio::awaitable<void> FakeEngine::serve(std::size_t connection) {
  Local::socket& socket = state_->sockets.at(connection);
  std::string buffer;
  while (true) {
    auto dynamic = asio::dynamic_buffer(buffer);
    const auto [error, size] =
        co_await asio::async_read_until(socket, dynamic, "\r\n\r\n", no_throw);
    if (error) {
      break;
    }
    const auto start = buffer.find(' ') + 1;
    const std::string target = buffer.substr(start, buffer.find(' ', start) - start);
    buffer.erase(0, size);
    state_->targets.push_back(target);
    const Answer answer = answer_to(target);
    const std::string path = split_target(target).first;
    if (path == "/events" && answer.status == 200) {
      co_await stream(connection);
      break;
    }
    if (path == "/containers/json" && std::exchange(state_->hold_next_list, false)) {
      state_->list_held = true;
      co_await state_->list_gate.async_wait(no_throw);
      state_->list_held = false;
    }
    std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) +
                        " Said\r\nContent-Type: application/json\r\nContent-Length: " +
                        std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
    const auto [write_error, written] =
        co_await asio::async_write(socket, asio::buffer(bytes), no_throw);
    if (write_error) {
      break;
    }
  }
  state_->streams.erase(connection);
  state_->sockets.erase(connection);
}

asio::awaitable<void> FakeEngine::stream(std::size_t connection) {
  Local::socket& socket = state_->sockets.at(connection);
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  co_await asio::async_write(socket, asio::buffer(head), no_throw);
  state_->streams.insert(connection);
  char ignored = 0;
  co_await socket.async_read_some(asio::buffer(&ignored, 1), no_throw);
}

FakeEngine::Answer FakeEngine::object_or_404(const std::map<std::string, std::string>& objects,
                                             const std::string& id) const {
  const auto found = objects.find(id);
  if (found == objects.end()) {
    return Answer{404, R"({"message":"No such object: )" + id + "\"}"};
  }
  return Answer{200, found->second};
}

/// The whole list, or with `filters={"id":[…]}` that container alone.
FakeEngine::Answer FakeEngine::container_list(const std::string& target) const {
  const std::string query = percent_decode(target).value_or(target);
  const bool filtered = query.find("filters=") != std::string::npos;
  std::string body;
  for (const auto& [id, object] : listed) {
    if (!filtered || query.find("[\"" + id + "\"]") != std::string::npos) {
      body += (body.empty() ? "" : ",") + object;
    }
  }
  return Answer{200, "[" + body + "]"};
}

FakeEngine::Answer FakeEngine::swarm_answer(const std::string& path) const {
  if (tasks.empty()) {
    return Answer{503,
                  R"({"message":"This node is not a swarm manager. Worker nodes can't be used to )"
                  R"(view or modify cluster state."})"};
  }
  return Answer{200, path == "/tasks" ? tasks : path == "/services" ? services : nodes};
}

FakeEngine::Answer FakeEngine::answer_to(const std::string& target) const {
  const auto [path, version] = split_target(target);
  for (const auto& [prefix, answer] : overrides_) {
    if (path.rfind(prefix, 0) == 0) {
      return answer;
    }
  }
  if (path == "/version") {
    std::string components = "[]";
    if (!podman_version.empty()) {
      components = R"([{"Name":"Podman Engine","Version":")" + podman_version +
                   R"(","Details":{"APIVersion":")" + podman_version +
                   R"(","MinAPIVersion":"4.0.0"}}])";
    }
    return Answer{200, R"({"ApiVersion":")" + api_version + R"(","MinAPIVersion":")" +
                           min_api_version + R"(","Components":)" + components + "}"};
  }
  if (parse_docker_api_version(version) > parse_docker_api_version(api_version)) {
    return Answer{400, R"({"message":"client version )" + version +
                           " is too new. Maximum supported API version is " + api_version + "\"}"};
  }
  if (path == "/info") {
    return Answer{200, R"({"Name":"host-a"})"};
  }
  if (path == "/events") {
    return Answer{200, {}};
  }
  if (path == "/containers/json") {
    return container_list(target);
  }
  if (path == "/tasks" || path == "/services" || path == "/nodes") {
    return swarm_answer(path);
  }
  if (const auto id = between(path, "/containers/", "/json")) {
    return object_or_404(inspected, *id);
  }
  if (const auto id = between(path, "/images/", "/json")) {
    return object_or_404(images, *id);
  }
  return Answer{404, R"({"message":"page not found"})"};
}

void FakeEngine::add(const std::string& id, const std::string& image, const std::string& image_id) {
  using nlohmann::json;
  const json labels{{"team", "pay"}};
  const std::string name = "/name-" + id;
  listed[id] =
      json{{"Id", id},         {"Names", {name}},   {"Image", image}, {"ImageID", image_id},
           {"Labels", labels}, {"State", "running"}}
          .dump();
  const json state{{"Running", true}, {"StartedAt", "2026-11-01T11:00:00Z"}};
  const json config{{"Image", image}, {"Labels", labels}};
  inspected[id] =
      json{{"Id", id}, {"Name", name}, {"Image", image_id}, {"Config", config}, {"State", state}}
          .dump();
}

void FakeEngine::add_to_podman(const std::string& id, const std::string& image,
                               const std::string& image_id, const std::string& pod) {
  using nlohmann::json;
  const bool is_infra = image.find("podman-pause") != std::string::npos;
  const json names = json::array({"name-" + id});
  listed[id] = json{
      {"Id", id},
      {"Names", names},
      {"Image", image},
      {"ImageID", image_id},
      {"IsInfra", is_infra},
      {"Labels", nullptr},
      {"PodName", pod},
      {"StartedAt", 1793530800},
      {"State",
       "running"}}.dump();
}

void FakeEngine::remove(const std::string& id) {
  listed.erase(id);
  inspected.erase(id);
}

void FakeEngine::set_image(const std::string& image_id,
                           const std::vector<std::string>& repo_digests) {
  images[image_id] = nlohmann::json{
      {"Id", image_id},
      {"RepoDigests", repo_digests},
      {"Os", "linux"},
      {"Architecture",
       "amd64"}}.dump();
}

void FakeEngine::answer(const std::string& path_prefix, int status, std::string body) {
  overrides_[path_prefix] = Answer{status, std::move(body)};
}

void FakeEngine::hold_list() { state_->hold_next_list = true; }
bool FakeEngine::list_is_held() const { return state_->list_held; }
void FakeEngine::release_list() { state_->list_gate.cancel(); }

void FakeEngine::emit(std::string_view bytes) {
  const std::string framed = chunk(bytes);
  for (const std::size_t number : state_->streams) {
    asio::write(state_->sockets.at(number), asio::buffer(framed));
  }
}

void FakeEngine::emit_event(std::string_view action, std::string_view container_id,
                            std::int64_t time_ns) {
  nlohmann::json event{{"status", action},   {"id", container_id}, {"Type", "container"},
                       {"Action", action},   {"scope", "local"},   {"time", time_ns / 1000000000},
                       {"timeNano", time_ns}};
  event["Actor"]["ID"] = container_id;
  emit(event.dump() + "\n");
}

std::size_t FakeEngine::open_streams() const { return state_->streams.size(); }

void FakeEngine::cut_streams(bool cleanly) {
  if (cleanly) {
    for (const std::size_t number : state_->streams) {
      asio::write(state_->sockets.at(number), asio::buffer("0\r\n\r\n", 5));
    }
  }
  for (const std::size_t number : state_->streams) {
    state_->sockets.at(number).close();
  }
  state_->streams.clear();
}

const std::vector<std::string>& FakeEngine::targets() const { return state_->targets; }

std::size_t FakeEngine::count(std::string_view part) const {
  std::size_t found = 0;
  for (const std::string& target : state_->targets) {
    found += target.find(part) != std::string::npos ? 1 : 0;
  }
  return found;
}

}  // namespace scanclock
