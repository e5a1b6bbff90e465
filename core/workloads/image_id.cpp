#include "core/workloads/image_id.hpp"

#include "core/domain/image_reference.hpp"

#include <array>
#include <utility>

namespace scanclock {
namespace {

constexpr std::string_view pullable_prefix = "docker-pullable://";
constexpr std::string_view local_prefix = "docker://";

bool names_its_repositories_truly(ContainerRuntime runtime) {
  return runtime == ContainerRuntime::docker || runtime == ContainerRuntime::containerd;
}

/// `docker.io/library/import-2024-11-07`: what containerd calls an image that came from a file
/// without a name.
bool is_import_name(std::string_view repository) {
  constexpr std::string_view hub = "docker.io/library/";
  constexpr std::string_view form = "import-dddd-dd-dd";
  repository.remove_prefix(repository.starts_with(hub) ? hub.size() : 0);
  if (repository.size() != form.size()) {
    return false;
  }
  for (std::size_t at = 0; at < form.size(); ++at) {
    const bool is_digit = repository[at] >= '0' && repository[at] <= '9';
    if (form[at] == 'd' ? !is_digit : repository[at] != form[at]) {
      return false;
    }
  }
  return true;
}

}  // namespace

ContainerRuntime container_runtime_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, ContainerRuntime>, 4> schemes{{
      {"containerd://", ContainerRuntime::containerd},
      {"cri-o://", ContainerRuntime::crio},
      {"docker://", ContainerRuntime::docker},
      {"podman://", ContainerRuntime::podman},
  }};
  for (const auto& [scheme, runtime] : schemes) {
    if (text.starts_with(scheme)) {
      return runtime;
    }
  }
  return ContainerRuntime::unknown;
}

RuntimeImageId parse_runtime_image_id(std::string_view text, ContainerRuntime runtime) {
  if (text.starts_with(pullable_prefix)) {
    text.remove_prefix(pullable_prefix.size());
    runtime = ContainerRuntime::docker;
  } else if (text.starts_with(local_prefix)) {
    text.remove_prefix(local_prefix.size());
    runtime = ContainerRuntime::docker;
  }
  RuntimeImageId id;
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) {
    id.digest = Digest::parse(text).value_or(Digest());
    return id;
  }
  // A name needs an algorithm behind it: `repo@` and 64 hex digits is nothing that a runtime
  // prints.
  const std::string_view digest = text.substr(at + 1);
  if (at == 0 || digest.find(':') == std::string_view::npos) {
    return id;
  }
  id.digest = Digest::parse(digest).value_or(Digest());
  if (id.digest.empty() || is_import_name(text.substr(0, at))) {
    return id;
  }
  id.pullable = true;
  if (names_its_repositories_truly(runtime)) {
    if (const auto reference = parse_image_reference(text.substr(0, at))) {
      id.repository = reference->host + "/" + reference->repository;
    }
  }
  return id;
}

}  // namespace scanclock
