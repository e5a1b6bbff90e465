#include "core/registry/docker_config.hpp"

#include "core/registry/bounded_json.hpp"
#include "core/runtime/hashing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace scanclock {
namespace {

/// The host of a key such as `https://index.docker.io/v1/`, Docker Hub's names made one.
std::string canonical_host(std::string_view key) {
  const std::size_t scheme = key.find("://");
  if (scheme != std::string_view::npos) {
    key.remove_prefix(scheme + 3);
  }
  std::string host(key.substr(0, key.find('/')));
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (host == "index.docker.io" || host == "registry-1.docker.io" ||
      host == "registry.hub.docker.com") {
    return "docker.io";
  }
  return host;
}

Result<RegistryLogin, std::string> read_login(const std::string& key, const nlohmann::json& entry) {
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

}  // namespace

Result<std::optional<RegistryLogin>, std::string> find_docker_login(std::string_view text,
                                                                    std::string_view host) {
  if (text.size() > docker_config_bytes_max) {
    return "docker config: over " + std::to_string(docker_config_bytes_max) + " bytes";
  }
  nlohmann::json parsed;
  const std::string defect = parse_registry_object(text, parsed);
  if (!defect.empty()) {
    return "docker config: " + defect;
  }
  const std::string wanted = canonical_host(host);
  for (const auto& [key, entry] : object_field(parsed, "auths").items()) {
    if (canonical_host(key) != wanted) {
      continue;
    }
    auto login = read_login(key, entry);
    if (!login) {
      return login.error();
    }
    return std::optional<RegistryLogin>(std::move(*login));
  }
  return std::optional<RegistryLogin>();
}

}  // namespace scanclock
