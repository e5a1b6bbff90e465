#pragma once

#include "core/domain/result.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace scanclock {

/// Mails that are on their way at once; a server that hangs holds up no other work of the daemon.
inline constexpr std::size_t mail_threads = 2;
/// Mails that wait for one of those.
inline constexpr std::size_t mail_queue_max = 64;

enum class MailTls {
  /// Demanded: a server that does not offer it gets no mail.
  starttls,
  implicit,
  none,
};

struct MailRequest {
  MailRequest() = default;
  /// `host:port`.
  std::string smarthost;
  MailTls tls = MailTls::starttls;
  /// PEM bundle; empty: the system's. When set, only it is trusted.
  std::string ca_file;
  /// Empty: no AUTH.
  std::string username;
  std::string password;
  /// Addresses as on the envelope, without names and brackets.
  std::string from;
  std::vector<std::string> to;
  /// RFC 5322, lines ended by `\r\n`.
  std::string message;
  /// For all of it, name resolution included.
  Duration timeout = std::chrono::seconds(20);
};

/// The server's last word, from whichever command it was that decided.
struct MailAnswer {
  MailAnswer() = default;
  /// RFC 5321 section 4.2: 2xx when the server has taken the message.
  int status = 0;
  /// Of the reply's last line, without the code.
  std::string text;
  /// Replies to those recipients that the server refused while it took others.
  std::vector<std::string> refused;
};

enum class MailFailureReason { resolve, connect, tls, no_starttls, timeout, broken, cancelled };

std::string_view to_string(MailFailureReason reason);

struct MailFailure {
  MailFailure() = default;
  MailFailureReason reason = MailFailureReason::connect;
  /// What the TLS library or the system said; holds no credential.
  std::string message;
};

/// Hands mails to a server, each on a connection of its own. TLS 1.2 or newer with verification of
/// the host's name. I/O thread only.
class MailClient {
 public:
  virtual ~MailClient() = default;

  /// An answer of any status is a success here. Cancellation of the calling coroutine throws
  /// boost::system::system_error(operation_aborted) at once; the connection is cut soon after.
  virtual asio::awaitable<Result<MailAnswer, MailFailure>> send(MailRequest request) = 0;
};

/// By libcurl, on threads of its own.
std::unique_ptr<MailClient> make_mail_client();

}  // namespace scanclock
