#include "core/registry/credential_reader.hpp"

#include "core/registry/credential_program.hpp"

#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

namespace scanclock {
namespace {

using Logins = Result<RegistryLogins, std::string>;

/// What credential helpers call a registry (docker/docker-credential-helpers).
std::string server_name(const std::string& host) {
  return host == "docker.io" ? "https://index.docker.io/v1/" : host;
}

Logins ask_program(const RegistryCredentials& credentials, const std::string& program,
                   const std::string& host) {
  CredentialProgram helper;
  helper.program = program;
  helper.environment = credentials.helper_environment;
  auto login = ask_credential_program(helper, server_name(host));
  if (!login) {
    return login.error();
  }
  RegistryLogins logins;
  logins.general = std::move(*login);
  return logins;
}

/// A program that a file names is run only from a folder that the settings name.
Logins ask_named_helper(const RegistryCredentials& credentials, const std::string& name,
                        const std::string& host) {
  const std::string& path = credentials.docker_config_file;
  if (!is_program_name(name)) {
    return "docker config " + path + " names a credential helper that is no name of a program";
  }
  if (credentials.helpers_folder.empty()) {
    return "docker config " + path + " leaves the login for " + host +
           " to the credential helper docker-credential-" + name +
           ", which the settings do not allow\nHINT: name its folder as "
           "credentials.credential_helpers_folder";
  }
  return ask_program(credentials, credentials.helpers_folder + "/docker-credential-" + name, host);
}

Logins read_docker_config(const RegistryCredentials& credentials, const std::string& host) {
  const std::string& path = credentials.docker_config_file;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    return "cannot read docker config " + path + ": " + std::strerror(errno);
  }
  auto found = find_docker_logins(text, host);
  if (!found) {
    return path + ": " + found.error();
  }
  if (!found->found) {
    return "docker config " + path + " has no entry for " + host;
  }
  if (!found->helper.empty()) {
    auto kept = ask_named_helper(credentials, found->helper, host);
    // A store that does not know the host takes nothing from the namespaces that the file knows.
    if (!kept && found->logins.namespaces.empty()) {
      return kept.error();
    }
    if (kept) {
      found->logins.general = std::move(kept->general);
    }
  }
  return std::move(found->logins);
}

Logins read_logins(const RegistryCredentials& credentials, const std::string& host) {
  try {
    if (!credentials.docker_config_file.empty()) {
      return read_docker_config(credentials, host);
    }
    if (!credentials.helper.empty()) {
      return ask_program(credentials, credentials.helper, host);
    }
    RegistryLogins logins;
    logins.general.username = credentials.username;
    if (credentials.password) {
      logins.general.password = credentials.password();
    }
    if (credentials.token) {
      logins.general.registry_token = credentials.token();
    }
    return logins;
  } catch (const std::exception& failure) {
    return std::string("cannot read the credentials of ") + host + ": " + failure.what();
  }
}

}  // namespace

CredentialReader::CredentialReader(RegistryCredentials credentials, std::string host,
                                   BlockingPool* pool)
    : credentials_(std::move(credentials)), host_(std::move(host)), pool_(pool) {}

asio::awaitable<Result<RegistryLogins, std::string>> CredentialReader::read() const {
  if (pool_ == nullptr) {
    co_return read_logins(credentials_, host_);
  }
  // Owns copies, for it may outlive a cancelled caller.
  auto work = [credentials = credentials_, host = host_] { return read_logins(credentials, host); };
  std::optional<Logins> logins;
  try {
    logins.emplace(co_await pool_->run(std::move(work)));
  } catch (const PoolBusyError& busy) {
    logins.emplace(std::string(busy.what()));
  }
  co_return std::move(*logins);
}

}  // namespace scanclock
