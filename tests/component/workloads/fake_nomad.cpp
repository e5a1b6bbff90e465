#include "tests/component/workloads/fake_nomad.hpp"

#include "core/net/url.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <exception>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;
using Tcp = asio::ip::tcp;

constexpr auto as_outcome = asio::as_tuple(asio::use_awaitable);

void report_nomad_failure(std::string_view name, std::exception_ptr failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& cause) {
    ADD_FAILURE() << name << ": " << cause.what();
  }
}

std::string nomad_chunk(std::string_view bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

std::string header_of(const std::string& head, const std::string& name) {
  const auto at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) {
    return {};
  }
  const auto start = at + name.size() + 4;
  return head.substr(start, head.find("\r\n", start) - start);
}

std::string job_key(const FakeAllocation& allocation) {
  return allocation.namespace_name + "/" + allocation.job_id + "/" +
         std::to_string(allocation.job_version);
}

/// What a list, an allocation and an event have in common.
json allocation_json(const std::string& id, const FakeAllocation& allocation,
                     const std::string& node_name) {
  json states = nullptr;
  for (const auto& [name, task] : allocation.tasks) {
    states[name] = {{"State", task.state},
                    {"Failed", false},
                    {"Restarts", task.restarts},
                    {"StartedAt", task.started_at.empty() ? json() : json(task.started_at)},
                    {"FinishedAt", nullptr},
                    {"Events", json::array()}};
  }
  return json{{"ID", id},
              {"Namespace", allocation.namespace_name},
              {"NodeID", allocation.node_id},
              {"NodeName", node_name},
              {"JobID", allocation.job_id},
              {"TaskGroup", allocation.group},
              {"DesiredStatus", allocation.desired_status},
              {"ClientStatus", allocation.client_status},
              {"TaskStates", states},
              {"CreateIndex", 5},
              {"ModifyIndex", allocation.modify_index}};
}

}  // namespace

struct FakeNomad::State {
  explicit State(asio::io_context& io)
      : acceptor(io, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        tasks(std::make_unique<TaskGroup>(io.get_executor(), &report_nomad_failure)) {}

  Tcp::acceptor acceptor;
  std::map<std::size_t, Tcp::socket> sockets;
  /// Connection → chunked.
  std::map<std::size_t, bool> streams;
  std::size_t next_connection = 0;
  std::vector<std::string> targets;
  std::vector<std::string> tokens;
  std::unique_ptr<TaskGroup> tasks;
};

FakeNomad::FakeNomad(asio::io_context& io) : io_(io), state_(std::make_unique<State>(io)) {
  state_->tasks->spawn("fake nomad", accept());
}

FakeNomad::~FakeNomad() {
  state_->acceptor.close();
  for (auto& [number, socket] : state_->sockets) {
    socket.close();
  }
  run(io_, state_->tasks->stop());
}

std::string FakeNomad::url() const {
  return "http://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
}

asio::awaitable<void> FakeNomad::accept() {
  while (true) {
    Tcp::socket socket(io_);
    const auto [error] = co_await state_->acceptor.async_accept(socket, as_outcome);
    if (error) {
      co_return;
    }
    const std::size_t number = state_->next_connection++;
    state_->sockets.emplace(number, std::move(socket));
    state_->tasks->spawn("fake nomad connection", serve(number));
  }
}

asio::awaitable<void> FakeNomad::serve(std::size_t connection) {
  Tcp::socket& socket = state_->sockets.at(connection);
  std::string buffer;
  while (true) {
    auto dynamic = asio::dynamic_buffer(buffer);
    const auto [error, size] =
        co_await asio::async_read_until(socket, dynamic, "\r\n\r\n", as_outcome);
    if (error) {
      break;
    }
    const std::string head = buffer.substr(0, size);
    buffer.erase(0, size);
    const auto start = head.find(' ') + 1;
    const std::string target = head.substr(start, head.find(' ', start) - start);
    const std::string sent_token = header_of(head, "X-Nomad-Token");
    state_->targets.push_back(target);
    state_->tokens.push_back(sent_token);
    if (!stalled_.empty() && target.rfind(stalled_, 0) == 0) {
      char ignored = 0;
      co_await socket.async_read_some(asio::buffer(&ignored, 1), as_outcome);
      break;
    }
    const Answer answer = answer_to(target, sent_token);
    if (target.rfind("/v1/event/stream", 0) == 0 && answer.status == 200) {
      co_await stream(connection);
      break;
    }
    std::size_t sent = answer.body.size();
    for (const auto& [prefix, bytes] : cuts_) {
      sent = target.rfind(prefix, 0) == 0 ? std::min(sent, bytes) : sent;
    }
    const std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) +
                              " Said\r\nContent-Type: application/json\r\nContent-Length: " +
                              std::to_string(answer.body.size()) + "\r\n" + answer.headers +
                              "\r\n" + answer.body.substr(0, sent);
    const auto [write_error, written] =
        co_await asio::async_write(socket, asio::buffer(bytes), as_outcome);
    if (write_error || sent < answer.body.size()) {
      break;
    }
  }
  state_->streams.erase(connection);
  state_->sockets.erase(connection);
}

asio::awaitable<void> FakeNomad::stream(std::size_t connection) {
  Tcp::socket& socket = state_->sockets.at(connection);
  const bool chunked = !close_delimited;
  std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  head += chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Connection: close\r\n\r\n";
  // Nomad greets with a heartbeat.
  head += chunked ? nomad_chunk("{}\n") : "{}\n";
  co_await asio::async_write(socket, asio::buffer(head), as_outcome);
  state_->streams.emplace(connection, chunked);
  char ignored = 0;
  co_await socket.async_read_some(asio::buffer(&ignored, 1), as_outcome);
}

FakeNomad::Answer FakeNomad::answer_to(const std::string& target,
                                       const std::string& sent_token) const {
  const auto mark = target.find('?');
  const std::string path = target.substr(0, mark);
  const auto query = parse_query(
      mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1));
  for (const auto& [prefix, answer] : overrides_) {
    if (path.rfind(prefix, 0) == 0) {
      return answer;
    }
  }
  if (!token.empty() && sent_token != token) {
    return Answer{403, "Permission denied", {}};
  }
  if (path == "/v1/event/stream") {
    return Answer();
  }
  if (path == "/v1/allocations") {
    return list_answer(query);
  }
  if (path.rfind("/v1/allocation/", 0) == 0) {
    return allocation_answer(path.substr(15));
  }
  if (path.rfind("/v1/node/", 0) == 0) {
    if (nodes_are_forbidden) {
      return Answer{403, "Permission denied", {}};
    }
    const auto node = nodes.find(path.substr(9));
    return node == nodes.end()
               ? Answer{404, "node not found", {}}
               : Answer{200,
                        R"({"ID":")" + node->first + R"(","Name":")" + node->second +
                            R"(","Attributes":{"kernel.name":"linux","cpu.arch":"arm64"}})",
                        {}};
  }
  return Answer{404, "Invalid path", {}};
}

FakeNomad::Answer FakeNomad::list_answer(const std::map<std::string, std::string>& query) const {
  const std::string asked = query.contains("namespace") ? query.at("namespace") : "default";
  if (forbidden_namespaces.contains(asked)) {
    return Answer{403, "Permission denied", {}};
  }
  std::size_t limit = page_size;
  if (query.contains("per_page")) {
    limit = std::min<std::size_t>(limit, std::stoul(query.at("per_page")));
  }
  const std::string from = query.contains("next_token") ? query.at("next_token") : "";
  json page = json::array();
  std::string next;
  for (const auto& [id, allocation] : allocations) {
    const bool is_visible = asked == "*" ? !forbidden_namespaces.contains(allocation.namespace_name)
                                         : allocation.namespace_name == asked;
    if (!is_visible || id < from) {
      continue;
    }
    if (page.size() == limit) {
      next = id;
      break;
    }
    const auto node = nodes.find(allocation.node_id);
    json stub = allocation_json(id, allocation, node == nodes.end() ? "" : node->second);
    stub["JobVersion"] = allocation.job_version;
    page.push_back(std::move(stub));
  }
  std::string headers = sends_index ? "X-Nomad-Index: " + std::to_string(index) + "\r\n" : "";
  headers += next.empty() ? "" : "X-Nomad-NextToken: " + next + "\r\n";
  return Answer{200, page.dump(), headers};
}

std::string FakeNomad::list_body(const std::string& namespace_name) const {
  return list_answer({{"namespace", namespace_name}}).body;
}

FakeNomad::Answer FakeNomad::allocation_answer(const std::string& id) const {
  const auto found = allocations.find(id);
  if (found == allocations.end()) {
    return Answer{404, "alloc not found", {}};
  }
  const FakeAllocation& allocation = found->second;
  const auto node = nodes.find(allocation.node_id);
  json object = allocation_json(id, allocation, node == nodes.end() ? "" : node->second);
  const auto job = jobs.find(job_key(allocation));
  object["Job"] = {{"ID", allocation.job_id},
                   {"Version", allocation.job_version},
                   {"TaskGroups", job == jobs.end() ? json() : json::parse(job->second)}};
  return Answer{200, object.dump(), {}};
}

void FakeNomad::set_image(const std::string& image, std::uint64_t version,
                          const std::string& namespace_name, const std::string& job) {
  const json config{{"image", image}, {"ports", {"http"}}};
  const json task{{"Name", "app"}, {"Driver", "docker"}, {"Config", config}};
  const json group{{"Name", "front"}, {"Count", 1}, {"Tasks", json::array({task})}};
  jobs[namespace_name + "/" + job + "/" + std::to_string(version)] = json::array({group}).dump();
}

void FakeNomad::answer(const std::string& path_prefix, int status, std::string body,
                       std::string headers) {
  overrides_[path_prefix] = Answer{status, std::move(body), std::move(headers)};
}

void FakeNomad::cut(const std::string& path_prefix, std::size_t bytes) {
  cuts_[path_prefix] = bytes;
}

void FakeNomad::emit(std::string_view bytes) {
  for (const auto& [number, chunked] : state_->streams) {
    const std::string framed = chunked ? nomad_chunk(bytes) : std::string(bytes);
    asio::write(state_->sockets.at(number), asio::buffer(framed));
  }
}

void FakeNomad::emit_allocation(const std::string& id) {
  const FakeAllocation& allocation = allocations.at(id);
  const auto node = nodes.find(allocation.node_id);
  const json payload{
      {"Allocation", allocation_json(id, allocation, node == nodes.end() ? "" : node->second)}};
  const json event{{"Topic", "Allocation"},
                   {"Type", "AllocationUpdated"},
                   {"Key", id},
                   {"Namespace", allocation.namespace_name},
                   {"FilterKeys", {allocation.job_id}},
                   {"Index", allocation.modify_index},
                   {"Payload", payload}};
  const json batch{{"Index", allocation.modify_index}, {"Events", json::array({event})}};
  emit(batch.dump() + "\n");
}

std::size_t FakeNomad::open_streams() const { return state_->streams.size(); }

void FakeNomad::cut_streams(bool cleanly) {
  for (const auto& [number, chunked] : state_->streams) {
    Tcp::socket& socket = state_->sockets.at(number);
    if (cleanly && chunked) {
      asio::write(socket, asio::buffer(std::string("0\r\n\r\n")));
    }
    socket.close();
  }
}

const std::vector<std::string>& FakeNomad::targets() const { return state_->targets; }
const std::vector<std::string>& FakeNomad::tokens() const { return state_->tokens; }

std::size_t FakeNomad::count(std::string_view part) const {
  std::size_t found = 0;
  for (const std::string& target : state_->targets) {
    found += target.find(part) != std::string::npos ? 1 : 0;
  }
  return found;
}

}  // namespace scanclock
