#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/net/http_types.hpp"

#include <string>

namespace scanclock {

/// What a request without an answer means. A body over its cap is `too_large` and not retryable:
/// the server answered, so it does not count as an outage.
RegistryProblem problem_of_failure(const HttpFailure& failure);

/// `unauthorized`: the login to the registry of that name failed, for the cause that `text` gives.
RegistryProblem login_problem(const std::string& registry, const std::string& text,
                              bool retryable = false);

}  // namespace scanclock
