#include "daemon/registry_platform.hpp"

#include "core/registry/harbor_api.hpp"
#include "core/registry/quay_api.hpp"
#include "daemon/registry_credentials.hpp"
#include "daemon/secret_reader.hpp"

#include <utility>

namespace scanclock {
namespace {

PlatformOptions platform_options(const RegistrySettings& settings) {
  const RegistryApiSettings& api = *settings.api;
  PlatformOptions options;
  options.url = api.url;
  options.credentials = registry_credentials(api.credentials);
  options.ecr.access_key_id = api.access_key_id;
  options.ecr.secret_access_key = secret_reader(api.secret_access_key);
  options.ecr.session_token = secret_reader(api.session_token);
  options.region = api.region;
  options.account = api.account;
  options.every = api.every;
  return options;
}

bool has_login(const RegistryCredentialSettings& credentials) {
  return !credentials.username.empty() || !credentials.token.empty() ||
         !credentials.docker_config_file.empty() || !credentials.credential_helper.empty();
}

}  // namespace

RegistryPlatform::RegistryPlatform(Surroundings surroundings, const RegistrySettings& settings,
                                   const RegistryOptions& registry)
    : clock_(surroundings.clock), join_(surroundings.sink) {
  HttpClientOptions http;
  http.tls.ca_file = settings.api->ca_file.empty() ? settings.ca_file : settings.api->ca_file;
  http_ = make_http_client(surroundings.clock, surroundings.resolver, http);
  PlatformOptions options = platform_options(settings);
  const Duration every = options.every;
  switch (settings.api->type) {
    case RegistryApiType::harbor:
      api_ = std::make_unique<HarborApi>(registry, std::move(options), surroundings.clock, *http_,
                                         join_, surroundings.knowledge, &surroundings.pool);
      break;
    case RegistryApiType::quay:
      api_ = std::make_unique<QuayApi>(registry, std::move(options), surroundings.clock, *http_,
                                       join_, surroundings.knowledge, &surroundings.pool);
      break;
    case RegistryApiType::ecr: {
      auto ecr = std::make_unique<EcrApi>(registry, std::move(options), surroundings.clock, *http_,
                                          join_, surroundings.knowledge, &surroundings.pool);
      ecr_ = ecr.get();
      api_ = std::move(ecr);
      if (!has_login(settings.credentials)) {
        password_ = std::make_shared<EcrPassword>();
      }
      break;
    }
  }
  poller_ = std::make_unique<PlatformPoller>(registry, every, surroundings.clock, *api_, join_,
                                             surroundings.knowledge);
}

RegistryCredentials RegistryPlatform::login() const {
  RegistryCredentials credentials;
  credentials.username = "AWS";
  credentials.password = [password = password_] { return password->read(); };
  return credentials;
}

asio::awaitable<void> RegistryPlatform::run() { return poller_->run(); }

asio::awaitable<void> RegistryPlatform::keep_login() {
  if (password_) {
    co_await keep_ecr_password(*ecr_, clock_, password_, login_made_);
  }
}

asio::awaitable<void> RegistryPlatform::await_login() {
  if (password_) {
    co_await login_made_.wait();
  }
}

asio::awaitable<void> RegistryPlatform::refresh(std::string repository) {
  return poller_->refresh(std::move(repository));
}

}  // namespace scanclock
