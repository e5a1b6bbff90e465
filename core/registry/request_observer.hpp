#pragma once

#include "core/domain/registry_ports.hpp"

#include <functional>
#include <string>

namespace scanclock {

/// Is told of every request: its method, the status of the answer (0 without one) and how long it
/// took.
using RequestObserver = std::function<void(const std::string& method, int code, Duration took)>;

/// Tells the sink, which must outlive the observer, of requests to a registry of the settings.
inline RequestObserver observer_of(RegistrySink& sink, const std::string& registry) {
  return [&sink, registry](const std::string& method, int code, Duration took) {
    sink.request_made(registry, method, code, took);
  };
}

}  // namespace scanclock
