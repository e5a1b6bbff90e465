#include "storage/child_process.hpp"

#include "core/runtime/file_descriptor.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t output_bytes_max = 16 * 1024;

[[noreturn]] void fail(int code, const std::string& what) {
  throw std::system_error(code, std::generic_category(), what);
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      fail(errno, "a pipe cannot be made");
    }
    read_end = FileDescriptor(ends[0]);
    write_end = FileDescriptor(ends[1]);
  }
  FileDescriptor read_end;
  FileDescriptor write_end;
};

ssize_t read_some(int descriptor, char* buffer, std::size_t size) {
  for (;;) {
    const auto count = ::read(descriptor, buffer, size);
    if (count >= 0 || errno != EINTR) {
      return count;
    }
  }
}

/// Everything that the child needs, made before fork(): another thread may hold the allocator's
/// lock at that moment, so the child must not allocate.
struct Prepared {
  explicit Prepared(const ChildCommand& command) : program(command.program.string()) {
    texts.push_back(program);
    texts.insert(texts.end(), command.arguments.begin(), command.arguments.end());
    auto variables = command.environment;
    variables.emplace("PATH", "/usr/local/bin:/usr/bin:/bin");
    variables.emplace("LC_ALL", "C.UTF-8");
    for (const auto& [name, value] : variables) {
      environment_texts.push_back(name + "=" + value);
    }
    for (auto& text : texts) {
      arguments.push_back(text.data());
    }
    arguments.push_back(nullptr);
    for (auto& text : environment_texts) {
      environment.push_back(text.data());
    }
    environment.push_back(nullptr);
  }

  std::string program;
  std::vector<std::string> texts;
  std::vector<std::string> environment_texts;
  std::vector<char*> arguments;
  std::vector<char*> environment;
};

/// Only async-signal-safe calls (signal-safety(7)). Returns the errno of what failed.
int become(const ChildCommand& command, Prepared& prepared, int input, int output) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < SIGRTMIN; ++number) {
    signal(number, SIG_DFL);
  }
  umask(077);
  if (command.own_session) {
    setsid();
  }
  if (dup2(input, STDIN_FILENO) < 0) {
    return errno;
  }
  if (output >= 0 && (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)) {
    return errno;
  }
  // A library may have opened something without the flag. An old kernel refuses; so be it.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (command.identity) {
    const gid_t group = command.identity->gid;
    if (setgroups(1, &group) != 0 || setgid(group) != 0 || setuid(command.identity->uid) != 0) {
      return errno;
    }
  }
  if (command.ends_with_parent) {
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
  }
  if (chdir("/") != 0) {
    return errno;
  }
  execve(prepared.program.c_str(), prepared.arguments.data(), prepared.environment.data());
  return errno;
}

pid_t start(const ChildCommand& command, int output) {
  Prepared prepared(command);
  const FileDescriptor input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Pipe report;
  const pid_t child = ::fork();
  if (child < 0) {
    fail(errno, "no process can be made for " + prepared.program);
  }
  if (child == 0) {
    const int failure = become(command, prepared, input.get(), output);
    const auto written = ::write(report.write_end.get(), &failure, sizeof failure);
    _exit(written > 0 ? 127 : 126);
  }
  report.write_end.reset();
  int failure = 0;
  if (read_some(report.read_end.get(), reinterpret_cast<char*>(&failure), sizeof failure) > 0) {
    ::waitpid(child, nullptr, 0);
    fail(failure, prepared.program + " cannot be executed");
  }
  return child;
}

}  // namespace

std::optional<UserIdentity> find_user(const std::string& name) {
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return std::nullopt;
  }
  return UserIdentity{entry.pw_uid, entry.pw_gid};
}

pid_t start_child(const ChildCommand& command) {
  FileDescriptor output;
  if (!command.output_file.empty()) {
    output = FileDescriptor(::open(command.output_file.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (output.get() < 0) {
      fail(errno, command.output_file.string() + " cannot be written");
    }
  }
  return start(command, output.get());
}

ChildOutcome run_child(ChildCommand command) {
  Pipe pipe;
  const pid_t child = start(command, pipe.write_end.get());
  pipe.write_end.reset();
  ChildOutcome outcome;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto count = read_some(pipe.read_end.get(), buffer.data(), buffer.size());
    if (count <= 0) {
      break;
    }
    outcome.output.append(buffer.data(), static_cast<std::size_t>(count));
    if (outcome.output.size() > output_bytes_max) {
      outcome.output.erase(0, outcome.output.size() - output_bytes_max);
    }
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  outcome.status = exit_status_of(status);
  return outcome;
}

int exit_status_of(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

}  // namespace scanclock
