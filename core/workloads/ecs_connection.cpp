#include "core/workloads/ecs_connection.hpp"

#include "core/net/url.hpp"
#include "core/runtime/backoff.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr const char* ecs_target_prefix = "AmazonEC2ContainerServiceV20141113.";

struct EcsErrorReason {
  std::string_view name;
  const char* reason;
};

/// By the names of the API's own errors and of those common to all of AWS's.
constexpr EcsErrorReason ecs_error_reasons[] = {
    {"AccessDeniedException", "forbidden"},
    {"AccessDenied", "forbidden"},
    {"NotAuthorized", "forbidden"},
    {"OptInRequired", "forbidden"},
    {"UnrecognizedClientException", "unauthorized"},
    {"InvalidClientTokenId", "unauthorized"},
    {"InvalidSignatureException", "unauthorized"},
    {"IncompleteSignature", "unauthorized"},
    {"IncompleteSignatureException", "unauthorized"},
    {"ExpiredTokenException", "unauthorized"},
    {"ExpiredToken", "unauthorized"},
    {"MissingAuthenticationToken", "unauthorized"},
    {"MissingAuthenticationTokenException", "unauthorized"},
    {"ThrottlingException", "too_many_requests"},
    {"Throttling", "too_many_requests"},
    {"TooManyRequestsException", "too_many_requests"},
    {"RequestLimitExceeded", "too_many_requests"},
    {"ClusterNotFoundException", "not_found"},
    {"ServerException", "server_error"},
    {"ServiceUnavailable", "server_error"},
    {"InternalFailure", "server_error"},
    {"RequestTimeTooSkewed", "clock_skew"},
    {"RequestExpired", "clock_skew"},
};

std::string ecs_reason(int status, const AwsError& error) {
  // The signature is right and its time is not: another cause, and another remedy.
  if (error.name == "InvalidSignatureException" && !error.text.empty()) {
    return "clock_skew";
  }
  for (const EcsErrorReason& known : ecs_error_reasons) {
    if (known.name == error.name) {
      return known.reason;
    }
  }
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 429:
      return "too_many_requests";
    default:
      return status >= 500 && status < 600 ? "server_error" : "unexpected_status";
  }
}

bool is_worth_repeating(const SourceProblem& problem) {
  return problem.reason == "too_many_requests" || problem.reason == "server_error";
}

Backoff::Limits throttled_limits() {
  Backoff::Limits limits;
  limits.first = std::chrono::seconds(1);
  limits.max = std::chrono::seconds(20);
  return limits;
}

/// Parses in place what is small, and what the pool has no room for: late is better than never.
template <class Parse>
asio::awaitable<std::invoke_result_t<Parse, std::string_view>> parse_ecs_answer(BlockingPool& pool,
                                                                                std::string body,
                                                                                Parse parse) {
  const auto text = std::make_shared<const std::string>(std::move(body));
  if (text->size() > ecs_inline_parse_bytes_max) {
    auto work = [text, parse] { return parse(std::string_view(*text)); };
    try {
      auto running = pool.run(std::move(work));
      co_return co_await std::move(running);
    } catch (const PoolBusyError&) {
      // Falls through.
    }
  }
  co_return parse(std::string_view(*text));
}

using EcsSigner = Result<AwsSigner, std::string>;

EcsSigner read_ecs_signer(const EcsAccess& access) {
  try {
    AwsSigner signer;
    signer.access_key_id = access.access_key_id();
    signer.secret_access_key = access.secret_access_key();
    signer.session_token = access.session_token ? access.session_token() : std::string();
    signer.region = access.region;
    signer.service = "ecs";
    return signer;
  } catch (const std::exception& failure) {
    return std::string(failure.what());
  }
}

/// The first task that the answer says nothing of; empty when there is none. Compared by ID, for
/// an ARN has a short and a long form.
std::string unanswered(const std::vector<std::string>& asked, const EcsTasks& answer) {
  std::set<std::string> answered;
  for (const EcsTask& task : answer.tasks) {
    answered.insert(ecs_resource_id(task.arn));
  }
  for (const EcsFailure& failure : answer.failures) {
    answered.insert(ecs_resource_id(failure.arn));
  }
  for (const std::string& arn : asked) {
    if (!answered.contains(ecs_resource_id(arn))) {
      return arn;
    }
  }
  return {};
}

}  // namespace

EcsConnection::EcsConnection(EcsAccess access, HttpClient& http, Clock& clock, BlockingPool& pool,
                             std::function<void()> on_request)
    : access_(std::move(access)),
      http_(http),
      clock_(clock),
      pool_(pool),
      on_request_(std::move(on_request)) {
  const auto url = parse_url(access_.url);
  if (!url || url->target != "/") {
    throw std::invalid_argument("ecs url '" + access_.url +
                                "' is none\nHINT: write https://ecs.us-east-1.amazonaws.com, or "
                                "leave it out");
  }
  base_ = url->origin();
}

SourceProblem EcsConnection::refused(const std::string& operation,
                                     const HttpResponse& response) const {
  const AwsError error = parse_aws_error(response.body);
  SourceProblem problem(ecs_reason(response.status, error),
                        operation + " of " + base_ + ": status " + std::to_string(response.status) +
                            (error.name.empty() ? "" : ", " + error.name) +
                            (error.text.empty() ? "" : ": " + error.text));
  if (problem.reason == "clock_skew") {
    problem.message += "; it is " + format_rfc3339(clock_.now()) +
                       " here\nHINT: the clock of this host is wrong by minutes: let NTP set it";
  } else if (problem.reason == "forbidden") {
    problem.message += "\nHINT: the key's policy must allow ecs:" + operation;
  }
  return problem;
}

SourceProblem EcsConnection::malformed(const std::string& operation,
                                       const std::string& cause) const {
  return SourceProblem("malformed", operation + " of " + base_ + ": " + cause);
}

asio::awaitable<Result<AwsSigner, SourceProblem>> EcsConnection::make_signer() {
  auto work = [access = access_] { return read_ecs_signer(access); };
  auto reading = pool_.run(std::move(work));
  auto signer = co_await std::move(reading);
  if (!signer) {
    co_return SourceProblem("unauthorized", base_ + ": cannot read its keys: " + signer.error());
  }
  co_return std::move(*signer);
}

asio::awaitable<Result<std::string, SourceProblem>> EcsConnection::call_once(std::string operation,
                                                                             std::string body) {
  const auto signer = co_await make_signer();
  if (!signer) {
    co_return Result<std::string, SourceProblem>(signer.error());
  }
  HttpRequest request;
  request.method = "POST";
  request.url = base_ + "/";
  request.body = std::move(body);
  request.timeout = ecs_request_timeout;
  request.body_bytes_max = ecs_page_bytes_max;
  request.headers.emplace_back("Content-Type", "application/x-amz-json-1.1");
  request.headers.emplace_back("X-Amz-Target", ecs_target_prefix + operation);
  for (HttpHeader& header : sign_aws_request(*signer, request, clock_.now())) {
    request.headers.push_back(std::move(header));
  }
  on_request_();
  auto response = co_await http_.send(std::move(request));
  if (!response) {
    co_return SourceProblem(std::string(to_string(response.error().reason)),
                            base_ + ": " + response.error().message);
  }
  if (response->status != 200) {
    co_return refused(operation, *response);
  }
  co_return std::move(response->body);
}

asio::awaitable<Result<std::string, SourceProblem>> EcsConnection::call(std::string operation,
                                                                        std::string body) {
  Backoff pauses(throttled_limits(), std::hash<std::string>{}(body));
  for (int attempt = 1;; ++attempt) {
    auto answer = co_await call_once(operation, body);
    if (answer || attempt == ecs_attempts_max || !is_worth_repeating(answer.error())) {
      co_return answer;
    }
    co_await clock_.sleep(pauses.next());
  }
}

namespace {

/// Names come from the settings, ARNs from answers: both may hold anything.
std::string dump_request(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

asio::awaitable<Result<std::vector<std::string>, SourceProblem>> EcsConnection::list(
    std::string operation, json request, const char* key) {
  request["maxResults"] = ecs_page_size;
  std::vector<std::string> arns;
  for (std::size_t pages = 0; pages < ecs_pages_max; ++pages) {
    std::string body = dump_request(request);
    auto answer = co_await call(operation, std::move(body));
    if (!answer) {
      co_return answer.error();
    }
    auto page = parse_ecs_arns(*answer, key);
    if (!page) {
      co_return malformed(operation, page.error().message);
    }
    std::move(page->arns.begin(), page->arns.end(), std::back_inserter(arns));
    if (page->next_token.empty()) {
      co_return std::move(arns);
    }
    request["nextToken"] = std::move(page->next_token);
  }
  co_return malformed(operation, "the list does not end");
}

asio::awaitable<Result<std::vector<std::string>, SourceProblem>> EcsConnection::clusters() {
  json request = json::object();
  return list("ListClusters", std::move(request), "clusterArns");
}

asio::awaitable<Result<std::vector<std::string>, SourceProblem>> EcsConnection::tasks(
    std::string cluster) {
  json request;
  request["cluster"] = std::move(cluster);
  request["desiredStatus"] = "RUNNING";
  return list("ListTasks", std::move(request), "taskArns");
}

asio::awaitable<Result<EcsTasks, SourceProblem>> EcsConnection::describe_tasks(
    std::string cluster, std::vector<std::string> arns) {
  const std::string operation = "DescribeTasks";
  json request;
  request["cluster"] = cluster;
  request["tasks"] = arns;
  std::string body = dump_request(request);
  auto answer = co_await call(operation, std::move(body));
  if (!answer) {
    co_return answer.error();
  }
  auto parsing = parse_ecs_answer(pool_, std::move(*answer), &parse_ecs_tasks);
  auto described = co_await std::move(parsing);
  if (!described) {
    co_return malformed(operation, described.error().message);
  }
  for (const EcsFailure& failure : described->failures) {
    if (failure.reason != "MISSING") {
      co_return SourceProblem("incomplete", operation + " of " + base_ + ": task " + failure.arn +
                                                ": " + failure.reason);
    }
  }
  if (const std::string arn = unanswered(arns, *described); !arn.empty()) {
    co_return SourceProblem(
        "incomplete", operation + " of " + base_ + ": the answer says nothing of task " + arn);
  }
  co_return std::move(*described);
}

asio::awaitable<Result<std::vector<EcsInstance>, SourceProblem>> EcsConnection::describe_instances(
    std::string cluster, std::vector<std::string> arns) {
  const std::string operation = "DescribeContainerInstances";
  json request;
  request["cluster"] = cluster;
  request["containerInstances"] = arns;
  std::string body = dump_request(request);
  auto answer = co_await call(operation, std::move(body));
  if (!answer) {
    co_return answer.error();
  }
  auto parsing = parse_ecs_answer(pool_, std::move(*answer), &parse_ecs_instances);
  auto instances = co_await std::move(parsing);
  if (!instances) {
    co_return malformed(operation, instances.error().message);
  }
  co_return std::move(*instances);
}

}  // namespace scanclock
