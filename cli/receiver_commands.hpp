#pragma once

#include "cli/commands.hpp"

#include <string>

namespace CLI {
class App;
}

namespace scanclock {

/// `receiver list` and `receiver test NAME`; the name goes to `receiver`.
void declare_receiver(CLI::App& app, std::string& receiver);

ExitCode run_receiver_list(CommandContext context);
/// `no` when the message was not taken, or no receiver has the name.
ExitCode run_receiver_test(CommandContext context, const std::string& receiver);

}  // namespace scanclock
