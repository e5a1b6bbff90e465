#pragma once

#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "core/net/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// An answer of the daemon, whatever its status.
struct ServerAnswer {
  int status = 0;
  std::string body;
  /// Of the header Retry-After, where it is a number of seconds (RFC 9110, 10.2.3).
  std::optional<Duration> retry_after;
};

/// The daemon's HTTP API. Every call throws CommandError: `unreachable` when no answer came and
/// for 502, 503 and 504, `bad_configuration` for 401 and 403, `internal` for answers that make no
/// sense.
class Server {
 public:
  /// Sends one request; throws std::runtime_error or CommandError when no answer comes.
  using Exchange = std::function<Result<HttpResponse, HttpFailure>(HttpRequest request)>;

  /// `url` without a trailing slash; `token` may be empty.
  Server(std::string url, std::string token, Exchange exchange);

  /// `target` begins with a slash. Statuses that throw are those of the class comment.
  ServerAnswer get(const std::string& target);
  ServerAnswer post(const std::string& target, std::string body, const std::string& content_type);
  /// DELETE.
  ServerAnswer remove(const std::string& target);
  /// As post(), but a 503 is an answer: the caller waits and sends again.
  ServerAnswer post_patiently(const std::string& target, std::string body,
                              const std::string& content_type);

  /// A 200 with JSON, or `internal` with the server's own words.
  nlohmann::json get_json(const std::string& target);

  /// All pages of a list, united as in one answer: `{"images":[…],"next":null}`.
  nlohmann::json get_list(const std::string& path, const std::string& list, const Filters& filters);

 private:
  HttpRequest post_request(const std::string& target, std::string body,
                           const std::string& content_type) const;
  ServerAnswer exchange(HttpRequest request);
  ServerAnswer send(HttpRequest request);
  void refuse_credentials(const ServerAnswer& answer) const;

  std::string url_;
  std::string token_;
  Exchange exchange_;
};

/// `a=b&c=d`, percent-encoded, without empty values.
std::string query_of(const Filters& filters);

/// Parses an answer's body; throws CommandError `internal` when it is no JSON.
nlohmann::json parse_answer(const ServerAnswer& answer, const std::string& what);

/// The problem document's `detail` or `title` (RFC 9457), or the status.
std::string problem_of(const ServerAnswer& answer);

/// A server reached through the network. Reads the token file. Throws CommandError
/// `bad_configuration` for a bad URL, an unreadable token, or a token that would travel in the
/// clear.
Server connect(asio::io_context& io, Clock& clock, const ConnectionOptions& options);

}  // namespace scanclock
