#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace scanclock {

/// An SMTP server (RFC 5321) on threads of its own that takes mails, with STARTTLS and AUTH PLAIN
/// and LOGIN, or refuses them as a test says. Every call may come from the test's thread.
class SmtpServer {
 public:
  struct Options {
    /// Both empty: no TLS is offered.
    std::string cert_file;
    std::string key_file;
    bool implicit_tls = false;
    /// Empty: AUTH is not offered.
    std::string username;
    std::string password;
  };

  struct Mail {
    std::string from;
    std::vector<std::string> to;
    /// Without the dots that SMTP adds.
    std::string data;
    bool over_tls = false;
    bool authenticated = false;
  };

  /// Listens at once on a free port of 127.0.0.1.
  explicit SmtpServer(Options options);
  ~SmtpServer();
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  /// `127.0.0.1:41233`
  std::string address() const;

  /// A line that begins with `prefix` is answered with `reply` from now on; `greeting` and `data`
  /// stand for the start of a session and the end of a mail. An empty reply: silence until the
  /// peer goes or the server ends.
  void answer(const std::string& prefix, const std::string& reply);
  void forget_answers();

  std::vector<Mail> mails() const;
  /// Lines of all sessions as they came, credentials included.
  std::vector<std::string> commands() const;

 private:
  class Session;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace scanclock
