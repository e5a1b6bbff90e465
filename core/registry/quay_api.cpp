#include "core/registry/quay_api.hpp"

#include "core/registry/quay_answer.hpp"

#include <memory>
#include <unordered_set>
#include <utility>

namespace scanclock {

QuayApi::QuayApi(const RegistryOptions& registry, PlatformOptions options, Clock& clock,
                 HttpClient& http, RegistrySink& sink, const RegistryKnowledge& knowledge,
                 BlockingPool* pool)
    : host_(registry.host),
      clock_(clock),
      sink_(sink),
      knowledge_(knowledge),
      pool_(pool),
      every_(options.every),
      transport_(registry, options.url, clock, http, observer_of(sink, registry.name)),
      credentials_(options.credentials, registry.host, pool) {}

bool QuayApi::was_asked(const std::string& repository, const Digest& subject) const {
  const auto known = asked_at_.find(repository);
  if (known == asked_at_.end()) {
    return false;
  }
  const auto asked = known->second.find(subject);
  return asked != known->second.end() && clock_.monotonic() - asked->second < every_ * 9 / 10;
}

asio::awaitable<PlatformAnswer> QuayApi::ask(std::string repository, std::vector<Digest> subjects,
                                             bool fresh) {
  PlatformAnswer answer;
  const auto logins = co_await credentials_.read();
  if (!logins) {
    RegistryProblem problem;
    problem.reason = "unauthorized";
    problem.message = logins.error();
    answer.problem = std::move(problem);
    co_return answer;
  }
  const std::string authorization = platform_authorization(logins->of(repository));
  const std::unordered_set<Digest> current(subjects.begin(), subjects.end());
  std::erase_if(asked_at_[repository],
                [&current](const auto& entry) { return !current.contains(entry.first); });
  const RepositoryKey key{transport_.name(), repository};
  for (const Digest& subject : subjects) {
    if (!fresh && was_asked(repository, subject)) {
      continue;
    }
    auto problem = co_await ask_about(key, authorization, subject);
    if (problem) {
      answer.failed.emplace(subject, std::move(*problem));
    } else {
      asked_at_[repository][subject] = clock_.monotonic();
    }
  }
  co_return answer;
}

asio::awaitable<std::optional<RegistryProblem>> QuayApi::ask_about(RepositoryKey key,
                                                                   std::string authorization,
                                                                   Digest subject) {
  HttpRequest request;
  request.url = transport_.url_of("/api/v1/repository/" + key.repository + "/manifest/" +
                                  subject.str() + "/security?vulnerabilities=true");
  request.body_bytes_max = platform_page_bytes_max;
  request.headers.emplace_back("Accept", "application/json");
  if (!authorization.empty()) {
    request.headers.emplace_back("Authorization", authorization);
  }
  auto response = co_await transport_.send(request);
  if (!response) {
    co_return response.error();
  }
  if (response->status == 404) {
    // Quay answers 401 or 403 for what one may not see, so it has no such manifest.
    co_return std::nullopt;
  }
  if (response->status != 200) {
    co_return platform_status_problem(request, response->status);
  }
  auto bytes = std::make_shared<const std::string>(std::move(response->body));
  auto work = [bytes, host = host_, key, subject] {
    return read_quay_answer(*bytes, host, key, subject);
  };
  BlockingPool* const pool = bytes->size() > platform_inline_bytes_max ? pool_ : nullptr;
  auto running = run_on_pool(pool, std::move(work));
  auto found = co_await std::move(running);
  if (!found) {
    co_return platform_problem(request, "bad_content", found.error());
  }
  if (*found && !knowledge_.has_evidence((*found)->digest, subject)) {
    FoundEvidence evidence = std::move(**found);
    co_await sink_.evidence_found(std::move(evidence));
  }
  co_return std::nullopt;
}

}  // namespace scanclock
