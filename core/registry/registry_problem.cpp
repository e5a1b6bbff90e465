#include "core/registry/registry_problem.hpp"

namespace scanclock {

RegistryProblem problem_of_failure(const HttpFailure& failure) {
  RegistryProblem problem;
  const bool is_too_large = failure.reason == HttpFailureReason::body_too_large;
  problem.reason = is_too_large ? "too_large" : std::string(to_string(failure.reason));
  problem.retryable = failure.retryable && !is_too_large;
  problem.message = failure.message;
  return problem;
}

RegistryProblem login_problem(const std::string& registry, const std::string& text,
                              bool retryable) {
  RegistryProblem problem;
  problem.reason = "unauthorized";
  problem.retryable = retryable;
  problem.message = "registry " + registry + ": " + text;
  return problem;
}

}  // namespace scanclock
