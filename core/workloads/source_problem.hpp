#pragma once

#include <string>
#include <utility>

namespace scanclock {

/// Why a look at an orchestrator gave no view.
struct SourceProblem {
  SourceProblem() = default;
  SourceProblem(std::string problem_reason, std::string problem_message)
      : reason(std::move(problem_reason)), message(std::move(problem_message)) {}

  /// Metric label: the text of an HttpFailureReason, or `unauthorized`, `forbidden`, `not_found`,
  /// `too_many_requests`, `server_error`, `unexpected_status`, `unsupported_version`, `malformed`,
  /// `not_a_manager`, `missing`, `unreadable`, `wrong_source`, `stale`, `overloaded`, `internal`.
  std::string reason;
  /// For people: what was asked, of whom, and the cause. Never a secret.
  std::string message;
};

/// The reason of an HTTP status that is no success, where it means what HTTP says.
std::string reason_of_status(int status);

}  // namespace scanclock
