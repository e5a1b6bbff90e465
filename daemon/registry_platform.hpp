#pragma once

#include "config/settings.hpp"
#include "core/net/http_client.hpp"
#include "core/registry/ecr_password.hpp"
#include "core/registry/platform_api.hpp"
#include "core/registry/platform_join.hpp"
#include "core/registry/platform_poller.hpp"

#include <memory>
#include <string>

namespace scanclock {

/// The product API of one registry of the settings as a source beside its distribution API. I/O
/// thread only.
class RegistryPlatform {
 public:
  struct Surroundings {
    Clock& clock;
    BlockingPool& pool;
    std::shared_ptr<DnsResolver> resolver;
    RegistrySink& sink;
    const RegistryKnowledge& knowledge;
  };

  /// `settings.api` is set; `options` are those of the registry. Throws std::runtime_error when a
  /// file cannot be used.
  RegistryPlatform(Surroundings surroundings, const RegistrySettings& settings,
                   const RegistryOptions& options);

  /// What the registry's poller reports to, so that an image has been asked about only when both
  /// have answered.
  RegistrySink& sink() { return join_; }

  /// The login that the API makes for the registry itself: ECR, where the settings give no other.
  bool makes_login() const { return password_ != nullptr; }
  RegistryCredentials login() const;

  /// Watches until cancelled.
  asio::awaitable<void> run();
  /// Keeps the login fresh until cancelled; ends at once where there is none to keep.
  asio::awaitable<void> keep_login();
  /// Returns once the first login was made or refused. For one caller.
  asio::awaitable<void> await_login();

  asio::awaitable<void> refresh(std::string repository);
  /// Something happened in the repository: it is asked about soon.
  void hasten(const std::string& repository) { poller_->hasten(repository); }

 private:
  Clock& clock_;
  std::unique_ptr<HttpClient> http_;
  PlatformJoin join_;
  std::unique_ptr<PlatformApi> api_;
  /// The same object as api_, where it is one.
  EcrApi* ecr_ = nullptr;
  std::shared_ptr<EcrPassword> password_;
  WakeUp login_made_;
  std::unique_ptr<PlatformPoller> poller_;
};

}  // namespace scanclock
