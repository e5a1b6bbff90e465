#pragma once

#include "cli/commands.hpp"

namespace scanclock {

/// `no` when what is named is not known or not in a state for this; `usage` for what the daemon
/// cannot read.
ExitCode run_silence_add(CommandContext context, const AlertingArguments& arguments);
ExitCode run_silence_list(CommandContext context, const Filters& filters);
ExitCode run_silence_expire(CommandContext context, const AlertingArguments& arguments);
/// An alert is named by its id or by how the id of one firing alert begins.
ExitCode run_acknowledge(CommandContext context, const AlertingArguments& arguments);
ExitCode run_take_back(CommandContext context, const AlertingArguments& arguments);

/// Without a filter those of the last 24 h.
ExitCode run_notification_list(CommandContext context, const AlertingArguments& arguments,
                               Filters filters);
ExitCode run_notification_show(CommandContext context, const AlertingArguments& arguments);
ExitCode run_notification_retry(CommandContext context, const AlertingArguments& arguments);
/// `no` when there was nothing to send again.
ExitCode run_notification_replay(CommandContext context, const AlertingArguments& arguments);

/// The command among those above that `name` names; nothing when it is none of them.
std::optional<ExitCode> run_alerting(const std::string& name, CommandContext context,
                                     const AlertingArguments& arguments, const Filters& filters);

}  // namespace scanclock
