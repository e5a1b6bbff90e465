#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/domain/result.hpp"
#include "core/net/http_client.hpp"
#include "core/net/url.hpp"
#include "core/registry/authenticator.hpp"
#include "core/registry/options.hpp"
#include "core/registry/pacer.hpp"
#include "core/registry/request_observer.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace scanclock {

inline constexpr int redirects_max = 5;
/// The pause after a 429 that names none.
inline constexpr Duration rate_limited_pause = std::chrono::seconds(5);

/// What a request is for, as the cost of a cycle is counted.
enum class RequestKind { head, referrers, list, other };

struct RequestCounts {
  std::uint64_t heads = 0;
  std::uint64_t referrers = 0;
  std::uint64_t lists = 0;
  std::uint64_t others = 0;

  std::uint64_t all() const { return heads + referrers + lists + others; }
};

/// A request to the registry as this room makes it.
struct RegistryRequest {
  RegistryRequest() = default;
  RequestKind kind = RequestKind::other;
  std::string method = "GET";
  /// On the registry's own origin.
  Url url;
  std::string accept;
  std::string scope;
  std::size_t body_bytes_max = 0;
  Duration timeout = std::chrono::seconds(30);
  /// Blobs and manifests may be served from elsewhere; lists and referrers may not.
  bool follows_redirects = false;
};

/// Sends requests to one registry: paced, authenticated, counted, redirected with care. I/O thread
/// only.
class RegistryTransport {
 public:
  /// Throws std::invalid_argument when `options.url` is no http or https URL.
  RegistryTransport(const RegistryOptions& options, Clock& clock, HttpClient& http,
                    RequestObserver observer, BlockingPool* pool);

  /// Any status but 401, 429 and 5xx is an answer. A challenge is answered once, and once more
  /// where a refused token is the reason that it cannot be met; redirects are followed without
  /// credentials to other origins.
  asio::awaitable<Result<HttpResponse, RegistryProblem>> send(RegistryRequest request);

  const Url& registry() const { return registry_; }
  Duration blocked_for() const { return pacer_.blocked_for(); }
  /// Sent so far, token requests left out.
  const RequestCounts& counts() const { return counts_; }

 private:
  /// Another proof after the answer, a 401 or a denial that may mean an expired login, and the
  /// answer to it.
  asio::awaitable<Result<HttpResponse, RegistryProblem>> prove_again(RegistryRequest request,
                                                                     Authenticator::Header& sent,
                                                                     HttpResponse refused);
  asio::awaitable<Result<HttpResponse, RegistryProblem>> exchange(RegistryRequest request,
                                                                  Authenticator::Header header);
  asio::awaitable<Result<HttpResponse, RegistryProblem>> follow(RegistryRequest request,
                                                                Authenticator::Header header,
                                                                HttpResponse response);
  RegistryProblem refuse_redirect(const RegistryRequest& request, std::string cause) const;

  std::string name_;
  Url registry_;
  Clock& clock_;
  HttpClient& http_;
  RequestObserver observer_;
  Pacer pacer_;
  Authenticator authenticator_;
  RequestCounts counts_;
};

/// `GET https://registry.example/v2/team/app/tags/list`: for messages; the query is left out.
std::string describe(const RegistryRequest& request);

/// What an unusable status means; the text forms of `reason` are those of RegistryProblem.
RegistryProblem problem_of_status(const RegistryRequest& request, int status);

}  // namespace scanclock
