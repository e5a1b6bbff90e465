// A registry that answers every manifest as fast as one core can: it reads no more of a request
// than where it ends and what it asks for. For measuring clients, which must not wait for it.

#include <unistd.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unordered_map>

namespace {

constexpr std::size_t request_bytes_max = std::size_t{16} << 10;
constexpr int events_max = 256;
constexpr std::string_view fixed_digest =
    "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

int checked(int result, const char* what) {
  if (result < 0) {
    throw std::system_error(errno, std::generic_category(), what);
  }
  return result;
}

/// One client. Requests may arrive in pieces and several at once.
class Connection {
 public:
  explicit Connection(int descriptor) : descriptor_(descriptor) {}
  ~Connection() { ::close(descriptor_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// False when the connection is at its end.
  bool serve() {
    const auto got = ::recv(descriptor_, input_.data() + filled_, input_.size() - filled_, 0);
    if (got <= 0) {
      return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    filled_ += static_cast<std::size_t>(got);
    std::string_view rest(input_.data(), filled_);
    output_.clear();
    for (std::size_t end = rest.find("\r\n\r\n"); end != std::string_view::npos;
         end = rest.find("\r\n\r\n")) {
      answer(rest.substr(0, end));
      rest.remove_prefix(end + 4);
    }
    std::memmove(input_.data(), rest.data(), rest.size());
    filled_ = rest.size();
    return filled_ < input_.size() && send_output();
  }

 private:
  void answer(std::string_view request) {
    const std::string_view line = request.substr(0, request.find("\r\n"));
    const std::string_view target = line.substr(0, line.rfind(' '));
    const std::string_view reference = target.substr(target.rfind('/') + 1);
    if (!line.starts_with("HEAD /v2/") || target.find("/manifests/") == std::string_view::npos) {
      output_ += "HTTP/1.1 404 Not Found\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n";
      return;
    }
    // The header that docker-registry 2.8 sends. A client of HTTP/1.0 stays only when it is told.
    output_ +=
        "HTTP/1.1 200 OK\r\n"
        "Content-Length: 1018\r\n"
        "Content-Type: application/vnd.oci.image.index.v1+json\r\n"
        "Docker-Content-Digest: ";
    output_ += reference.starts_with("sha256:") ? reference : fixed_digest;
    output_ +=
        "\r\n"
        "Docker-Distribution-Api-Version: registry/2.0\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: keep-alive\r\n"
        "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n";
  }

  bool send_output() {
    std::string_view rest(output_);
    while (!rest.empty()) {
      const auto sent = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        // Answers are small and clients wait for them, so the socket's buffer is never full.
        return false;
      }
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  int descriptor_;
  std::array<char, request_bytes_max> input_;
  std::size_t filled_ = 0;
  std::string output_;
};

int listen_on_loopback() {
  const int listener =
      checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  checked(::bind(listener, generic, size), "bind");
  checked(::listen(listener, SOMAXCONN), "listen");
  checked(::getsockname(listener, generic, &size), "getsockname");
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

void watch(int poller, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  checked(::epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

[[noreturn]] void serve_forever() {
  const int listener = listen_on_loopback();
  const int poller = checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  watch(poller, listener);
  std::unordered_map<int, std::unique_ptr<Connection>> connections;
  std::array<epoll_event, events_max> events;
  for (;;) {
    const int ready = ::epoll_wait(poller, events.data(), events_max, -1);
    for (int index = 0; index < ready; ++index) {
      const int descriptor = events[static_cast<std::size_t>(index)].data.fd;
      if (descriptor != listener) {
        const auto found = connections.find(descriptor);
        if (!found->second->serve()) {
          connections.erase(found);
        }
        continue;
      }
      const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) {
        const int on = 1;
        ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        connections.emplace(accepted, std::make_unique<Connection>(accepted));
        watch(poller, accepted);
      }
    }
  }
}

}  // namespace

int main() {
  try {
    serve_forever();
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "stub_registry: %s\n", failure.what());
    return EXIT_FAILURE;
  }
}
