// Reads /metrics over so many connections at once, in one thread, and drops what it reads, so that
// the server's time is measured and not the reader's. Prints a line for each round: milliseconds
// from before the first connection to the last byte of the last answer, and the bytes of one body.

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <vector>

namespace {

constexpr std::size_t read_bytes = std::size_t{256} << 10;
constexpr int reads_a_turn = 4;
constexpr std::size_t head_bytes_max = std::size_t{16} << 10;
constexpr int wait_milliseconds_max = 60'000;
constexpr std::array<unsigned char, 2> gzip_magic{0x1F, 0x8B};

[[noreturn]] void throw_error(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// One connection with one request.
class Reader {
 public:
  Reader(const sockaddr_in& address, const std::string& request, bool is_gzip)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), is_gzip_(is_gzip) {
    if (socket_ < 0 ||
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      throw_error("cannot connect");
    }
    if (::send(socket_, request.data(), request.size(), 0) !=
        static_cast<ssize_t>(request.size())) {
      throw_error("cannot send the request");
    }
  }
  ~Reader() { ::close(socket_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  int socket() const { return socket_; }
  std::size_t body_bytes() const { return length_; }

  /// Takes some of what is there, so that others have their turn. True when the answer is complete.
  bool read(std::vector<char>& scratch) {
    for (int turn = 0; turn < reads_a_turn; ++turn) {
      const ssize_t got = ::recv(socket_, scratch.data(), scratch.size(), MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return false;
      }
      if (got < 0) {
        throw_error("cannot read");
      }
      if (got == 0) {
        throw std::runtime_error("the answer ended early");
      }
      take(std::string_view(scratch.data(), static_cast<std::size_t>(got)));
      if (has_head_ && received_ == length_) {
        check();
        return true;
      }
    }
    return false;
  }

 private:
  void take(std::string_view bytes) {
    if (!has_head_) {
      head_.append(bytes);
      const auto end = head_.find("\r\n\r\n");
      if (end == std::string::npos) {
        if (head_.size() > head_bytes_max) {
          throw std::runtime_error("the head of the answer does not end");
        }
        return;
      }
      has_head_ = true;
      const std::string begun = head_.substr(end + 4);
      head_.resize(end);
      read_length();
      take(begun);
      return;
    }
    for (const char byte : bytes.substr(0, gzip_magic.size())) {
      if (start_.size() < gzip_magic.size()) {
        start_ += byte;
      }
    }
    received_ += bytes.size();
    if (received_ > length_) {
      throw std::runtime_error("the answer is longer than it says");
    }
    last_ = bytes.empty() ? last_ : bytes.back();
  }

  void read_length() {
    if (head_.find(" 200 ") != head_.find(' ')) {
      throw std::runtime_error("not answered 200: " + head_.substr(0, head_.find('\r')));
    }
    constexpr std::string_view name = "\r\ncontent-length:";
    std::string lower = head_;
    for (char& character : lower) {
      character =
          character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
    }
    const auto at = lower.find(name);
    if (at == std::string::npos) {
      throw std::runtime_error("the answer does not say how long it is");
    }
    length_ = std::strtoull(head_.c_str() + at + name.size(), nullptr, 10);
  }

  /// A text ends with a whole line; what is compressed begins as gzip does.
  void check() const {
    const bool begins_as_gzip = start_.size() == gzip_magic.size() &&
                                static_cast<unsigned char>(start_[0]) == gzip_magic[0] &&
                                static_cast<unsigned char>(start_[1]) == gzip_magic[1];
    if (begins_as_gzip != is_gzip_) {
      throw std::runtime_error("the answer has another encoding than was asked for");
    }
    if (!is_gzip_ && last_ != '\n') {
      throw std::runtime_error("the last line of the answer is not whole");
    }
  }

  int socket_;
  bool is_gzip_;
  std::string head_;
  bool has_head_ = false;
  std::size_t length_ = 0;
  std::size_t received_ = 0;
  std::string start_;
  char last_ = '\0';
};

std::size_t read_all(const sockaddr_in& address, const std::string& request, bool is_gzip,
                     unsigned readers) {
  static std::vector<char> scratch(read_bytes);
  const int events = ::epoll_create1(EPOLL_CLOEXEC);
  if (events < 0) {
    throw_error("cannot wait for events");
  }
  std::vector<std::unique_ptr<Reader>> reading;
  for (unsigned number = 0; number < readers; ++number) {
    reading.push_back(std::make_unique<Reader>(address, request, is_gzip));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = reading.back().get();
    ::epoll_ctl(events, EPOLL_CTL_ADD, reading.back()->socket(), &event);
  }
  unsigned left = readers;
  while (left > 0) {
    std::array<epoll_event, 64> ready;
    const int count =
        ::epoll_wait(events, ready.data(), static_cast<int>(ready.size()), wait_milliseconds_max);
    if (count <= 0) {
      throw std::runtime_error("no answer");
    }
    for (int at = 0; at < count; ++at) {
      Reader* reader = static_cast<Reader*>(ready[static_cast<std::size_t>(at)].data.ptr);
      if (reader->read(scratch)) {
        ::epoll_ctl(events, EPOLL_CTL_DEL, reader->socket(), nullptr);
        --left;
      }
    }
  }
  ::close(events);
  return reading.front()->body_bytes();
}

}  // namespace

int main(int argc, char** argv) {
  std::string address_text;
  std::string encoding = "identity";
  unsigned readers = 1;
  unsigned rounds = 1;
  CLI::App app("Reads /metrics of a server, over so many connections at once.");
  app.add_option("--address", address_text, "IPv4 address and port")->required();
  app.add_option("--encoding", encoding, "gzip or identity");
  app.add_option("--readers", readers, "connections at once");
  app.add_option("--rounds", rounds, "how often");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto colon = address_text.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address_text.substr(colon + 1))));
    if (::inet_pton(AF_INET, address_text.substr(0, colon).c_str(), &address.sin_addr) != 1) {
      throw std::runtime_error("not an IPv4 address: " + address_text);
    }
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: " + address_text +
                                "\r\nAccept-Encoding: " + encoding +
                                "\r\nConnection: close\r\n\r\n";
    for (unsigned round = 0; round < rounds; ++round) {
      const auto begin = std::chrono::steady_clock::now();
      const std::size_t bytes = read_all(address, request, encoding == "gzip", readers);
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - begin;
      std::printf("%.3f %zu\n", took.count(), bytes);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "page_reader: %s: %s\n", address_text.c_str(), error.what());
    return 1;
  }
  return 0;
}
