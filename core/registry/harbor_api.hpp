#pragma once

#include "core/registry/credential_reader.hpp"
#include "core/registry/harbor_artifacts.hpp"
#include "core/registry/platform_api.hpp"
#include "core/registry/platform_transport.hpp"

#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace scanclock {

inline constexpr int harbor_page_size = 100;

/// Harbor's API, version 2.0. An unchanged repository costs one request for 100 artifacts: the
/// images under an index, which lists leave out, are read one by one, and only after something
/// about the scans of the index has changed.
class HarborApi final : public PlatformApi {
 public:
  /// `registry` gives name, host and limits. Throws std::invalid_argument for a bad URL.
  HarborApi(const RegistryOptions& registry, PlatformOptions options, Clock& clock,
            HttpClient& http, RegistrySink& sink, const RegistryKnowledge& knowledge,
            BlockingPool* pool);

  asio::awaitable<PlatformAnswer> ask(std::string repository, std::vector<Digest> subjects,
                                      bool fresh) override;

 private:
  /// One question about one repository.
  struct Asking {
    RepositoryKey key;
    std::string path;
    std::string authorization;
    std::unordered_map<Digest, HarborArtifact> listed;
    /// Of each image under a listed index: what its indexes say about scans.
    std::unordered_map<Digest, std::size_t> states;
    PlatformAnswer answer;
  };
  struct Remembered {
    /// Of images under an index, as it was when they were read last.
    std::unordered_map<Digest, std::size_t> states;
    /// Their push time was handed on.
    std::unordered_set<Digest> pushed;
  };

  asio::awaitable<void> log_in(Asking& asking);
  asio::awaitable<void> list(Asking& asking);
  asio::awaitable<void> read_one(Asking& asking, Digest subject);
  asio::awaitable<std::optional<RegistryProblem>> take(Asking& asking, HarborArtifact& artifact);
  asio::awaitable<std::optional<RegistryProblem>> take_report(Asking& asking, Digest subject);
  HttpRequest request_for(const Asking& asking, const std::string& target) const;

  std::string host_;
  RegistrySink& sink_;
  const RegistryKnowledge& knowledge_;
  BlockingPool* pool_;
  PlatformTransport transport_;
  CredentialReader credentials_;
  std::unordered_map<std::string, Remembered> remembered_;
};

}  // namespace scanclock
