// The half of the client that reads lists page by page.
#include "core/registry/bounded_json.hpp"
#include "core/registry/distribution_client.hpp"
#include "core/registry/link_header.hpp"
#include "core/registry/media_types.hpp"
#include "core/registry/origin_guard.hpp"

#include <nlohmann/json.hpp>

#include <unordered_set>
#include <utility>

namespace scanclock {
namespace {

RegistryProblem list_problem(const RegistryRequest& request, std::string reason,
                             std::string cause) {
  RegistryProblem problem;
  problem.retryable = false;
  problem.reason = std::move(reason);
  problem.message = describe(request) + ": " + std::move(cause);
  return problem;
}

/// Appends the texts of the page's array; the array may be null.
std::string take_texts(const std::string& body, const std::string& field,
                       std::vector<std::string>& into) {
  nlohmann::json page;
  std::string defect = parse_registry_object(body, page);
  if (!defect.empty()) {
    return defect;
  }
  const auto array = page.find(field);
  if (array == page.end() || !(array->is_array() || array->is_null())) {
    return "no list named " + field;
  }
  for (const auto& item : *array) {
    if (!item.is_string()) {
      return "the list named " + field + " holds something that is no text";
    }
    into.push_back(item.get<std::string>());
  }
  return std::string();
}

bool is_oci_index(const HttpResponse& response) {
  return bare_media_type(response.header("Content-Type").value_or(std::string_view())) ==
         oci_index_type;
}

/// The subject or repository is unknown, which says nothing about the API: Quay answers so for an
/// unknown subject although it has the API.
bool says_subject_unknown(const HttpResponse& response) {
  if (response.status == 400) {
    return true;
  }
  return response.status > 400 && response.status < 500 &&
         (response.body.find("NAME_UNKNOWN") != std::string::npos ||
          response.body.find("MANIFEST_INVALID") != std::string::npos ||
          response.body.find("MANIFEST_UNKNOWN") != std::string::npos);
}

/// Something in the query is wrong, and there is only the page size in it.
bool refuses_page_size(const HttpResponse& response) {
  return response.status == 400 || response.status == 422;
}

std::string take_referrers(const HttpResponse& response, std::vector<ContentDescriptor>& into) {
  if (response.status != 200 || !is_oci_index(response)) {
    return "a later page is no OCI index";
  }
  auto entries = parse_referrers(response.body);
  if (!entries) {
    return entries.error();
  }
  into.insert(into.end(), std::make_move_iterator(entries->begin()),
              std::make_move_iterator(entries->end()));
  return std::string();
}

}  // namespace

asio::awaitable<Result<std::size_t, RegistryProblem>> DistributionClient::walk_further(
    RegistryRequest request, HttpResponse first, std::size_t bytes_max, TakePage take) {
  HttpResponse page = std::move(first);
  std::unordered_set<std::string> visited{request.url.target};
  std::size_t bytes = 0;
  for (std::size_t pages = 1;; ++pages) {
    bytes += page.body.size();
    if (bytes > bytes_max) {
      co_return list_problem(
          request, "too_large",
          "the pages of the list have more than " + std::to_string(bytes_max) + " bytes");
    }
    const std::string defect = take(page);
    if (!defect.empty()) {
      co_return list_problem(request, "bad_content", defect);
    }
    const std::optional<std::string> link = next_link(page.headers);
    if (!link) {
      co_return pages;
    }
    const UrlVerdict next = judge_url(UrlUse::next_page, transport_.registry(), request.url, *link);
    if (!next.url) {
      co_return list_problem(request, "bad_content",
                             "the link to the next page is refused: " + next.refusal);
    }
    if (pages >= list_pages_max || !visited.insert(next.url->target).second) {
      co_return list_problem(request, "too_many_pages",
                             "the list did not end after " + std::to_string(pages) + " pages");
    }
    request.url = *next.url;
    auto response = co_await send_ok(request);
    if (!response) {
      co_return response.error();
    }
    page = std::move(*response);
  }
}

DistributionClient::Outcome<std::vector<std::string>> DistributionClient::list(std::string path,
                                                                               std::string scope,
                                                                               std::string field) {
  std::vector<std::string> texts;
  TakePage take = [&texts, &field](const HttpResponse& page) {
    return take_texts(page.body, field, texts);
  };
  RegistryRequest request =
      request_for(RequestKind::list, "GET", std::move(path), std::move(scope));
  request.accept = "application/json";
  const std::string bare_target = request.url.target;
  if (!page_size_refused_) {
    request.url.target += "?n=" + std::to_string(list_page_size);
  }
  auto first = co_await transport_.send(request);
  if (first && !page_size_refused_ && refuses_page_size(*first)) {
    // Some are set to hand out less at once, and say so instead of doing it.
    request.url.target = bare_target;
    first = co_await transport_.send(request);
    page_size_refused_ = first && first->status == 200;
  }
  first = require_ok(request, std::move(first));
  if (!first) {
    co_return first.error();
  }
  const auto pages =
      co_await walk_further(std::move(request), std::move(*first), list_bytes_max, std::move(take));
  if (!pages) {
    co_return pages.error();
  }
  co_return std::move(texts);
}

DistributionClient::Outcome<std::vector<std::string>> DistributionClient::list_tags(
    std::string repository) {
  co_return co_await list("/v2/" + repository + "/tags/list", pull_scope(repository), "tags");
}

DistributionClient::Outcome<std::vector<std::string>> DistributionClient::catalog() {
  co_return co_await list("/v2/_catalog", catalog_scope, "repositories");
}

Result<ReferrersAnswer, RegistryProblem> DistributionClient::without_index(
    const RegistryRequest& request, const std::string& repository, const HttpResponse& response) {
  if (says_subject_unknown(response)) {
    return ReferrersAnswer();
  }
  const Duration now = clock_.monotonic();
  const auto supported = supported_until_.find(repository);
  if (supported != supported_until_.end() && now < supported->second) {
    RegistryProblem problem =
        list_problem(request, "bad_content",
                     "no OCI index (status " + std::to_string(response.status) +
                         ") from a referrers API that answered before");
    problem.retryable = true;
    return problem;
  }
  unsupported_until_[repository] = now + referrers_probe_every_;
  return ReferrersAnswer();
}

DistributionClient::Outcome<ReferrersAnswer> DistributionClient::referrers(std::string repository,
                                                                           Digest digest) {
  ReferrersAnswer answer;
  const auto known = unsupported_until_.find(repository);
  if (known != unsupported_until_.end() && clock_.monotonic() < known->second) {
    co_return std::move(answer);
  }
  RegistryRequest request =
      request_for(RequestKind::referrers, "GET", "/v2/" + repository + "/referrers/" + digest.str(),
                  pull_scope(repository));
  request.accept = oci_index_type;
  auto response = co_await transport_.send(request);
  if (!response) {
    co_return response.error();
  }
  const int status = response->status;
  if (status == 401 || status == 403 || status == 408) {
    co_return problem_of_status(request, status);
  }
  if (status != 200 || !is_oci_index(*response)) {
    co_return without_index(request, repository, *response);
  }
  unsupported_until_.erase(repository);
  supported_until_[repository] = clock_.monotonic() + referrers_support_kept;
  answer.supported = true;
  TakePage take = [&answer](const HttpResponse& page) {
    return take_referrers(page, answer.manifests);
  };
  const auto pages = co_await walk_further(std::move(request), std::move(*response),
                                           referrers_bytes_max, std::move(take));
  if (!pages) {
    co_return pages.error();
  }
  co_return std::move(answer);
}

}  // namespace scanclock
