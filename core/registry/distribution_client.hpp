#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/domain/result.hpp"
#include "core/registry/manifest_parser.hpp"
#include "core/registry/registry_transport.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace scanclock {

/// Pages of one list. At a page size of 50, the smallest seen, it makes 50 000 tags.
inline constexpr std::size_t list_pages_max = 1000;
/// Asked for; Amazon's registry refuses more.
inline constexpr std::size_t list_page_size = 1000;
/// All pages of one list together: a list that never ends must not fill the memory.
inline constexpr std::size_t list_bytes_max = std::size_t{64} << 20;
inline constexpr std::size_t referrers_bytes_max = std::size_t{16} << 20;
/// Digests of HEAD answers that are remembered as wrong.
inline constexpr std::size_t disproved_heads_max = 10'000;

/// A login page or a broken proxy looks like a missing referrers API. Where the API answered within
/// this time, such an answer is a failure instead.
inline constexpr Duration referrers_support_kept = std::chrono::hours(24);

struct FetchedManifest {
  FetchedManifest() = default;
  /// The bytes hash to it.
  Digest digest;
  /// The answer's header Docker-Content-Digest; nothing where it has none that can be read.
  std::optional<Digest> named;
  std::string media_type;
  std::string bytes;
};

struct FetchedBlob {
  FetchedBlob() = default;
  std::string bytes;
};

struct ReferrersAnswer {
  ReferrersAnswer() = default;
  /// False: this repository has no referrers API now, which proves nothing about evidence.
  bool supported = false;
  std::vector<ContentDescriptor> manifests;
};

/// A client of the OCI distribution API of one registry (distribution-spec 1.1): reads only. Every
/// body is checked against the digest it was asked by. I/O thread only.
class DistributionClient {
 public:
  template <class Value>
  using Outcome = asio::awaitable<Result<Value, RegistryProblem>>;

  /// Hashes large bodies on `pool` where there is one.
  DistributionClient(const RegistryOptions& options, Clock& clock, HttpClient& http,
                     RequestObserver observer, BlockingPool* pool);

  /// What a tag or digest points at now. HEAD, or GET where the registry answers HEAD badly.
  Outcome<Digest> head_manifest(std::string repository, std::string reference);

  /// No manifest of the repository has this digest, which a HEAD gave: the next HEAD that gives it
  /// is followed by a GET.
  void disprove_head(const std::string& repository, const Digest& digest);

  /// By tag, the digest is the hash of what came; by digest, the hash must equal it.
  Outcome<FetchedManifest> get_manifest(std::string repository, std::string reference);

  Outcome<FetchedBlob> get_blob(std::string repository, Digest digest, std::size_t bytes_max);

  /// Complete or a problem.
  Outcome<std::vector<std::string>> list_tags(std::string repository);
  Outcome<std::vector<std::string>> catalog();

  /// All pages. Only an OCI index counts as an answer of the API; anything else means that there is
  /// none, for as long as the settings say, or is a failure where there was one lately.
  Outcome<ReferrersAnswer> referrers(std::string repository, Digest digest);

  const RegistryTransport& transport() const { return transport_; }

 private:
  using TakePage = std::function<std::string(const HttpResponse&)>;

  RegistryRequest request_for(RequestKind kind, std::string method, std::string path,
                              std::string scope) const;
  asio::awaitable<Result<HttpResponse, RegistryProblem>> send_ok(RegistryRequest request);
  /// The answer when it is a 200 that is no web page.
  static Result<HttpResponse, RegistryProblem> require_ok(
      const RegistryRequest& request, Result<HttpResponse, RegistryProblem> response);
  /// Follows rel="next" and hands every page to `take`, which returns what is wrong with it.
  asio::awaitable<Result<std::size_t, RegistryProblem>> walk_further(RegistryRequest request,
                                                                     HttpResponse first,
                                                                     std::size_t bytes_max,
                                                                     TakePage take);
  Outcome<std::vector<std::string>> list(std::string path, std::string scope, std::string field);
  asio::awaitable<bool> matches(Digest digest, const std::string& bytes);
  /// What an answer that is no OCI index means.
  Result<ReferrersAnswer, RegistryProblem> without_index(const RegistryRequest& request,
                                                         const std::string& repository,
                                                         const HttpResponse& response);

  Clock& clock_;
  BlockingPool* pool_;
  Duration referrers_probe_every_;
  Duration request_timeout_;
  Duration blob_timeout_;
  RegistryTransport transport_;
  /// The registry refused the page size that we ask for.
  bool page_size_refused_ = false;
  /// `repository@digest`.
  std::unordered_set<std::string> disproved_heads_;
  /// Repositories without a referrers API, and until when that is believed.
  std::unordered_map<std::string, Duration> unsupported_until_;
  /// Repositories whose referrers API answered, and until when that is held against an answer that
  /// says otherwise.
  std::unordered_map<std::string, Duration> supported_until_;
};

}  // namespace scanclock
