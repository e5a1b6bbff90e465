#pragma once

#include <iosfwd>

namespace scanclock {

/// The `scanclock` command: reads the arguments, runs one command and returns its exit code
/// (contract.md, "Commands"). Answers go to `out`, errors, lower case and with a HINT where there
/// is advice, to `err`. Throws nothing.
int run_cli(int argc, const char* const* argv, std::istream& in, std::ostream& out,
            std::ostream& err);

}  // namespace scanclock
