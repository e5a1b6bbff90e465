#pragma once

#include "core/domain/time.hpp"
#include "core/net/http_server.hpp"

#include <optional>
#include <string>

namespace scanclock {

/// Why a daemon does not watch yet, and who does.
struct WaitingState {
  /// As `/-/ready` says it.
  std::string reason;
  /// Another instance holds the lease, this one stands by.
  bool stands_by = false;
  /// The host of that instance, and since when it is the active one; empty when they are not known,
  /// or not for everybody.
  std::string active_host;
  std::optional<TimePoint> active_since;
};

/// What a daemon that does not watch yet says to everything but `/-/…`: 503, to people with a page
/// that tells what to do, to programs (below `/api/`, `/metrics`, and to all but GET and HEAD) with
/// a problem. The page's own style and icon are there.
HttpResponse waiting_answer(const HttpServerRequest& request, const WaitingState& state,
                            TimePoint now);

}  // namespace scanclock
