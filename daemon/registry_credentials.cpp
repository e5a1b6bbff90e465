#include "daemon/registry_credentials.hpp"

#include "daemon/secret_reader.hpp"

namespace scanclock {

RegistryCredentials registry_credentials(const RegistryCredentialSettings& settings) {
  RegistryCredentials credentials;
  credentials.username = settings.username;
  credentials.password = secret_reader(settings.password);
  credentials.token = secret_reader(settings.token);
  credentials.docker_config_file = settings.docker_config_file;
  credentials.helper = settings.credential_helper;
  credentials.helpers_folder = settings.credential_helpers_folder;
  credentials.helper_environment = settings.helper_environment;
  credentials.token_server = settings.token_server;
  return credentials;
}

}  // namespace scanclock
