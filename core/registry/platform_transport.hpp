#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/domain/result.hpp"
#include "core/net/http_client.hpp"
#include "core/net/url.hpp"
#include "core/registry/docker_config.hpp"
#include "core/registry/options.hpp"
#include "core/registry/pacer.hpp"
#include "core/registry/request_observer.hpp"
#include "core/runtime/blocking_pool.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace scanclock {

/// A page of 100 artifacts, or of 1000 images.
inline constexpr std::size_t platform_page_bytes_max = std::size_t{16} << 20;
inline constexpr std::size_t platform_pages_max = 1000;
/// Larger answers are read on the pool.
inline constexpr std::size_t platform_inline_bytes_max = std::size_t{64} << 10;

/// Sends requests to one registry's product API: to its origin only, paced apart from the registry
/// itself, counted, no redirect followed. I/O thread only.
class PlatformTransport {
 public:
  /// Takes name and limits from `options`. Throws std::invalid_argument when `url` is no http or
  /// https URL.
  PlatformTransport(const RegistryOptions& options, const std::string& url, Clock& clock,
                    HttpClient& http, RequestObserver observer);

  const std::string& name() const { return name_; }
  const Url& origin() const { return origin_; }
  /// Absolute URL of a target on the API's origin.
  std::string url_of(const std::string& target) const;

  /// Any answer but a throttling one and those from 500 up. Amazon's 400 ThrottlingException counts
  /// as a 429.
  asio::awaitable<Result<HttpResponse, RegistryProblem>> send(HttpRequest request);

 private:
  std::string name_;
  Url origin_;
  Clock& clock_;
  HttpClient& http_;
  RequestObserver observer_;
  Pacer pacer_;
};

/// A problem with the answer to a request; the query of the URL is left out of the message.
RegistryProblem platform_problem(const HttpRequest& request, std::string reason, std::string cause,
                                 bool retryable = false);
/// What a status other than 200 means.
RegistryProblem platform_status_problem(const HttpRequest& request, int status);

/// The Authorization header for a login: Basic, or Bearer for a token; empty for anonymous.
std::string platform_authorization(const RegistryLogin& login);

/// Runs `work` on the pool, or in place without one or when the pool is full.
template <class Work>
asio::awaitable<std::invoke_result_t<Work>> run_on_pool(BlockingPool* pool, Work work) {
  if (pool != nullptr) {
    try {
      auto running = pool->run(work);
      co_return co_await std::move(running);
    } catch (const PoolBusyError&) {
      // Falls through: late is better than never, and small work does not hold up the thread.
    }
  }
  co_return work();
}

}  // namespace scanclock
