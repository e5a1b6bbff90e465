#include "core/runtime/child_program.hpp"

#include "core/runtime/file_descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

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

/// As exec(3) wants them; good for as long as `texts` is left alone.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

/// The program in a process group of its own, killed and reaped at the latest with this object.
class ProgramProcess {
 public:
  ProgramProcess() = default;
  ProgramProcess(const ProgramProcess&) = delete;
  ProgramProcess& operator=(const ProgramProcess&) = delete;
  ~ProgramProcess() { end(); }

  /// An errno value, 0 when it started.
  int start(const ChildProgram& child, int input, int output) {
    std::vector<std::string> words = child.arguments;
    words.insert(words.begin(), child.program);
    std::vector<std::string> variables = child.environment;
    const std::vector<char*> arguments = pointers_to(words);
    const std::vector<char*> environment = pointers_to(variables);
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
    const int error = ::posix_spawn(&process_, child.program.c_str(), &files, &attributes,
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
Reading read_output(int output, int timer, std::size_t bytes_max, std::string& text) {
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
    if (text.size() > bytes_max) {
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

Result<ChildProgramEnd, std::string> run_child_program(const ChildProgram& child) {
  if (!child.program.starts_with('/')) {
    return std::string("has no absolute path");
  }
  Channel input;
  Channel output;
  const FileDescriptor timer(make_timer(child.time_max));
  if (!input.open() || !output.open() || timer.get() < 0) {
    return std::string("cannot be run: ") + std::strerror(errno);
  }
  ProgramProcess process;
  if (const int error = process.start(child, input.theirs.get(), output.theirs.get())) {
    return std::string("cannot be run: ") + std::strerror(error);
  }
  input.theirs.reset(-1);
  output.theirs.reset(-1);
  // Fits into the socket's buffer; a program that takes no input has closed it.
  (void)::send(input.ours.get(), child.input.data(), child.input.size(),
               MSG_NOSIGNAL | MSG_DONTWAIT);
  input.ours.reset(-1);
  ChildProgramEnd end;
  const Reading reading =
      read_output(output.ours.get(), timer.get(), child.output_bytes_max, end.output);
  if (reading == Reading::too_much) {
    return "printed more than " + std::to_string(child.output_bytes_max) + " bytes";
  }
  if (reading == Reading::too_late ||
      (reading == Reading::ended && !wait_for_end(process, timer.get()))) {
    return "did not end within " + format_duration(child.time_max);
  }
  const std::optional<int> status = process.end();
  if (reading == Reading::broken || !status) {
    return std::string("was killed, or its output could not be read");
  }
  end.status = *status;
  return end;
}

std::vector<std::string> inherited_environment(std::vector<std::string> names) {
  std::vector<std::string> variables{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"};
  names.emplace_back("HOME");
  for (const std::string& name : names) {
    if (const char* const value = std::getenv(name.c_str())) {
      variables.push_back(name + "=" + value);
    }
  }
  return variables;
}

}  // namespace scanclock
