#pragma once

#include <stdexcept>
#include <string>

namespace scanclock {

/// What the command tells its caller (contract.md, "Commands"; 64 and up as in sysexits.h).
enum class ExitCode {
  ok = 0,
  /// The question was understood and the answer is no.
  no = 1,
  usage = 2,
  unreachable = 69,
  internal = 70,
  bad_configuration = 78,
};

/// Ends the command. what() is lower case and may end in a HINT line.
class CommandError : public std::runtime_error {
 public:
  CommandError(ExitCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace scanclock
