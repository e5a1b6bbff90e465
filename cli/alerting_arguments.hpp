#pragma once

#include "cli/options.hpp"

#include <CLI/App.hpp>

namespace scanclock {

/// Declares `silence`, `ack`, `unack` and `notifications`; parsing writes to `parsed` and
/// `filters`, which must outlive `app`.
void declare_alerting(CLI::App& app, AlertingArguments& parsed, Filters& filters);

}  // namespace scanclock
