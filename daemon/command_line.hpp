#pragma once

namespace scanclock {

/// `scanclockd`: reads the flags and the settings and runs the daemon. Returns the exit code of
/// contract.md, "Commands".
int run_daemon(int argc, char** argv);

}  // namespace scanclock
