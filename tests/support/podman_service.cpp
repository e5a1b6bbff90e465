#include "tests/support/podman_service.hpp"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <sys/mount.h>
#include <sys/stat.h>
#include <thread>
#include <utility>

namespace scanclock {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds start_max{30};
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

/// Storage of drivers without overlays mounts its own folder; without that gone it cannot be
/// deleted.
void unmount_podman_below(const std::filesystem::path& folder) {
  std::ifstream mounts("/proc/self/mounts");
  std::vector<std::string> found;
  std::string device;
  std::string point;
  for (std::string rest; mounts >> device >> point && std::getline(mounts, rest);) {
    if (point.starts_with(folder.string() + "/")) {
      found.push_back(point);
    }
  }
  for (auto each = found.rbegin(); each != found.rend(); ++each) {
    ::umount2(each->c_str(), MNT_DETACH);
  }
}

}  // namespace

std::unique_ptr<PodmanService> PodmanService::start(Owner owner, std::string& why_not) {
  if (::geteuid() != 0) {
    why_not = "the private Podman needs root";
    return nullptr;
  }
  for (const char* program : {"podman", "runc", "catatonit", "conmon"}) {
    why_not = missing_program(program, program);
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
  podman->service_ = std::make_unique<ChildProcess>(
      podman->as_owner(std::move(command)), podman->folder_.path() / "log", podman->environment());
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

/// env and setpriv keep the process, so that its ID is the service's. The folder of the tests may
/// be closed to the user.
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

/// Without root Podman keeps a process for its user namespace, which outlives the service.
void PodmanService::end_pause_process() const {
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder_.path() / "run", ignored)) {
    if (entry.path().filename() == "pause.pid") {
      const std::string text = read_text(entry.path());
      const pid_t pid = text.empty() ? 0 : static_cast<pid_t>(std::stol(text));
      if (pid > 1) {
        ::kill(pid, SIGKILL);
      }
    }
  }
}

PodmanService::~PodmanService() {
  if (service_) {
    try {
      client({"pod", "rm", "--all", "--force", "--time=0"});
      client({"rm", "--all", "--force", "--time=0"});
      service_->stop();
      end_pause_process();
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "podman: %s\n", failure.what());
    }
  }
  unmount_podman_below(folder_.path());
}

}  // namespace scanclock
