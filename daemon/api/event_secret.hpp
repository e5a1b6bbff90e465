#pragma once

#include "core/net/http_server.hpp"

#include <string>

namespace scanclock {

/// Whether a registry's notification carries the shared secret of `server.events`: as the whole
/// Authorization header (Harbor), after `Bearer ` (distribution), or as the password of Basic,
/// which a user in the webhook's URL becomes. Only for quay, whose webhooks have a URL and nothing
/// else, as the parameter `secret`. Compared in constant time; false where no secret is set.
bool carries_event_secret(const HttpServerRequest& request, const std::string& secret);

}  // namespace scanclock
