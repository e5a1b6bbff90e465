#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace scanclock {

/// A system user, by number.
struct UserIdentity {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Looks a user up; nothing when there is none. Blocks.
std::optional<UserIdentity> find_user(const std::string& name);

/// A program to run. It gets /dev/null as its standard input, a umask of 077, default signal
/// handlers and, but for PATH and a UTF-8 locale, only the environment named here: NOTIFY_SOCKET
/// above all is not for PostgreSQL.
struct ChildCommand {
  ChildCommand() = default;

  std::filesystem::path program;
  /// Without the program's name. Seen by every user of the machine: no secrets.
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  /// Whom it runs as; this process must be root then.
  std::optional<UserIdentity> identity;
  /// Ctrl-C in a terminal does not reach a session of its own.
  bool own_session = false;
  /// SIGQUIT when the thread that started it ends; for tests.
  bool ends_with_parent = false;
  /// Receives standard output and error, emptied first. Empty: they are inherited.
  std::filesystem::path output_file;
};

/// Starts a program and returns its process ID, which the caller must wait for. Throws
/// std::system_error when it cannot be executed. Any thread.
pid_t start_child(const ChildCommand& command);

struct ChildOutcome {
  /// 128 + the signal's number when a signal ended it.
  int status = 0;
  /// The end of what it wrote to standard output and error, up to 16 KiB.
  std::string output;
};

/// Runs a program to its end. Blocks, without a limit. Throws std::system_error.
ChildOutcome run_child(ChildCommand command);

/// As the shell shows it: the exit code, or 128 + the signal.
int exit_status_of(int wait_status);

}  // namespace scanclock
