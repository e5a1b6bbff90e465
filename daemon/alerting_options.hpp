#pragma once

#include "alerts/evaluator.hpp"
#include "config/settings.hpp"

#include <string>

namespace scanclock {

/// What the alerts room works by. `external_url` is the base of links, without a trailing slash.
alerts::EvaluatorOptions evaluator_options(const Settings& settings,
                                           const std::string& external_url);

}  // namespace scanclock
