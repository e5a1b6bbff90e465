#include "tests/support/blocking_http.hpp"

#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <array>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <set>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>

namespace scanclock {
namespace {

constexpr std::size_t head_bytes_max = std::size_t{256} << 10;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool send_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Buffered reading of one connection.
class Reader {
 public:
  explicit Reader(int descriptor) : descriptor_(descriptor) {}

  std::optional<std::string> through(std::string_view mark) {
    std::size_t found = 0;
    while ((found = buffer_.find(mark)) == std::string::npos) {
      if (buffer_.size() > head_bytes_max || !more()) {
        return std::nullopt;
      }
    }
    return take(found + mark.size());
  }
  std::optional<std::string> exactly(std::size_t size) {
    while (buffer_.size() < size) {
      if (!more()) {
        return std::nullopt;
      }
    }
    return take(size);
  }
  std::string rest() {
    while (more()) {
    }
    return take(buffer_.size());
  }

 private:
  bool more() {
    std::array<char, 65536> piece{};
    const ssize_t got = ::recv(descriptor_, piece.data(), piece.size(), 0);
    if (got <= 0) {
      return false;
    }
    buffer_.append(piece.data(), static_cast<std::size_t>(got));
    return true;
  }
  std::string take(std::size_t size) {
    std::string bytes = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return bytes;
  }

  int descriptor_;
  std::string buffer_;
};

std::vector<HttpHeader> parse_headers(std::string_view head) {
  std::vector<HttpHeader> headers;
  for (auto line = head.find("\r\n"); line != std::string_view::npos && line + 2 < head.size();) {
    const auto next = head.find("\r\n", line + 2);
    const std::string_view text = head.substr(line + 2, next - line - 2);
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
      const auto value = text.find_first_not_of(' ', colon + 1);
      headers.emplace_back(
          std::string(text.substr(0, colon)),
          value == std::string_view::npos ? std::string() : std::string(text.substr(value)));
    }
    line = next;
  }
  return headers;
}

std::optional<std::string> read_chunks(Reader& reader) {
  std::string body;
  while (true) {
    const auto line = reader.through("\r\n");
    if (!line) {
      return std::nullopt;
    }
    const std::size_t size = std::stoul(*line, nullptr, 16);
    const auto chunk = reader.exactly(size + 2);
    if (!chunk) {
      return std::nullopt;
    }
    if (size == 0) {
      return body;
    }
    body.append(*chunk, 0, size);
  }
}

std::optional<std::string> read_body(Reader& reader, const std::vector<HttpHeader>& headers,
                                     bool until_close) {
  const auto coding = find_header(headers, "Transfer-Encoding");
  if (coding && *coding == "chunked") {
    return read_chunks(reader);
  }
  if (const auto length = find_header(headers, "Content-Length")) {
    return reader.exactly(std::stoul(std::string(*length)));
  }
  return until_close ? reader.rest() : std::string();
}

std::string value_of(const std::vector<HttpHeader>& headers, std::string_view name) {
  return std::string(find_header(headers, name).value_or(""));
}

std::optional<ServedRequest> read_request(Reader& reader, int descriptor) {
  const auto head = reader.through("\r\n\r\n");
  if (!head) {
    return std::nullopt;
  }
  ServedRequest request;
  const auto first = head->find(' ');
  const auto second = head->find(' ', first + 1);
  request.method = head->substr(0, first);
  request.target = head->substr(first + 1, second - first - 1);
  request.headers = parse_headers(*head);
  if (request.header("Expect") == "100-continue") {
    send_all(descriptor, "HTTP/1.1 100 Continue\r\n\r\n");
  }
  auto body = read_body(reader, request.headers, false);
  if (!body) {
    return std::nullopt;
  }
  request.body = std::move(*body);
  return request;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { ::close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

void limit_time(int descriptor, Duration limit) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(limit).count();
  const timeval time{micros / 1000000, micros % 1000000};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

}  // namespace

std::string HttpAnswer::header(std::string_view name) const { return value_of(headers, name); }
std::string ServedRequest::header(std::string_view name) const { return value_of(headers, name); }

nlohmann::json HttpAnswer::json() const {
  try {
    return nlohmann::json::parse(body);
  } catch (const nlohmann::json::parse_error&) {
    throw std::runtime_error("status " + std::to_string(status) + ", not JSON: " + body);
  }
}

HttpAnswer http_call(const std::string& method, const std::string& url, const std::string& body,
                     const std::vector<HttpHeader>& headers, Duration limit) {
  constexpr std::string_view scheme = "http://";
  const auto slash = url.find('/', scheme.size());
  const std::string authority = url.substr(scheme.size(), slash - scheme.size());
  const int port = std::stoi(authority.substr(authority.rfind(':') + 1));
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  limit_time(socket.number(), limit);
  const sockaddr_in address = loopback(port);
  HttpAnswer answer;
  if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
      0) {
    return answer;
  }
  std::string request = method + " " + (slash == std::string::npos ? "/" : url.substr(slash)) +
                        " HTTP/1.1\r\nHost: " + authority +
                        "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
                        "\r\n";
  for (const HttpHeader& header : headers) {
    request += header.name + ": " + header.value + "\r\n";
  }
  // The answer may come before the whole body was taken, as 413 does.
  send_all(socket.number(), request + "\r\n" + body);
  Reader reader(socket.number());
  const auto head = reader.through("\r\n\r\n");
  if (!head || head->size() < 12) {
    return answer;
  }
  answer.headers = parse_headers(*head);
  const auto content =
      method == "HEAD" ? std::optional<std::string>("") : read_body(reader, answer.headers, true);
  if (content) {
    answer.status = std::stoi(head->substr(9, 3));
    answer.body = *content;
  }
  return answer;
}

HttpAnswer http_get(const std::string& url) { return http_call("GET", url); }

bool ServedConnection::write(std::string_view bytes) const { return send_all(descriptor_, bytes); }

void ServedConnection::answer(int status, const std::vector<HttpHeader>& headers,
                              const std::string& body) const {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Status\r\n";
  bool has_length = false;
  for (const HttpHeader& header : headers) {
    has_length = has_length || equal_without_case(header.name, "Content-Length");
    text += header.name + ": " + header.value + "\r\n";
  }
  if (!has_length) {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  write(text + "\r\n" + body);
}

void ServedConnection::reset() const {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void ServedConnection::wait_for_close() const {
  std::array<char, 4096> piece{};
  while (::recv(descriptor_, piece.data(), piece.size(), 0) > 0) {
  }
}

struct BlockingServer::State {
  std::mutex mutex;
  bool stopping = false;
  int listener = -1;
  std::set<int> connections;
  std::vector<std::thread> threads;

  /// Under the lock that stop() takes, so that no closed descriptor is shut down.
  void finish(int descriptor) {
    const std::lock_guard lock(mutex);
    connections.erase(descriptor);
    ::close(descriptor);
  }
};

BlockingServer::BlockingServer(Handler handler) : handler_(std::move(handler)) { start(); }

BlockingServer::~BlockingServer() { stop(); }

void BlockingServer::start() {
  auto state = std::make_shared<State>();
  state->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(state->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = loopback(port_);
  socklen_t length = sizeof address;
  if (::bind(state->listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::listen(state->listener, 128) != 0) {
    ::close(state->listener);
    throw std::runtime_error("cannot listen on 127.0.0.1:" + std::to_string(port_));
  }
  ::getsockname(state->listener, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  const auto serve = [state, this](int descriptor) {
    Reader reader(descriptor);
    const ServedConnection connection(descriptor);
    while (const auto request = read_request(reader, descriptor)) {
      if (!handler_(connection, *request)) {
        break;
      }
    }
    state->finish(descriptor);
  };
  state->threads.emplace_back([state, serve] {
    while (true) {
      const int descriptor = ::accept4(state->listener, nullptr, nullptr, SOCK_CLOEXEC);
      const std::lock_guard lock(state->mutex);
      if (descriptor < 0 || state->stopping) {
        if (descriptor >= 0) {
          ::close(descriptor);
        }
        return;
      }
      const int yes_again = 1;
      ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes_again, sizeof yes_again);
      state->connections.insert(descriptor);
      state->threads.emplace_back(serve, descriptor);
    }
  });
  state_ = std::move(state);
}

void BlockingServer::stop() {
  if (!state_) {
    return;
  }
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    ::shutdown(state_->listener, SHUT_RDWR);
    for (const int descriptor : state_->connections) {
      ::shutdown(descriptor, SHUT_RDWR);
    }
    threads.swap(state_->threads);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  ::close(state_->listener);
  state_.reset();
}

}  // namespace scanclock
