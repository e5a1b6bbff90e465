#include "core/workloads/engine_product.hpp"

#include <stdexcept>

namespace scanclock {

std::string to_string(EngineProduct product) {
  switch (product) {
    case EngineProduct::docker:
      return "docker";
    case EngineProduct::podman:
      return "podman";
    case EngineProduct::swarm:
      return "swarm";
  }
  throw std::logic_error("engine product of an unknown kind");
}

}  // namespace scanclock
