#pragma once

#include "core/net/sigv4.hpp"
#include "core/registry/ecr_answers.hpp"
#include "core/registry/platform_api.hpp"
#include "core/registry/platform_transport.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace scanclock {

/// Amazon refuses more.
inline constexpr int ecr_page_size = 1000;
inline constexpr std::size_t ecr_findings_pages_max = 200;
/// Where a scan goes on all the time and its last end is not told, its findings are read this
/// often.
inline constexpr Duration ecr_active_every = std::chrono::hours(1);

/// Amazon ECR's API, version 2015-09-21 (AWS JSON 1.1, Signature Version 4): one request for 1000
/// images, and one for each image whose scan has changed.
class EcrApi final : public PlatformApi {
 public:
  /// `registry` gives name, host and limits. Throws std::invalid_argument for a bad URL.
  EcrApi(const RegistryOptions& registry, PlatformOptions options, Clock& clock, HttpClient& http,
         RegistrySink& sink, const RegistryKnowledge& knowledge, BlockingPool* pool);

  asio::awaitable<PlatformAnswer> ask(std::string repository, std::vector<Digest> subjects,
                                      bool fresh) override;

  /// GetAuthorizationToken: a password for user `AWS` of the registry itself, good for 12 h.
  asio::awaitable<Result<EcrLogin, RegistryProblem>> get_login();

 private:
  struct Seen {
    std::string scan_state;
    Duration read_at{0};
  };
  struct Remembered {
    std::unordered_map<Digest, Seen> seen;
    std::unordered_set<Digest> pushed;
  };
  using Images = std::unordered_map<Digest, EcrImage>;

  asio::awaitable<std::optional<RegistryProblem>> list(std::string repository, Images& into);
  asio::awaitable<std::optional<RegistryProblem>> read_findings(RepositoryKey key, Digest subject);
  /// What every request for a page of a repository says; an empty token asks for the first.
  nlohmann::json page_request(const std::string& repository, const std::string& token) const;
  bool is_unchanged(const Seen& seen, const EcrImage& image) const;
  /// An answer with status 200, or why there is none.
  asio::awaitable<Result<HttpResponse, RegistryProblem>> call(std::string operation,
                                                              std::string body);
  asio::awaitable<Result<AwsSigner, RegistryProblem>> make_signer();

  std::string host_;
  PlatformOptions options_;
  Clock& clock_;
  RegistrySink& sink_;
  const RegistryKnowledge& knowledge_;
  BlockingPool* pool_;
  PlatformTransport transport_;
  std::unordered_map<std::string, Remembered> remembered_;
};

}  // namespace scanclock
