#include "core/registry/docker_config.hpp"

#include "core/registry/bounded_json.hpp"
#include "core/runtime/hashing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace scanclock {
namespace {

struct ConfigKey {
  std::string host;
  /// Without slashes at its ends.
  std::string space;
};

/// Takes `https://index.docker.io/v1/` or `quay.io/team/app` apart, Docker Hub's names made one.
ConfigKey read_key(std::string_view key) {
  const std::size_t scheme = key.find("://");
  if (scheme != std::string_view::npos) {
    key.remove_prefix(scheme + 3);
  }
  const std::size_t slash = std::min(key.find('/'), key.size());
  ConfigKey read;
  read.host = std::string(key.substr(0, slash));
  std::transform(read.host.begin(), read.host.end(), read.host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (read.host == "index.docker.io" || read.host == "registry-1.docker.io" ||
      read.host == "registry.hub.docker.com") {
    read.host = "docker.io";
  }
  std::string_view path = key.substr(slash);
  while (path.starts_with('/')) {
    path.remove_prefix(1);
  }
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  if (path != "v1" && path != "v2") {
    read.space = std::string(path);
  }
  return read;
}

Result<RegistryLogin, std::string> read_config_login(const std::string& key,
                                                     const nlohmann::json& entry) {
  RegistryLogin login;
  if (!entry.is_object()) {
    return "docker config: entry " + key + " is no object";
  }
  login.username = text_field(entry, "username");
  login.password = text_field(entry, "password");
  login.identity_token = text_field(entry, "identitytoken");
  login.registry_token = text_field(entry, "registrytoken");
  const std::string auth = text_field(entry, "auth");
  if (!auth.empty()) {
    std::string pair;
    try {
      pair = base64_decode(auth);
    } catch (const std::invalid_argument&) {
      return "docker config: auth of " + key + " is not base64";
    }
    const std::size_t colon = pair.find(':');
    if (colon == std::string::npos) {
      return "docker config: auth of " + key + " has no colon";
    }
    login.username = pair.substr(0, colon);
    // Docker once padded the pair with zero bytes.
    login.password = pair.substr(colon + 1, pair.find('\0', colon) - colon - 1);
  }
  return login;
}

/// The helper that `credHelpers` names for the host.
std::string helper_of(const nlohmann::json& config, const std::string& host) {
  for (const auto& [key, name] : object_field(config, "credHelpers").items()) {
    if (read_key(key).host == host && name.is_string()) {
      return name.get<std::string>();
    }
  }
  return std::string();
}

bool is_within(std::string_view repository, std::string_view space) {
  return repository.starts_with(space) &&
         (repository.size() == space.size() || repository[space.size()] == '/');
}

}  // namespace

const RegistryLogin& RegistryLogins::of(std::string_view repository) const {
  for (const auto& [space, login] : namespaces) {
    if (is_within(repository, space)) {
      return login;
    }
  }
  return general;
}

std::string RegistryLogins::namespace_of(std::string_view repository) const {
  for (const auto& [space, login] : namespaces) {
    if (is_within(repository, space)) {
      return space;
    }
  }
  return std::string();
}

Result<DockerLogins, std::string> find_docker_logins(std::string_view text, std::string_view host) {
  if (text.size() > docker_config_bytes_max) {
    return "docker config: over " + std::to_string(docker_config_bytes_max) + " bytes";
  }
  nlohmann::json parsed;
  const std::string defect = parse_registry_object(text, parsed);
  if (!defect.empty()) {
    return "docker config: " + defect;
  }
  const std::string wanted = read_key(host).host;
  DockerLogins result;
  result.helper = helper_of(parsed, wanted);
  result.found = !result.helper.empty();
  for (const auto& [key, entry] : object_field(parsed, "auths").items()) {
    const ConfigKey read = read_key(key);
    if (read.host != wanted) {
      continue;
    }
    auto login = read_config_login(key, entry);
    if (!login) {
      return login.error();
    }
    if (login->anonymous()) {
      // Docker leaves an empty entry for what its credential store keeps.
      continue;
    }
    if (!read.space.empty()) {
      result.logins.namespaces.emplace_back(read.space, std::move(*login));
      result.found = true;
    } else if (result.helper.empty() && result.logins.general.anonymous()) {
      result.logins.general = std::move(*login);
      result.found = true;
    }
  }
  std::sort(
      result.logins.namespaces.begin(), result.logins.namespaces.end(),
      [](const auto& left, const auto& right) { return left.first.size() > right.first.size(); });
  if (result.helper.empty() && result.logins.general.anonymous()) {
    result.helper = text_field(parsed, "credsStore");
    result.found = result.found || !result.helper.empty();
  }
  return result;
}

Result<RegistryLogin, std::string> parse_program_login(std::string_view output) {
  nlohmann::json parsed;
  const std::string defect = parse_registry_object(output, parsed);
  if (!defect.empty()) {
    return "its answer is " + defect;
  }
  RegistryLogin login;
  const std::string username = text_field(parsed, "Username");
  const std::string secret = text_field(parsed, "Secret");
  if (secret.empty()) {
    return std::string("its answer holds no secret");
  }
  if (username == "<token>") {
    login.identity_token = secret;
  } else {
    login.username = username;
    login.password = secret;
  }
  return login;
}

}  // namespace scanclock
