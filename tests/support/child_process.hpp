#pragma once

#include "core/domain/time.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace scanclock {

/// A program of a test: started at once, its output in a file, told to end when the test program
/// ends and killed in the destructor. Not for other threads than the one that starts it.
class ChildProcess {
 public:
  using Environment = std::map<std::string, std::string>;

  /// `command` begins with the program, which is looked for in PATH. `environment` is added to the
  /// test's own. Output is appended to `log`.
  ChildProcess(std::vector<std::string> command, std::filesystem::path log,
               const Environment& environment = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number);
  /// The exit code, or 128 and the number of the signal that ended it; nothing after `limit`.
  std::optional<int> wait_exit(Duration limit);
  /// SIGTERM, and SIGKILL after `limit`; the exit code.
  int stop(Duration limit = std::chrono::seconds(20));
  /// Everything that it has printed, of earlier processes with the same file, too.
  std::string log() const;

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
  std::filesystem::path log_;
};

struct CommandResult {
  int exit_code = -1;
  /// Standard output and standard error.
  std::string output;
};

/// Runs a command to its end. Throws std::runtime_error after `limit`.
CommandResult run_command(std::vector<std::string> command,
                          const ChildProcess::Environment& environment = {},
                          Duration limit = std::chrono::seconds(60));

/// `Debian package prometheus is not installed (prometheus)` for the first program that PATH does
/// not have; empty when all are there. `package` is what to install.
std::string missing_program(const std::string& package, const std::string& program);

/// A new folder below the system's temporary one, gone with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Replaces the file in one step, so that no reader sees half of it.
void write_file(const std::filesystem::path& path, const std::string& content);
/// Empty when there is none.
std::string read_text(const std::filesystem::path& path);
/// A port of 127.0.0.1 that nobody listens on.
int free_port();

}  // namespace scanclock
