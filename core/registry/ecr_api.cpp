#include "core/registry/ecr_api.hpp"

#include "core/registry/evidence_candidates.hpp"

#include <nlohmann/json.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace scanclock {
namespace {

constexpr const char* ecr_target_prefix = "AmazonEC2ContainerRegistry_V20150921.";

/// Errors of the API come as 400 with a name (AWS JSON 1.1).
RegistryProblem ecr_problem(const HttpRequest& request, const std::string& operation,
                            const HttpResponse& response) {
  const std::string name = aws_error_name(response.body);
  RegistryProblem problem = platform_status_problem(request, response.status);
  problem.message += (name.empty() ? " to " : " (" + name + ") to ") + operation;
  if (name == "RepositoryNotFoundException" || name == "ImageNotFoundException" ||
      name == "ScanNotFoundException") {
    problem.reason = "not_found";
  } else if (name == "AccessDeniedException") {
    problem.reason = "forbidden";
  } else if (name == "UnrecognizedClientException" || name == "InvalidSignatureException" ||
             name == "ExpiredTokenException" || name == "MissingAuthenticationTokenException" ||
             name == "IncompleteSignatureException") {
    problem.reason = "unauthorized";
    // Rotated keys are read anew each time.
    problem.retryable = true;
  }
  return problem;
}

bool is_scan_not_found(const RegistryProblem& problem) {
  return problem.reason == "not_found" &&
         (problem.message.find("ScanNotFoundException") != std::string::npos ||
          problem.message.find("ImageNotFoundException") != std::string::npos);
}

}  // namespace

EcrApi::EcrApi(const RegistryOptions& registry, PlatformOptions options, Clock& clock,
               HttpClient& http, RegistrySink& sink, const RegistryKnowledge& knowledge,
               BlockingPool* pool)
    : host_(registry.host),
      options_(std::move(options)),
      clock_(clock),
      sink_(sink),
      knowledge_(knowledge),
      pool_(pool),
      transport_(registry, options_.url, clock, http, observer_of(sink, registry.name)) {}

asio::awaitable<Result<AwsSigner, RegistryProblem>> EcrApi::make_signer() {
  auto work = [credentials =
                   options_.ecr]() -> Result<std::pair<std::string, std::string>, std::string> {
    try {
      return std::pair(credentials.secret_access_key(),
                       credentials.session_token ? credentials.session_token() : std::string());
    } catch (const std::exception& failure) {
      return std::string(failure.what());
    }
  };
  auto running = run_on_pool(pool_, std::move(work));
  auto secrets = co_await std::move(running);
  if (!secrets) {
    RegistryProblem problem;
    problem.reason = "unauthorized";
    problem.message =
        "registry " + transport_.name() + ": cannot read the keys of its api: " + secrets.error();
    co_return problem;
  }
  AwsSigner signer;
  signer.access_key_id = options_.ecr.access_key_id;
  signer.secret_access_key = std::move(secrets->first);
  signer.session_token = std::move(secrets->second);
  signer.region = options_.region;
  signer.service = "ecr";
  co_return std::move(signer);
}

asio::awaitable<Result<HttpResponse, RegistryProblem>> EcrApi::call(std::string operation,
                                                                    std::string body) {
  const auto signer = co_await make_signer();
  if (!signer) {
    co_return signer.error();
  }
  HttpRequest request;
  request.method = "POST";
  request.url = transport_.url_of("/");
  request.body = std::move(body);
  request.body_bytes_max = platform_page_bytes_max;
  request.headers.emplace_back("Content-Type", "application/x-amz-json-1.1");
  request.headers.emplace_back("X-Amz-Target", ecr_target_prefix + operation);
  for (HttpHeader& header : sign_aws_request(*signer, request, clock_.now())) {
    request.headers.push_back(std::move(header));
  }
  auto response = co_await transport_.send(request);
  if (!response) {
    co_return response.error();
  }
  if (response->status != 200) {
    co_return ecr_problem(request, operation, *response);
  }
  co_return std::move(*response);
}

nlohmann::json EcrApi::page_request(const std::string& repository, const std::string& token) const {
  nlohmann::json body;
  body["repositoryName"] = repository;
  body["maxResults"] = ecr_page_size;
  if (!options_.account.empty()) {
    body["registryId"] = options_.account;
  }
  if (!token.empty()) {
    body["nextToken"] = token;
  }
  return body;
}

asio::awaitable<std::optional<RegistryProblem>> EcrApi::list(std::string repository, Images& into) {
  std::string token;
  for (std::size_t pages = 0; pages < platform_pages_max; ++pages) {
    std::string text = page_request(repository, token).dump();
    auto answer = co_await call("DescribeImages", std::move(text));
    if (!answer) {
      co_return answer.error();
    }
    auto bytes = std::make_shared<const std::string>(std::move(answer->body));
    auto work = [bytes] { return parse_ecr_images(*bytes); };
    BlockingPool* const pool = bytes->size() > platform_inline_bytes_max ? pool_ : nullptr;
    auto running = run_on_pool(pool, std::move(work));
    auto page = co_await std::move(running);
    if (!page) {
      RegistryProblem problem;
      problem.reason = "bad_content";
      problem.retryable = false;
      problem.message = "answer to DescribeImages of " + repository + ": " + page.error();
      co_return problem;
    }
    for (EcrImage& image : page->images) {
      const Digest digest = image.digest;
      into.emplace(digest, std::move(image));
    }
    if (page->next_token.empty() || page->next_token == token) {
      co_return std::nullopt;
    }
    token = std::move(page->next_token);
  }
  RegistryProblem problem;
  problem.reason = "too_many_pages";
  problem.retryable = false;
  problem.message = "DescribeImages of " + repository + " does not end";
  co_return problem;
}

bool EcrApi::is_unchanged(const Seen& seen, const EcrImage& image) const {
  return seen.scan_state == image.scan_state &&
         (image.scanned_at || clock_.monotonic() - seen.read_at < ecr_active_every);
}

asio::awaitable<PlatformAnswer> EcrApi::ask(std::string repository, std::vector<Digest> subjects,
                                            bool fresh) {
  PlatformAnswer answer;
  Images images;
  answer.problem = co_await list(repository, images);
  if (answer.problem) {
    co_return answer;
  }
  const RepositoryKey key{transport_.name(), repository};
  Remembered& remembered = remembered_[repository];
  Remembered current;
  for (const Digest& subject : subjects) {
    const auto position = images.find(subject);
    if (position == images.end()) {
      // The list names images without a tag, too: what it lacks, the registry has not scanned.
      continue;
    }
    const EcrImage& image = position->second;
    if (image.pushed_at) {
      current.pushed.insert(subject);
      if (!remembered.pushed.contains(subject)) {
        sink_.image_pushed(key, subject, *image.pushed_at, EntryBasis::platform_api);
      }
    }
    if (!image.is_scanned()) {
      continue;
    }
    const auto seen = remembered.seen.find(subject);
    if (!fresh && seen != remembered.seen.end() && is_unchanged(seen->second, image)) {
      current.seen.emplace(subject, std::move(seen->second));
      continue;
    }
    auto problem = co_await read_findings(key, subject);
    if (problem) {
      answer.failed.emplace(subject, std::move(*problem));
    } else {
      Seen read;
      read.scan_state = image.scan_state;
      read.read_at = clock_.monotonic();
      current.seen.emplace(subject, std::move(read));
    }
  }
  remembered_[repository] = std::move(current);
  co_return answer;
}

asio::awaitable<std::optional<RegistryProblem>> EcrApi::read_findings(RepositoryKey key,
                                                                      Digest subject) {
  auto findings = std::make_shared<EcrFindings>();
  std::string token;
  std::size_t size = 0;
  for (std::size_t pages = 0; pages < ecr_findings_pages_max && size < evidence_bytes_max;
       ++pages) {
    nlohmann::json body = page_request(key.repository, token);
    body["imageId"]["imageDigest"] = subject.str();
    std::string text = body.dump();
    auto answer = co_await call("DescribeImageScanFindings", std::move(text));
    if (!answer) {
      if (is_scan_not_found(answer.error())) {
        co_return std::nullopt;
      }
      co_return answer.error();
    }
    size += answer->body.size();
    auto bytes = std::make_shared<const std::string>(std::move(answer->body));
    auto next = std::make_shared<std::string>();
    auto work = [bytes, findings, next] { return findings->take(*bytes, *next); };
    BlockingPool* const pool = bytes->size() > platform_inline_bytes_max ? pool_ : nullptr;
    auto running = run_on_pool(pool, std::move(work));
    const std::string defect = co_await std::move(running);
    if (!defect.empty()) {
      RegistryProblem problem;
      problem.reason = "bad_content";
      problem.retryable = false;
      problem.message = "answer to DescribeImageScanFindings of " + key.repository + ": " + defect;
      co_return problem;
    }
    if (next->empty() || *next == token) {
      break;
    }
    token = *next;
  }
  auto record = findings->record(host_, key, subject);
  if (record && !knowledge_.has_evidence(record->digest, subject)) {
    FoundEvidence found = std::move(*record);
    co_await sink_.evidence_found(std::move(found));
  }
  co_return std::nullopt;
}

asio::awaitable<Result<EcrLogin, RegistryProblem>> EcrApi::get_login() {
  std::string body = "{}";
  if (!options_.account.empty()) {
    body = R"({"registryIds":[")" + options_.account + R"("]})";
  }
  auto answer = co_await call("GetAuthorizationToken", std::move(body));
  if (!answer) {
    co_return answer.error();
  }
  auto login = parse_ecr_login(answer->body);
  if (!login) {
    RegistryProblem problem;
    problem.reason = "bad_content";
    problem.message = "answer to GetAuthorizationToken: " + login.error();
    co_return problem;
  }
  co_return std::move(*login);
}

}  // namespace scanclock
