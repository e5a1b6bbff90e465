#include "tests/support/child_process.hpp"

#include "tests/support/eventually.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace scanclock {
namespace {

/// Built before the fork: between fork and exec nothing may allocate.
std::vector<std::string> environment_with(const ChildProcess::Environment& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (!added.contains(text.substr(0, text.find('=')))) {
      all.push_back(text);
    }
  }
  for (const auto& [name, value] : added) {
    all.push_back(name + "=" + value);
  }
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> command, std::filesystem::path log,
                           const Environment& environment)
    : log_(std::move(log)) {
  std::vector<std::string> variables = environment_with(environment);
  const std::vector<char*> arguments = pointers_to(command);
  const std::vector<char*> variable_pointers = pointers_to(variables);
  const int output = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) {
    throw std::runtime_error("cannot write " + log_.string());
  }
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) {
      ::_exit(1);
    }
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execvpe(arguments.front(), arguments.data(), variable_pointers.data());
    ::_exit(127);
  }
  ::close(output);
  if (pid_ < 0) {
    throw std::runtime_error("cannot start " + command.front());
  }
}

ChildProcess::~ChildProcess() {
  if (running()) {
    signal(SIGKILL);
    wait_exit(std::chrono::seconds(10));
  }
}

bool ChildProcess::running() { return !wait_exit(Duration::zero()); }

void ChildProcess::signal(int number) {
  // Once waited for, the id may be another process's.
  if (!exit_code_) {
    ::kill(pid_, number);
  }
}

std::optional<int> ChildProcess::wait_exit(Duration limit) {
  eventually(limit, [this] {
    int status = 0;
    if (!exit_code_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return exit_code_.has_value();
  });
  return exit_code_;
}

int ChildProcess::stop(Duration limit) {
  signal(SIGTERM);
  if (!wait_exit(limit)) {
    signal(SIGKILL);
    wait_exit(std::chrono::seconds(10));
  }
  return exit_code_.value_or(-1);
}

std::string ChildProcess::log() const { return read_text(log_); }

CommandResult run_command(std::vector<std::string> command,
                          const ChildProcess::Environment& environment, Duration limit) {
  const TemporaryFolder folder;
  const std::string name = command.front();
  ChildProcess process(std::move(command), folder.path() / "output", environment);
  const auto code = process.wait_exit(limit);
  if (!code) {
    throw std::runtime_error(name + " did not end in time: " + process.log());
  }
  CommandResult result;
  result.exit_code = *code;
  result.output = process.log();
  return result;
}

std::string missing_program(const std::string& package, const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + program).c_str(), X_OK) == 0) {
      return {};
    }
  }
  return "Debian package " + package + " is not installed (" + program + ")";
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "scanclock-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("no temporary folder can be made: " + pattern);
  }
  path_ = pattern;
  // An embedded PostgreSQL runs unprivileged and must get through.
  std::filesystem::permissions(path_, std::filesystem::perms::owner_all |
                                          std::filesystem::perms::group_exec |
                                          std::filesystem::perms::others_exec);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::filesystem::path& path, const std::string& content) {
  const std::filesystem::path fresh = path.string() + ".new";
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    file << content;
    if (!file.flush()) {
      throw std::runtime_error("cannot write " + fresh.string());
    }
  }
  std::filesystem::permissions(
      fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::rename(fresh, path);
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  const bool bound = ::bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                     ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  ::close(probe);
  if (!bound) {
    throw std::runtime_error("no free port on 127.0.0.1");
  }
  return ntohs(address.sin_port);
}

}  // namespace scanclock
