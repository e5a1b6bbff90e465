#include "core/registry/credential_reader.hpp"

#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

namespace scanclock {
namespace {

Result<RegistryLogin, std::string> read_docker_config(const std::string& path,
                                                      const std::string& host) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    return "cannot read docker config " + path + ": " + std::strerror(errno);
  }
  auto login = find_docker_login(text, host);
  if (!login) {
    return path + ": " + login.error();
  }
  if (!*login) {
    return "docker config " + path + " has no entry for " + host;
  }
  return std::move(**login);
}

Result<RegistryLogin, std::string> read_login(const RegistryCredentials& credentials,
                                              const std::string& host) {
  try {
    if (!credentials.docker_config_file.empty()) {
      return read_docker_config(credentials.docker_config_file, host);
    }
    RegistryLogin login;
    login.username = credentials.username;
    if (credentials.password) {
      login.password = credentials.password();
    }
    if (credentials.token) {
      login.registry_token = credentials.token();
    }
    return login;
  } catch (const std::exception& failure) {
    return std::string("cannot read the credentials of ") + host + ": " + failure.what();
  }
}

}  // namespace

CredentialReader::CredentialReader(RegistryCredentials credentials, std::string host,
                                   BlockingPool* pool)
    : credentials_(std::move(credentials)), host_(std::move(host)), pool_(pool) {}

asio::awaitable<Result<RegistryLogin, std::string>> CredentialReader::read() const {
  if (pool_ == nullptr) {
    co_return read_login(credentials_, host_);
  }
  // Owns copies, for it may outlive a cancelled caller.
  auto work = [credentials = credentials_, host = host_] { return read_login(credentials, host); };
  std::optional<Result<RegistryLogin, std::string>> login;
  try {
    login.emplace(co_await pool_->run(std::move(work)));
  } catch (const PoolBusyError& busy) {
    login.emplace(std::string(busy.what()));
  }
  co_return std::move(*login);
}

}  // namespace scanclock
