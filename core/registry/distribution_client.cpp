#include "core/registry/distribution_client.hpp"

#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

/// Hashing more than this takes longer than a step of the I/O thread may.
constexpr std::size_t hash_inline_bytes_max = std::size_t{1} << 20;

RegistryProblem bad_answer(const RegistryRequest& request, std::string reason, std::string cause) {
  RegistryProblem problem;
  problem.retryable = reason == "digest_mismatch";
  problem.reason = std::move(reason);
  problem.message = describe(request) + ": " + std::move(cause);
  return problem;
}

std::optional<Digest> named_digest(const HttpResponse& response) {
  const auto header = response.header("Docker-Content-Digest");
  return header ? Digest::parse(*header) : std::nullopt;
}

std::string content_type(const HttpResponse& response) {
  return bare_media_type(response.header("Content-Type").value_or(std::string_view()));
}

bool looks_like_json(const std::string& body) {
  const auto first = body.find_first_not_of(" \t\r\n");
  return first != std::string::npos && body[first] == '{';
}

std::string manifest_path(const std::string& repository, const std::string& reference) {
  return "/v2/" + repository + "/manifests/" + reference;
}

}  // namespace

DistributionClient::DistributionClient(const RegistryOptions& options, Clock& clock,
                                       HttpClient& http, RequestObserver observer,
                                       BlockingPool* pool)
    : clock_(clock),
      pool_(pool),
      referrers_probe_every_(options.referrers_probe_every),
      request_timeout_(options.request_timeout),
      blob_timeout_(options.blob_timeout),
      transport_(options, clock, http, std::move(observer), pool) {}

RegistryRequest DistributionClient::request_for(RequestKind kind, std::string method,
                                                std::string path, std::string scope) const {
  RegistryRequest request;
  request.kind = kind;
  request.method = std::move(method);
  request.url = transport_.registry();
  request.url.target = std::move(path);
  request.scope = std::move(scope);
  request.body_bytes_max = manifest_bytes_max;
  request.timeout = request_timeout_;
  return request;
}

Result<HttpResponse, RegistryProblem> DistributionClient::require_ok(
    const RegistryRequest& request, Result<HttpResponse, RegistryProblem> response) {
  if (response && response->status != 200) {
    return problem_of_status(request, response->status);
  }
  if (response && content_type(*response) == "text/html") {
    return bad_answer(request, "bad_content", "answered with HTML");
  }
  return response;
}

asio::awaitable<Result<HttpResponse, RegistryProblem>> DistributionClient::send_ok(
    RegistryRequest request) {
  auto response = co_await transport_.send(request);
  co_return require_ok(request, std::move(response));
}

asio::awaitable<bool> DistributionClient::matches(Digest digest, const std::string& bytes) {
  if (pool_ == nullptr || bytes.size() <= hash_inline_bytes_max) {
    co_return digest_matches(digest, bytes);
  }
  // A copy, because the work goes on when the caller is cancelled.
  auto work = [digest, copy = bytes] { return digest_matches(digest, copy); };
  bool is_busy = false;
  try {
    co_return co_await pool_->run(std::move(work));
  } catch (const PoolBusyError&) {
    is_busy = true;
  }
  co_return is_busy&& digest_matches(digest, bytes);
}

DistributionClient::Outcome<Digest> DistributionClient::head_manifest(std::string repository,
                                                                      std::string reference) {
  RegistryRequest request = request_for(
      RequestKind::head, "HEAD", manifest_path(repository, reference), pull_scope(repository));
  request.accept = manifest_accept;
  const auto response = co_await transport_.send(request);
  if (!response) {
    co_return response.error();
  }
  const int status = response->status;
  if (status == 200) {
    const auto digest = named_digest(*response);
    const auto asked = Digest::parse(reference);
    if (digest && (!asked || *asked == *digest) &&
        !disproved_heads_.contains(repository + "@" + digest->str())) {
      co_return *digest;
    }
  } else if (status == 401 || status == 403) {
    co_return problem_of_status(request, status);
  }
  const auto manifest = co_await get_manifest(std::move(repository), std::move(reference));
  if (!manifest) {
    co_return manifest.error();
  }
  co_return manifest->digest;
}

void DistributionClient::disprove_head(const std::string& repository, const Digest& digest) {
  if (disproved_heads_.size() >= disproved_heads_max) {
    disproved_heads_.clear();
  }
  disproved_heads_.insert(repository + "@" + digest.str());
}

DistributionClient::Outcome<FetchedManifest> DistributionClient::get_manifest(
    std::string repository, std::string reference) {
  RegistryRequest request = request_for(
      RequestKind::other, "GET", manifest_path(repository, reference), pull_scope(repository));
  request.accept = manifest_accept;
  request.follows_redirects = true;
  auto response = co_await send_ok(request);
  if (!response) {
    co_return response.error();
  }
  FetchedManifest manifest;
  manifest.media_type = content_type(*response);
  manifest.named = named_digest(*response);
  manifest.bytes = std::move(response->body);
  const std::optional<Digest> asked = Digest::parse(reference);
  if (asked) {
    if (!digest_matches(*asked, manifest.bytes)) {
      co_return bad_answer(request, "digest_mismatch",
                           "the body is not what its digest says (" +
                               std::to_string(manifest.bytes.size()) + " bytes)");
    }
    manifest.digest = *asked;
  } else {
    if (!looks_like_json(manifest.bytes)) {
      co_return bad_answer(request, "bad_content", "the body is no manifest");
    }
    manifest.digest = sha256(manifest.bytes);
  }
  co_return std::move(manifest);
}

DistributionClient::Outcome<FetchedBlob> DistributionClient::get_blob(std::string repository,
                                                                      Digest digest,
                                                                      std::size_t bytes_max) {
  RegistryRequest request =
      request_for(RequestKind::other, "GET", "/v2/" + repository + "/blobs/" + digest.str(),
                  pull_scope(repository));
  request.body_bytes_max = bytes_max;
  request.timeout = blob_timeout_;
  request.follows_redirects = true;
  auto response = co_await transport_.send(request);
  if (!response) {
    co_return response.error();
  }
  if (response->status != 200) {
    co_return problem_of_status(request, response->status);
  }
  FetchedBlob blob;
  blob.bytes = std::move(response->body);
  const bool is_right = co_await matches(digest, blob.bytes);
  if (!is_right) {
    co_return bad_answer(
        request, "digest_mismatch",
        "the body is not what its digest says (" + std::to_string(blob.bytes.size()) + " bytes)");
  }
  co_return std::move(blob);
}

}  // namespace scanclock
