#pragma once

#include "core/domain/result.hpp"
#include "core/domain/silence.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock {

inline constexpr std::size_t silence_matchers_max = 32;

/// Why a request's body cannot be taken, as a sentence for the caller.
struct BodyProblem {
  std::string message;
};

/// The body of POST /api/v1/silences: `{"matchers":["severity=\"warning\""],"reason":"…"}` with
/// `expires_at` or `duration`, and `starts_at` and `author` where they differ from now and from
/// `principal`, the token's name. The silence has no id yet. A silence that would match an alert
/// without any label is refused: it would hide everything.
Result<Silence, BodyProblem> parse_silence(std::string_view body, const std::string& principal,
                                           TimePoint now);

/// The body of POST /api/v1/alerts/{id}/acknowledge: `reason`, `author`, and `expires_at` or
/// `duration`. The alert's id is for the caller to add.
Result<Acknowledgement, BodyProblem> parse_acknowledgement(std::string_view body,
                                                           const std::string& principal,
                                                           TimePoint now);

struct ReplayRequest {
  std::string receiver;
  TimePoint since;
};

/// The body of POST /api/v1/notifications/replay.
Result<ReplayRequest, BodyProblem> parse_replay(std::string_view body);

}  // namespace scanclock
