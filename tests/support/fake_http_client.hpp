#pragma once

#include "core/net/http_client.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// An HttpClient without a network: answers from a script and records what was asked. A request
/// that nothing was scripted for fails the test and gets a failure with reason `connect`.
class FakeHttpClient final : public HttpClient {
 public:
  using Answer = Result<HttpResponse, HttpFailure>;
  using Handler = std::function<Answer(const HttpRequest&)>;
  using AsyncHandler = std::function<asio::awaitable<Answer>(HttpRequest)>;

  FakeHttpClient();
  ~FakeHttpClient() override;

  /// Scripts the next answer to `method` on exactly `url`, query included. Answers scripted for
  /// the same request are given in order, the last one again and again.
  void on(std::string_view method, std::string_view url, HttpResponse response);
  void fail(std::string_view method, std::string_view url, HttpFailureReason reason);
  /// Forgets what was scripted for this request.
  void forget(std::string_view method, std::string_view url);

  /// Answers whatever no script covers.
  void set_handler(Handler handler);
  /// The same, for handlers that wait.
  void set_async_handler(AsyncHandler handler);

  /// Scripts open(): the head, then the pieces, then the end.
  void on_open(std::string_view method, std::string_view url, HttpResponse head,
               std::vector<std::string> pieces);

  const std::vector<HttpRequest>& requests() const { return requests_; }
  /// Requests with this method whose URL begins with `url_prefix`.
  std::size_t count(std::string_view method, std::string_view url_prefix) const;
  void clear_requests() { requests_.clear(); }

  asio::awaitable<Answer> send(HttpRequest request) override;
  asio::awaitable<Result<std::unique_ptr<HttpStream>, HttpFailure>> open(
      HttpRequest request) override;

  static HttpFailure failure(HttpFailureReason reason, std::string message);

 private:
  struct Script;
  struct StreamScript;
  static std::string key(std::string_view method, std::string_view url);

  std::map<std::string, Script> scripts_;
  std::map<std::string, StreamScript> streams_;
  AsyncHandler handler_;
  std::vector<HttpRequest> requests_;
};

}  // namespace scanclock
