#include "tests/support/fake_http_client.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace scanclock {

struct FakeHttpClient::Script {
  std::deque<Answer> answers;
};

struct FakeHttpClient::StreamScript {
  HttpResponse head;
  std::vector<std::string> pieces;
};

namespace {

class FakeStream final : public HttpStream {
 public:
  FakeStream(HttpResponse head, std::vector<std::string> pieces)
      : head_(std::move(head)), pieces_(pieces.begin(), pieces.end()) {}

  const HttpResponse& head() const override { return head_; }

  asio::awaitable<Result<std::string, HttpFailure>> read(Duration) override {
    std::string piece;
    if (!pieces_.empty()) {
      piece = std::move(pieces_.front());
      pieces_.pop_front();
    }
    co_return piece;
  }

 private:
  HttpResponse head_;
  std::deque<std::string> pieces_;
};

asio::awaitable<FakeHttpClient::Answer> give_at_once(FakeHttpClient::Answer answer) {
  co_return std::move(answer);
}

}  // namespace

FakeHttpClient::FakeHttpClient() = default;
FakeHttpClient::~FakeHttpClient() = default;

HttpFailure FakeHttpClient::failure(HttpFailureReason reason, std::string message) {
  HttpFailure failure;
  failure.reason = reason;
  failure.retryable =
      reason != HttpFailureReason::bad_url && reason != HttpFailureReason::body_too_large;
  failure.message = std::move(message);
  return failure;
}

std::string FakeHttpClient::key(std::string_view method, std::string_view url) {
  return std::string(method) + " " + std::string(url);
}

void FakeHttpClient::on(std::string_view method, std::string_view url, HttpResponse response) {
  scripts_[key(method, url)].answers.emplace_back(std::move(response));
}

void FakeHttpClient::fail(std::string_view method, std::string_view url, HttpFailureReason reason) {
  const std::string name = key(method, url);
  scripts_[name].answers.emplace_back(
      failure(reason, name + ": " + std::string(to_string(reason))));
}

void FakeHttpClient::forget(std::string_view method, std::string_view url) {
  scripts_.erase(key(method, url));
}

void FakeHttpClient::set_handler(Handler handler) {
  handler_ = [handler = std::move(handler)](HttpRequest request) {
    return give_at_once(handler(request));
  };
}

void FakeHttpClient::set_async_handler(AsyncHandler handler) { handler_ = std::move(handler); }

void FakeHttpClient::on_open(std::string_view method, std::string_view url, HttpResponse head,
                             std::vector<std::string> pieces) {
  StreamScript& script = streams_[key(method, url)];
  script.head = std::move(head);
  script.pieces = std::move(pieces);
}

std::size_t FakeHttpClient::count(std::string_view method, std::string_view url_prefix) const {
  std::size_t matches = 0;
  for (const HttpRequest& request : requests_) {
    if (request.method == method && request.url.starts_with(url_prefix)) {
      ++matches;
    }
  }
  return matches;
}

asio::awaitable<FakeHttpClient::Answer> FakeHttpClient::send(HttpRequest request) {
  requests_.push_back(request);
  const std::string name = key(request.method, request.url);
  const auto script = scripts_.find(name);
  if (script != scripts_.end()) {
    std::deque<Answer>& answers = script->second.answers;
    Answer next = answers.front();
    if (answers.size() > 1) {
      answers.pop_front();
    }
    co_return next;
  }
  if (handler_) {
    auto pending = handler_(std::move(request));
    co_return co_await std::move(pending);
  }
  ADD_FAILURE() << "no answer is scripted for " << name;
  co_return failure(HttpFailureReason::connect, "no answer is scripted for " + name);
}

asio::awaitable<Result<std::unique_ptr<HttpStream>, HttpFailure>> FakeHttpClient::open(
    HttpRequest request) {
  requests_.push_back(request);
  const std::string name = key(request.method, request.url);
  const auto script = streams_.find(name);
  if (script == streams_.end()) {
    ADD_FAILURE() << "no stream is scripted for " << name;
    co_return failure(HttpFailureReason::connect, "no stream is scripted for " + name);
  }
  std::unique_ptr<HttpStream> stream =
      std::make_unique<FakeStream>(script->second.head, script->second.pieces);
  co_return std::move(stream);
}

}  // namespace scanclock
