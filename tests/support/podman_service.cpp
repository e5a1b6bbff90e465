#include "tests/support/podman_service.hpp"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <sys/stat.h>
#include <thread>
#include <utility>

namespace scanclock {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds start_max{30};
constexpr seconds end_max{10};
constexpr milliseconds look_again{50};
constexpr const char* user_name = "nobody";

/// A virtual machine without CAP_SYS_RESOURCE refuses Podman's own higher limits; runc needs no
/// systemd; `file` keeps events where there is no journal.
constexpr const char* settings_text = R"([containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "host"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
)";

void must(const CommandResult& result, const std::string& what) {
  if (result.exit_code != 0) {
    throw std::runtime_error(what + ": " + result.output);
  }
}

/// From /proc/PID/stat (proc(5)), whose second field may hold anything between its brackets; 0 for
/// a process that is gone.
pid_t parent_of(const std::string& pid) {
  const std::string stat = read_text("/proc/" + pid + "/stat");
  const std::size_t state = stat.rfind(')') + 2;
  pid_t parent = 0;
  if (state + 2 < stat.size()) {
    std::from_chars(stat.data() + state + 2, stat.data() + stat.size(), parent);
  }
  return parent;
}

/// In the order of generations.
std::vector<pid_t> processes_below(pid_t ancestor) {
  std::multimap<pid_t, pid_t> children;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec == std::errc()) {
      children.emplace(parent_of(name), pid);
    }
  }
  std::vector<pid_t> found{ancestor};
  for (std::size_t next = 0; next < found.size(); ++next) {
    const auto [begin, end] = children.equal_range(found[next]);
    for (auto child = begin; child != end; ++child) {
      found.push_back(child->second);
    }
  }
  found.erase(found.begin());
  return found;
}

}  // namespace

std::unique_ptr<PodmanService> PodmanService::start(Owner owner, std::string& why_not) {
  if (::geteuid() != 0) {
    why_not = "the private Podman needs root";
    return nullptr;
  }
  for (const auto& [package, program] : {std::pair("podman", "podman"),
                                         {"runc", "runc"},
                                         {"catatonit", "catatonit"},
                                         {"conmon", "conmon"},
                                         {"util-linux", "unshare"},
                                         {"util-linux", "setpriv"}}) {
    why_not = missing_program(package, program);
    if (!why_not.empty()) {
      return nullptr;
    }
  }
  std::unique_ptr<PodmanService> podman(new PodmanService(owner));
  podman->write_settings();
  std::vector<std::string> command{"podman",
                                   "--storage-driver=vfs",
                                   "--root=" + (podman->folder_.path() / "home/graph").string(),
                                   "--runroot=" + (podman->folder_.path() / "run/root").string(),
                                   "--tmpdir=" + (podman->folder_.path() / "run/tmp").string(),
                                   "system",
                                   "service",
                                   "--time=0",
                                   podman->url()};
  podman->service_ =
      std::make_unique<ChildProcess>(in_namespace(podman->as_owner(std::move(command))),
                                     podman->folder_.path() / "log", podman->environment());
  return podman->wait_until_it_answers(why_not) ? std::move(podman) : nullptr;
}

void PodmanService::write_settings() {
  const std::filesystem::path& base = folder_.path();
  write_file(base / "containers.conf", settings_text);
  std::filesystem::create_directories(base / "home");
  std::filesystem::create_directories(base / "run");
  if (owner_ == Owner::user) {
    const passwd* user = ::getpwnam(user_name);
    if (user == nullptr) {
      throw std::runtime_error(std::string("there is no user ") + user_name);
    }
    for (const auto& path : {base, base / "home", base / "run"}) {
      if (::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
        throw std::runtime_error("cannot give " + path.string() + " away");
      }
    }
    ::chmod((base / "containers.conf").c_str(), 0644);
  }
}

ChildProcess::Environment PodmanService::environment() const {
  const std::filesystem::path& base = folder_.path();
  return {{"CONTAINERS_CONF", (base / "containers.conf").string()},
          {"HOME", (base / "home").string()},
          {"XDG_RUNTIME_DIR", (base / "run").string()}};
}

/// The folder of the tests may be closed to the user.
std::vector<std::string> PodmanService::as_owner(std::vector<std::string> command) const {
  if (owner_ == Owner::root) {
    return command;
  }
  std::vector<std::string> wrapped{"env",
                                   "-C",
                                   folder_.path().string(),
                                   "setpriv",
                                   std::string("--reuid=") + user_name,
                                   "--regid=nogroup",
                                   "--clear-groups"};
  wrapped.insert(wrapped.end(), command.begin(), command.end());
  return wrapped;
}

/// In a PID namespace, so that all of it ends with the first process there. Without root Podman
/// starts itself anew as a child, in a user namespace that another process of its own holds open,
/// and each container has a monitor: none of them ends with the process that was started.
/// unshare(1) ignores SIGTERM, so the death of the test program must kill it.
std::vector<std::string> PodmanService::in_namespace(std::vector<std::string> command) {
  std::vector<std::string> wrapped{"setpriv", "--pdeathsig",  "KILL",         "unshare",   "--pid",
                                   "--fork",  "--kill-child", "--mount-proc", "catatonit", "--"};
  wrapped.insert(wrapped.end(), command.begin(), command.end());
  return wrapped;
}

CommandResult PodmanService::client(std::vector<std::string> arguments) const {
  std::vector<std::string> command{"podman", "--url", url()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_command(std::move(command), environment());
}

std::string PodmanService::podman(std::vector<std::string> arguments) const {
  std::string what = "podman " + arguments.front();
  CommandResult result = client(std::move(arguments));
  must(result, what);
  while (result.output.ends_with('\n')) {
    result.output.pop_back();
  }
  return result.output;
}

bool PodmanService::wait_until_it_answers(std::string& why_not) {
  const auto end = std::chrono::steady_clock::now() + start_max;
  while (std::chrono::steady_clock::now() < end && service_->running()) {
    if (std::filesystem::exists(socket_path()) && client({"version"}).exit_code == 0) {
      return true;
    }
    std::this_thread::sleep_for(look_again);
  }
  why_not = "podman's service does not start here: " + service_->log();
  return false;
}

std::string PodmanService::import_busybox(const std::string& name) const {
  const std::filesystem::path tree = folder_.path() / "tree";
  const std::filesystem::path archive = folder_.path() / "tree.tar";
  std::filesystem::create_directories(tree / "bin");
  std::filesystem::copy_file("/bin/busybox", tree / "bin/busybox",
                             std::filesystem::copy_options::overwrite_existing);
  if (!std::filesystem::is_symlink(tree / "bin/sleep")) {
    std::filesystem::create_symlink("busybox", tree / "bin/sleep");
  }
  must(run_command({"tar", "-C", tree.string(), "-cf", archive.string(), "."}), "tar");
  const std::string printed = podman({"import", "--quiet", archive.string(), name});
  return printed.substr(printed.rfind('\n') + 1);
}

std::string PodmanService::run_sleeping(const std::string& name, const std::string& image,
                                        const std::vector<std::string>& options) const {
  std::vector<std::string> arguments{"run", "--detach", "--name", name};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {image, "/bin/sleep", "3600"});
  return podman(std::move(arguments));
}

std::vector<pid_t> PodmanService::processes() const {
  return service_ ? processes_below(service_->pid()) : std::vector<pid_t>();
}

/// The namespace's first process ends with Podman, which it passes the signal on to; the kernel
/// ends the others, and unshare(1) waits for all of it.
void PodmanService::end_service() {
  const std::vector<pid_t> all = processes();
  for (const int number : {SIGTERM, SIGKILL}) {
    if (!all.empty() && service_->running()) {
      ::kill(all.front(), number);
      service_->wait_exit(end_max);
    }
  }
}

PodmanService::~PodmanService() {
  if (!service_) {
    return;
  }
  try {
    client({"pod", "rm", "--all", "--force", "--time=0"});
    client({"rm", "--all", "--force", "--time=0"});
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "podman: %s\n", failure.what());
  }
  end_service();
}

}  // namespace scanclock
