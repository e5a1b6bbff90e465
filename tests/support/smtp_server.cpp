#include "tests/support/smtp_server.hpp"

#include "core/runtime/hashing.hpp"

#include <openssl/ssl.h>
#include <poll.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <atomic>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace scanclock {
namespace {

constexpr int look_for_the_end_ms = 50;

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

int listen_on_loopback(int& port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (descriptor < 0 || bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(descriptor, 16) != 0 ||
      getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot listen for mail");
  }
  port = ntohs(address.sin_port);
  return descriptor;
}

}  // namespace

struct SmtpServer::State {
  Options options;
  int listener = -1;
  int port = 0;
  std::unique_ptr<SSL_CTX, FreeContext> tls;
  std::atomic<bool> ending = false;
  mutable std::mutex mutex;
  std::map<std::string, std::string> answers;
  std::vector<Mail> mails;
  std::vector<std::string> commands;
  std::thread acceptor;
  std::vector<std::thread> sessions;

  std::optional<std::string> answer_to(const std::string& line) const {
    const std::lock_guard lock(mutex);
    for (const auto& [prefix, reply] : answers) {
      if (line.starts_with(prefix)) {
        return reply;
      }
    }
    return std::nullopt;
  }
};

/// One connection, on its own thread.
class SmtpServer::Session {
 public:
  Session(State& state, int descriptor) : state_(state), descriptor_(descriptor) {}
  ~Session() { close(descriptor_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void run() {
    if (state_.options.implicit_tls && !start_tls()) {
      return;
    }
    say("greeting", "220 mail.test ESMTP");
    for (std::string line = read_line(); !over_; line = read_line()) {
      {
        const std::lock_guard lock(state_.mutex);
        state_.commands.push_back(line);
      }
      handle(line);
    }
  }

 private:
  void handle(const std::string& line) {
    if (line.starts_with("EHLO")) {
      say(line, greeting_lines());
    } else if (line == "STARTTLS" && !ssl_ && state_.tls) {
      say(line, "220 go ahead");
      over_ = over_ || !start_tls();
    } else if (line.starts_with("AUTH")) {
      authenticate(line);
    } else if (line.starts_with("MAIL FROM:")) {
      mail_ = Mail();
      mail_.from = between_brackets(line);
      say(line, "250 ok");
    } else if (line.starts_with("RCPT TO:")) {
      if (say(line, "250 ok")) {
        mail_.to.push_back(between_brackets(line));
      }
    } else if (line == "DATA") {
      if (say(line, "354 go on")) {
        take_mail();
      }
    } else if (line == "QUIT") {
      say(line, "221 bye");
      over_ = true;
    } else {
      say(line, "500 what?");
    }
  }

  std::string greeting_lines() const {
    std::string lines = "250-mail.test\r\n250-SIZE 10000000\r\n";
    if (state_.tls && !ssl_) {
      lines += "250-STARTTLS\r\n";
    }
    if (!state_.options.username.empty()) {
      lines += "250-AUTH PLAIN LOGIN\r\n";
    }
    return lines + "250 8BITMIME";
  }

  void authenticate(const std::string& line) {
    if (const auto answer = state_.answer_to("AUTH")) {
      say("AUTH", *answer);
      return;
    }
    std::string initial = line.size() > 11 ? line.substr(11) : std::string();
    if (line.starts_with("AUTH PLAIN") && initial.empty()) {
      write("334 \r\n");
      initial = read_line();
    }
    std::string expected = '\0' + state_.options.username + '\0' + state_.options.password;
    std::string given;
    if (line.starts_with("AUTH PLAIN")) {
      given = base64_decode(initial);
    } else {
      if (initial.empty()) {
        write("334 VXNlcm5hbWU6\r\n");
        initial = read_line();
      }
      write("334 UGFzc3dvcmQ6\r\n");
      given = '\0' + base64_decode(initial) + '\0' + base64_decode(read_line());
    }
    authenticated_ = given == expected;
    write(authenticated_ ? "235 welcome\r\n" : "535 5.7.8 authentication failed\r\n");
  }

  void take_mail() {
    for (std::string line = read_line(); !over_ && line != "."; line = read_line()) {
      mail_.data += (line.starts_with(".") ? line.substr(1) : line) + "\r\n";
    }
    if (over_ || !say("data", "250 queued")) {
      return;
    }
    mail_.over_tls = ssl_ != nullptr;
    mail_.authenticated = authenticated_;
    const std::lock_guard lock(state_.mutex);
    state_.mails.push_back(std::move(mail_));
  }

  /// Answers as the test wants it, else with `usual`; true when that was no refusal.
  bool say(const std::string& line, const std::string& usual) {
    const std::string reply = state_.answer_to(line).value_or(usual);
    if (reply.empty()) {
      while (!over_) {
        read_line();
      }
      return false;
    }
    write(reply + "\r\n");
    return reply[0] == '2' || reply[0] == '3';
  }

  static std::string between_brackets(const std::string& line) {
    const std::size_t begin = line.find('<');
    return line.substr(begin + 1, line.find('>') - begin - 1);
  }

  bool start_tls() {
    ssl_.reset(SSL_new(state_.tls.get()));
    buffer_.clear();
    return SSL_set_fd(ssl_.get(), descriptor_) == 1 && SSL_accept(ssl_.get()) == 1;
  }

  void write(const std::string& text) {
    const auto size = static_cast<int>(text.size());
    const auto written = ssl_ ? SSL_write(ssl_.get(), text.data(), size)
                              : send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
    over_ = over_ || written != size;
  }

  bool wait_for_bytes() {
    while (!state_.ending) {
      if (ssl_ && SSL_pending(ssl_.get()) > 0) {
        return true;
      }
      pollfd wanted{descriptor_, POLLIN, 0};
      if (poll(&wanted, 1, look_for_the_end_ms) > 0) {
        return true;
      }
    }
    return false;
  }

  /// Without its end; `over_` is set at the end of the stream.
  std::string read_line() {
    for (;;) {
      const std::size_t end = buffer_.find("\r\n");
      if (end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 2);
        return line;
      }
      char bytes[4096];
      const auto size = !wait_for_bytes() ? 0
                        : ssl_            ? SSL_read(ssl_.get(), bytes, sizeof bytes)
                                          : recv(descriptor_, bytes, sizeof bytes, 0);
      if (size <= 0) {
        over_ = true;
        return {};
      }
      buffer_.append(bytes, static_cast<std::size_t>(size));
    }
  }

  State& state_;
  int descriptor_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::string buffer_;
  Mail mail_;
  bool authenticated_ = false;
  bool over_ = false;
};

SmtpServer::SmtpServer(Options options) : state_(std::make_shared<State>()) {
  // OpenSSL writes without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  state_->options = std::move(options);
  if (!state_->options.cert_file.empty()) {
    state_->tls.reset(SSL_CTX_new(TLS_server_method()));
    if (SSL_CTX_use_certificate_chain_file(state_->tls.get(), state_->options.cert_file.c_str()) !=
            1 ||
        SSL_CTX_use_PrivateKey_file(state_->tls.get(), state_->options.key_file.c_str(),
                                    SSL_FILETYPE_PEM) != 1) {
      throw std::runtime_error("cannot use the mail server's certificate");
    }
  }
  state_->listener = listen_on_loopback(state_->port);
  state_->acceptor = std::thread([state = state_.get()] {
    while (!state->ending) {
      pollfd wanted{state->listener, POLLIN, 0};
      if (poll(&wanted, 1, look_for_the_end_ms) <= 0) {
        continue;
      }
      const int descriptor = accept4(state->listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor >= 0) {
        state->sessions.emplace_back([state, descriptor] { Session(*state, descriptor).run(); });
      }
    }
  });
}

SmtpServer::~SmtpServer() {
  state_->ending = true;
  state_->acceptor.join();
  for (std::thread& session : state_->sessions) {
    session.join();
  }
  close(state_->listener);
}

std::string SmtpServer::address() const { return "127.0.0.1:" + std::to_string(state_->port); }

void SmtpServer::answer(const std::string& prefix, const std::string& reply) {
  const std::lock_guard lock(state_->mutex);
  state_->answers[prefix] = reply;
}

void SmtpServer::forget_answers() {
  const std::lock_guard lock(state_->mutex);
  state_->answers.clear();
}

std::vector<SmtpServer::Mail> SmtpServer::mails() const {
  const std::lock_guard lock(state_->mutex);
  return state_->mails;
}

std::vector<std::string> SmtpServer::commands() const {
  const std::lock_guard lock(state_->mutex);
  return state_->commands;
}

}  // namespace scanclock
