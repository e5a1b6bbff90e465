#include "core/registry/credential_program.hpp"

#include "core/runtime/file_descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

namespace scanclock {
namespace {

/// One end for us, one for the program; a socket, because writing to a program that has ended must
/// not raise SIGPIPE.
struct Channel {
  FileDescriptor ours;
  FileDescriptor theirs;

  bool open() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      return false;
    }
    ours.reset(ends[0]);
    theirs.reset(ends[1]);
    return true;
  }
};

/// The program in a process group of its own, killed and reaped at the latest with this object.
class ProgramProcess {
 public:
  ProgramProcess() = default;
  ProgramProcess(const ProgramProcess&) = delete;
  ProgramProcess& operator=(const ProgramProcess&) = delete;
  ~ProgramProcess() { end(); }

  /// An errno value, 0 when it started.
  int start(const CredentialProgram& helper, int input, int output) {
    std::string program = helper.program;
    std::string command = "get";
    std::array<char*, 3> arguments{program.data(), command.data(), nullptr};
    std::vector<std::string> variables = environment_of(helper);
    std::vector<char*> environment;
    for (std::string& variable : variables) {
      environment.push_back(variable.data());
    }
    environment.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    const int error = ::posix_spawn(&process_, program.c_str(), &files, &attributes,
                                    arguments.data(), environment.data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
    if (error != 0) {
      process_ = -1;
    }
    return error;
  }

  /// Kills what is left of it; its exit status where it had ended by itself.
  std::optional<int> end() {
    if (process_ < 0) {
      return std::nullopt;
    }
    ::kill(-process_, SIGKILL);
    int status = 0;
    pid_t reaped = 0;
    do {
      reaped = ::waitpid(process_, &status, 0);
    } while (reaped < 0 && errno == EINTR);
    process_ = -1;
    return reaped > 0 && WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
  }

  /// Waits for its end without reaping it, so that its process group cannot be another's yet.
  bool has_ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == process_;
  }

 private:
  static std::vector<std::string> environment_of(const CredentialProgram& helper) {
    std::vector<std::string> variables{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"};
    std::vector<std::string> names = helper.environment;
    names.emplace_back("HOME");
    for (const std::string& name : names) {
      if (const char* const value = std::getenv(name.c_str())) {
        variables.push_back(name + "=" + value);
      }
    }
    return variables;
  }

  pid_t process_ = -1;
};

/// Ready once, when the time is up: the clock is left to the kernel.
int make_timer(Duration limit) {
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  itimerspec setting{};
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(limit).count();
  setting.it_value.tv_sec = microseconds / 1'000'000;
  setting.it_value.tv_nsec = microseconds % 1'000'000 * 1000;
  if (timer >= 0 && ::timerfd_settime(timer, 0, &setting, nullptr) != 0) {
    ::close(timer);
    return -1;
  }
  return timer;
}

enum class Reading { ended, too_late, too_much, broken };

/// Reads until the program closes its output.
Reading read_output(int output, int timer, std::string& text) {
  std::array<pollfd, 2> waiting{{{output, POLLIN, 0}, {timer, POLLIN, 0}}};
  std::array<char, 4096> buffer{};
  for (;;) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0) {
      if (errno == EINTR) {
        continue;
      }
      return Reading::broken;
    }
    if (waiting[1].revents != 0) {
      return Reading::too_late;
    }
    const auto got = ::recv(output, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got == 0) {
      return Reading::ended;
    }
    if (got < 0 && errno != EAGAIN && errno != EINTR) {
      return errno == ECONNRESET ? Reading::ended : Reading::broken;
    }
    if (got > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    if (text.size() > program_output_bytes_max) {
      return Reading::too_much;
    }
  }
}

/// A program may close its output a moment before it ends.
bool wait_for_end(const ProgramProcess& process, int timer) {
  constexpr int look_every_milliseconds = 5;
  while (!process.has_ended()) {
    pollfd waiting{timer, POLLIN, 0};
    if (::poll(&waiting, 1, look_every_milliseconds) > 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<RegistryLogin, std::string> ask_credential_program(const CredentialProgram& helper,
                                                          const std::string& server) {
  const std::string name = "credential helper " + helper.program;
  if (!helper.program.starts_with('/')) {
    return name + " has no absolute path";
  }
  Channel input;
  Channel output;
  const FileDescriptor timer(make_timer(helper.time_max));
  if (!input.open() || !output.open() || timer.get() < 0) {
    return name + " cannot be run: " + std::strerror(errno);
  }
  ProgramProcess process;
  if (const int error = process.start(helper, input.theirs.get(), output.theirs.get())) {
    return name + " cannot be run: " + std::strerror(error);
  }
  input.theirs.reset(-1);
  output.theirs.reset(-1);
  // Fits into the socket's buffer; a program that takes no input has closed it.
  (void)::send(input.ours.get(), server.data(), server.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  input.ours.reset(-1);
  std::string text;
  const Reading reading = read_output(output.ours.get(), timer.get(), text);
  if (reading == Reading::too_much) {
    return name + " printed more than " + std::to_string(program_output_bytes_max) + " bytes";
  }
  if (reading == Reading::too_late ||
      (reading == Reading::ended && !wait_for_end(process, timer.get()))) {
    return name + " did not end within " + format_duration(helper.time_max);
  }
  const std::optional<int> status = process.end();
  if (reading == Reading::broken || !status) {
    return name + " was killed, or its output could not be read";
  }
  if (*status != 0) {
    return name + " has no login for " + server + ": it ended with status " +
           std::to_string(*status);
  }
  auto login = parse_program_login(text);
  if (!login) {
    return name + ": " + login.error();
  }
  return std::move(*login);
}

bool is_program_name(const std::string& name) {
  constexpr std::size_t name_length_max = 64;
  return !name.empty() && name.size() <= name_length_max && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

}  // namespace scanclock
