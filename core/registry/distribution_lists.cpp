// The half of the client that reads lists page by page.
#include "core/registry/bounded_json.hpp"
#include "core/registry/distribution_client.hpp"
#include "core/registry/link_header.hpp"
#include "core/registry/media_types.hpp"

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

/// The subject or repository is unknown, which says nothing about the API.
bool says_name_unknown(const HttpResponse& response) {
  return response.status == 404 && response.body.find("NAME_UNKNOWN") != std::string::npos;
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

asio::awaitable<Result<std::size_t, RegistryProblem>> DistributionClient::walk_pages(
    RegistryRequest request, TakePage take) {
  auto response = co_await send_ok(request);
  if (!response) {
    co_return response.error();
  }
  co_return co_await walk_further(std::move(request), std::move(*response), std::move(take));
}

asio::awaitable<Result<std::size_t, RegistryProblem>> DistributionClient::walk_further(
    RegistryRequest request, HttpResponse first, TakePage take) {
  HttpResponse page = std::move(first);
  std::unordered_set<std::string> visited{request.url.target};
  for (std::size_t pages = 1;; ++pages) {
    const std::string defect = take(page);
    if (!defect.empty()) {
      co_return list_problem(request, "bad_content", defect);
    }
    const std::optional<std::string> link = next_link(page.headers);
    if (!link) {
      co_return pages;
    }
    const std::optional<Url> next = resolve_url(request.url, *link);
    if (!next || next->origin() != transport_.registry().origin()) {
      co_return list_problem(request, "bad_content", "the next page is on another server");
    }
    if (pages >= list_pages_max || !visited.insert(next->target).second) {
      co_return list_problem(request, "too_many_pages",
                             "the list did not end after " + std::to_string(pages) + " pages");
    }
    request.url = *next;
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
      request_for("GET", path + "?n=" + std::to_string(list_page_size), std::move(scope));
  request.accept = "application/json";
  const auto pages = co_await walk_pages(std::move(request), std::move(take));
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
  // 400 is how Quay answers for an unknown subject although it has the API.
  if (response.status == 400 || says_name_unknown(response)) {
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
  RegistryRequest request = request_for("GET", "/v2/" + repository + "/referrers/" + digest.str(),
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
  const auto pages =
      co_await walk_further(std::move(request), std::move(*response), std::move(take));
  if (!pages) {
    co_return pages.error();
  }
  co_return std::move(answer);
}

}  // namespace scanclock
