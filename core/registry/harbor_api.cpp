#include "core/registry/harbor_api.hpp"

#include "core/registry/evidence_candidates.hpp"
#include "core/registry/link_header.hpp"
#include "core/registry/platform_record.hpp"

#include <charconv>
#include <memory>
#include <optional>
#include <utility>

namespace scanclock {
namespace {

std::optional<std::size_t> total_count(const HttpResponse& response) {
  const auto header = response.header("X-Total-Count");
  std::size_t count = 0;
  if (!header ||
      std::from_chars(header->data(), header->data() + header->size(), count).ec != std::errc()) {
    return std::nullopt;
  }
  return count;
}

/// A harbor of one page, or an old one behind a proxy that drops Link headers.
std::string page_target(const std::string& path, std::size_t page) {
  return path + "?with_tag=true&with_scan_overview=true&page=" + std::to_string(page) +
         "&page_size=" + std::to_string(harbor_page_size);
}

}  // namespace

HarborApi::HarborApi(const RegistryOptions& registry, PlatformOptions options, Clock& clock,
                     HttpClient& http, RegistrySink& sink, const RegistryKnowledge& knowledge,
                     BlockingPool* pool)
    : host_(registry.host),
      sink_(sink),
      knowledge_(knowledge),
      pool_(pool),
      transport_(registry, options.url, clock, http, observer_of(sink, registry.name)),
      credentials_(options.credentials, registry.host, pool) {}

asio::awaitable<PlatformAnswer> HarborApi::ask(std::string repository, std::vector<Digest> subjects,
                                               bool) {
  Asking asking;
  asking.key.registry = transport_.name();
  asking.key.repository = repository;
  const auto parts = harbor_path_parts(repository);
  if (!parts) {
    RegistryProblem problem;
    problem.reason = "not_found";
    problem.retryable = false;
    problem.message = "repository " + repository + " is in no project, so harbor cannot have it";
    asking.answer.problem = std::move(problem);
    co_return std::move(asking.answer);
  }
  asking.path =
      "/api/v2.0/projects/" + parts->first + "/repositories/" + parts->second + "/artifacts";
  co_await log_in(asking);
  if (!asking.answer.problem) {
    co_await list(asking);
  }
  if (asking.answer.problem) {
    co_return std::move(asking.answer);
  }
  Remembered& remembered = remembered_[repository];
  std::unordered_map<Digest, std::size_t> states;
  for (const Digest& subject : subjects) {
    const auto listed = asking.listed.find(subject);
    if (listed != asking.listed.end()) {
      auto problem = co_await take(asking, listed->second);
      if (problem) {
        asking.answer.failed.emplace(subject, std::move(*problem));
      }
      continue;
    }
    const auto state = asking.states.find(subject);
    const auto before = remembered.states.find(subject);
    const bool is_unchanged = state != asking.states.end() && before != remembered.states.end() &&
                              before->second == state->second;
    if (!is_unchanged) {
      co_await read_one(asking, subject);
    }
    if (state != asking.states.end() && !asking.answer.failed.contains(subject)) {
      states.emplace(subject, state->second);
    }
  }
  remembered.states = std::move(states);
  std::erase_if(remembered.pushed, [&](const Digest& digest) {
    return !asking.listed.contains(digest) && !asking.states.contains(digest);
  });
  co_return std::move(asking.answer);
}

asio::awaitable<void> HarborApi::log_in(Asking& asking) {
  const auto logins = co_await credentials_.read();
  if (!logins) {
    RegistryProblem problem;
    problem.reason = "unauthorized";
    problem.message = logins.error();
    asking.answer.problem = std::move(problem);
    co_return;
  }
  asking.authorization = platform_authorization(logins->of(asking.key.repository));
}

HttpRequest HarborApi::request_for(const Asking& asking, const std::string& target) const {
  HttpRequest request;
  request.url = transport_.url_of(target);
  request.body_bytes_max = platform_page_bytes_max;
  request.headers.emplace_back("Accept", "application/json");
  request.headers.emplace_back("X-Accept-Vulnerabilities", harbor_vulnerability_types);
  if (!asking.authorization.empty()) {
    request.headers.emplace_back("Authorization", asking.authorization);
  }
  return request;
}

asio::awaitable<void> HarborApi::list(Asking& asking) {
  std::size_t received = 0;
  std::string target = page_target(asking.path, 1);
  std::unordered_set<std::string> visited;
  for (std::size_t page = 1;; ++page) {
    HttpRequest request = request_for(asking, target);
    if (page > platform_pages_max || !visited.insert(target).second) {
      asking.answer.problem = platform_problem(request, "too_many_pages", "the list does not end");
      co_return;
    }
    auto response = co_await transport_.send(request);
    if (!response || response->status != 200) {
      asking.answer.problem =
          response ? platform_status_problem(request, response->status) : response.error();
      co_return;
    }
    auto bytes = std::make_shared<const std::string>(std::move(response->body));
    auto work = [bytes, host = host_, key = asking.key] {
      return parse_harbor_artifacts(*bytes, host, key);
    };
    BlockingPool* const pool = bytes->size() > platform_inline_bytes_max ? pool_ : nullptr;
    auto running = run_on_pool(pool, std::move(work));
    auto artifacts = co_await std::move(running);
    if (!artifacts) {
      asking.answer.problem = platform_problem(request, "bad_content", artifacts.error());
      co_return;
    }
    const std::size_t count = artifacts->size();
    received += count;
    for (HarborArtifact& artifact : *artifacts) {
      for (const Digest& child : artifact.children) {
        // Order does not matter to a sum.
        asking.states[child] += artifact.scan_state | 1;
      }
      const Digest digest = artifact.digest;
      if (artifact.record && knowledge_.has_evidence(artifact.record->digest, digest)) {
        artifact.record.reset();
      }
      asking.listed.emplace(digest, std::move(artifact));
    }
    const auto total = total_count(*response);
    const std::optional<std::string> link = next_link(response->headers);
    if (link) {
      const auto next = parse_url(request.url);
      const auto resolved = next ? resolve_url(*next, *link) : std::nullopt;
      if (!resolved || resolved->origin() != transport_.origin().origin()) {
        asking.answer.problem =
            platform_problem(request, "bad_content", "the next page is on another server");
        co_return;
      }
      target = resolved->target;
    } else if (total && received < *total && count > 0) {
      target = page_target(asking.path, page + 1);
    } else {
      co_return;
    }
  }
}

/// An image that lists leave out: one under an index, or one that was pushed while they were read.
asio::awaitable<void> HarborApi::read_one(Asking& asking, Digest subject) {
  HttpRequest request = request_for(
      asking, asking.path + "/" + subject.str() + "?with_tag=true&with_scan_overview=true");
  auto response = co_await transport_.send(request);
  if (!response) {
    asking.answer.failed.emplace(subject, response.error());
    co_return;
  }
  if (response->status == 404) {
    // Harbor does not have it, so it has no scan of it either.
    co_return;
  }
  if (response->status != 200) {
    asking.answer.failed.emplace(subject, platform_status_problem(request, response->status));
    co_return;
  }
  auto artifact = parse_harbor_artifact(response->body, host_, asking.key);
  if (!artifact || artifact->digest != subject) {
    asking.answer.failed.emplace(
        subject, platform_problem(request, "bad_content",
                                  artifact ? "is another artifact" : artifact.error()));
    co_return;
  }
  auto problem = co_await take(asking, *artifact);
  if (problem) {
    asking.answer.failed.emplace(subject, std::move(*problem));
  }
}

asio::awaitable<std::optional<RegistryProblem>> HarborApi::take(Asking& asking,
                                                                HarborArtifact& artifact) {
  const Digest digest = artifact.digest;
  if (artifact.pushed_at && remembered_[asking.key.repository].pushed.insert(digest).second) {
    sink_.image_pushed(asking.key, digest, *artifact.pushed_at, EntryBasis::platform_api);
  }
  if (!artifact.record || knowledge_.has_evidence(artifact.record->digest, digest)) {
    co_return std::nullopt;
  }
  if (artifact.has_findings) {
    // Before the record, which stands for both: a report that could not be had is asked for again.
    auto problem = co_await take_report(asking, digest);
    if (problem) {
      co_return std::move(problem);
    }
  }
  FoundEvidence found = std::move(*artifact.record);
  co_await sink_.evidence_found(std::move(found));
  co_return std::nullopt;
}

/// The findings one by one, which the overview only counts.
asio::awaitable<std::optional<RegistryProblem>> HarborApi::take_report(Asking& asking,
                                                                       Digest subject) {
  HttpRequest request =
      request_for(asking, asking.path + "/" + subject.str() + "/additions/vulnerabilities");
  request.body_bytes_max = evidence_bytes_max;
  auto response = co_await transport_.send(request);
  if (!response) {
    // The scan itself counts without its findings, however large they are.
    if (response.error().reason == "too_large") {
      co_return std::nullopt;
    }
    co_return response.error();
  }
  if (response->status != 200 || !is_harbor_report(response->body)) {
    // Reports may have been cleaned up, or be forbidden to a robot that may list artifacts.
    co_return std::nullopt;
  }
  FoundEvidence found =
      platform_evidence(asking.key, subject, std::move(response->body), "application/json");
  co_await sink_.evidence_found(std::move(found));
  co_return std::nullopt;
}

}  // namespace scanclock
