#pragma once

#include "core/net/http_client.hpp"
#include "core/net/sigv4.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/ecs_answers.hpp"
#include "core/workloads/source_problem.hpp"

#include <boost/asio/awaitable.hpp>
#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

/// Amazon refuses more in one call, and gives no more on a page.
inline constexpr std::size_t ecs_page_size = 100;
inline constexpr std::size_t ecs_pages_max = 5000;
inline constexpr std::size_t ecs_page_bytes_max = std::size_t{16} << 20;
/// Bigger answers are parsed on the pool.
inline constexpr std::size_t ecs_inline_parse_bytes_max = std::size_t{128} << 10;
inline constexpr Duration ecs_request_timeout = std::chrono::seconds(30);
/// A call that is throttled, or that the service itself fails, is made this often in all.
inline constexpr int ecs_attempts_max = 5;

struct EcsAccess {
  EcsAccess() = default;
  /// `https://ecs.us-east-1.amazonaws.com`, or that of a VPC endpoint.
  std::string url;
  std::string region;
  /// Read anew at each call, on any thread; throw std::runtime_error, naming the file.
  std::function<std::string()> access_key_id;
  std::function<std::string()> secret_access_key;
  /// No function for keys that are not temporary.
  std::function<std::string()> session_token;
};

/// Calls of the Amazon ECS API, version 2014-11-13 (AWS JSON 1.1, Signature Version 4). Throttled
/// calls are repeated after growing pauses. I/O thread only.
class EcsConnection {
 public:
  /// All must outlive the connection; `on_request` is called for each request. Throws
  /// std::invalid_argument for a URL that is none.
  EcsConnection(EcsAccess access, HttpClient& http, Clock& clock, BlockingPool& pool,
                std::function<void()> on_request);

  /// ARNs of all clusters of the account in the region.
  boost::asio::awaitable<Result<std::vector<std::string>, SourceProblem>> clusters();
  /// ARNs of the tasks that ECS wants to run in a cluster, by its name or ARN.
  boost::asio::awaitable<Result<std::vector<std::string>, SourceProblem>> tasks(
      std::string cluster);
  /// At most ecs_page_size tasks. Each is among the tasks or the failures of the answer.
  boost::asio::awaitable<Result<EcsTasks, SourceProblem>> describe_tasks(
      std::string cluster, std::vector<std::string> arns);
  /// At most ecs_page_size machines; those that are not found are left out.
  boost::asio::awaitable<Result<std::vector<EcsInstance>, SourceProblem>> describe_instances(
      std::string cluster, std::vector<std::string> arns);

  const std::string& url() const { return base_; }

 private:
  /// All pages of an operation that lists ARNs under `key`, which must be a literal.
  boost::asio::awaitable<Result<std::vector<std::string>, SourceProblem>> list(
      std::string operation, nlohmann::json request, const char* key);
  /// The body of an answer with status 200.
  boost::asio::awaitable<Result<std::string, SourceProblem>> call(std::string operation,
                                                                  std::string body);
  boost::asio::awaitable<Result<std::string, SourceProblem>> call_once(std::string operation,
                                                                       std::string body);
  boost::asio::awaitable<Result<AwsSigner, SourceProblem>> make_signer();
  SourceProblem refused(const std::string& operation, const HttpResponse& response) const;
  SourceProblem malformed(const std::string& operation, const std::string& cause) const;

  std::string base_;
  EcsAccess access_;
  HttpClient& http_;
  Clock& clock_;
  BlockingPool& pool_;
  std::function<void()> on_request_;
};

}  // namespace scanclock
