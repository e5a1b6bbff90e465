#include "bench/hook_receiver.hpp"

#include <unistd.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t request_bytes_max = std::size_t{64} << 10;
constexpr int events_max = 64;
constexpr int look_every_milliseconds = 100;
constexpr std::string_view answer = "HTTP/1.1 204 No Content\r\n\r\n";

int checked(int result, const char* what) {
  if (result < 0) {
    throw std::system_error(errno, std::generic_category(), what);
  }
  return result;
}

/// One client, which sends a request only when the last one was answered.
class HookConnection {
 public:
  explicit HookConnection(int descriptor) : descriptor_(descriptor) {}
  ~HookConnection() { ::close(descriptor_); }
  HookConnection(const HookConnection&) = delete;
  HookConnection& operator=(const HookConnection&) = delete;

  /// False when the connection is at its end.
  bool serve(const HookReceiver::OnArrival& on_arrival) {
    const auto got = ::recv(descriptor_, input_.data() + filled_, input_.size() - filled_, 0);
    if (got <= 0) {
      return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    filled_ += static_cast<std::size_t>(got);
    const std::string_view text(input_.data(), filled_);
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      return filled_ < input_.size();
    }
    const std::string_view head = text.substr(0, end);
    const auto length = header_value(head, "\r\nContent-Length: ");
    const std::size_t whole =
        end + 4 + static_cast<std::size_t>(std::atoll(std::string(length).c_str()));
    if (filled_ < whole) {
      return whole < input_.size();
    }
    on_arrival(head, text.substr(end + 4, whole - end - 4));
    filled_ = 0;
    return ::send(descriptor_, answer.data(), answer.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(answer.size());
  }

 private:
  int descriptor_;
  std::array<char, request_bytes_max> input_;
  std::size_t filled_ = 0;
};

void watch(int poller, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  checked(::epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

}  // namespace

HookReceiver::HookReceiver(OnArrival on_arrival) : on_arrival_(std::move(on_arrival)) {
  listener_ = checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  checked(::bind(listener_, generic, size), "bind");
  checked(::listen(listener_, SOMAXCONN), "listen");
  checked(::getsockname(listener_, generic, &size), "getsockname");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

HookReceiver::~HookReceiver() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

std::string HookReceiver::url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

void HookReceiver::serve() {
  const int poller = checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  watch(poller, listener_);
  std::unordered_map<int, std::unique_ptr<HookConnection>> connections;
  std::array<epoll_event, events_max> events;
  while (!stopping_) {
    const int ready = ::epoll_wait(poller, events.data(), events_max, look_every_milliseconds);
    for (int index = 0; index < ready; ++index) {
      const int descriptor = events[static_cast<std::size_t>(index)].data.fd;
      if (descriptor != listener_) {
        const auto found = connections.find(descriptor);
        if (!found->second->serve(on_arrival_)) {
          connections.erase(found);
        }
        continue;
      }
      const int accepted = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) {
        const int on = 1;
        ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        connections.emplace(accepted, std::make_unique<HookConnection>(accepted));
        watch(poller, accepted);
      }
    }
  }
  ::close(poller);
}

std::string_view header_value(std::string_view head, std::string_view beginning) {
  const std::size_t at = head.find(beginning);
  if (at == std::string_view::npos) {
    return {};
  }
  head.remove_prefix(at + beginning.size());
  return head.substr(0, head.find('\r'));
}

}  // namespace scanclock
