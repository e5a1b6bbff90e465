#pragma once

#include <string>

namespace scanclock {

/// What is asked through the Docker Engine's protocol.
enum class EngineProduct {
  docker,
  /// Podman's own API (libpod) beside the part of Docker's that it speaks.
  podman,
  /// The services and tasks of a Swarm, which a manager tells.
  swarm,
};

/// `docker`, `podman`, `swarm`: the type in the settings.
std::string to_string(EngineProduct product);

}  // namespace scanclock
