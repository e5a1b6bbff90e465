#pragma once

#include "core/registry/credential_reader.hpp"
#include "core/registry/platform_api.hpp"
#include "core/registry/platform_transport.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace scanclock {

/// Quay's manifest security API (quay/quay endpoints/api/secscan.py): one request for each image
/// and cycle. Its answers carry no time, so they are kept and shown, and move no clock.
class QuayApi final : public PlatformApi {
 public:
  /// `registry` gives name, host and limits. Throws std::invalid_argument for a bad URL.
  QuayApi(const RegistryOptions& registry, PlatformOptions options, Clock& clock, HttpClient& http,
          RegistrySink& sink, const RegistryKnowledge& knowledge, BlockingPool* pool);

  asio::awaitable<PlatformAnswer> ask(std::string repository, std::vector<Digest> subjects,
                                      bool fresh) override;

 private:
  asio::awaitable<std::optional<RegistryProblem>> ask_about(RepositoryKey key,
                                                            std::string authorization,
                                                            Digest subject);
  bool was_asked(const std::string& repository, const Digest& subject) const;

  std::string host_;
  Clock& clock_;
  RegistrySink& sink_;
  const RegistryKnowledge& knowledge_;
  BlockingPool* pool_;
  Duration every_;
  PlatformTransport transport_;
  CredentialReader credentials_;
  /// When the API last answered about a subject, by repository.
  std::unordered_map<std::string, std::unordered_map<Digest, Duration>> asked_at_;
};

}  // namespace scanclock
