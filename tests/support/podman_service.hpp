#pragma once

#include "tests/support/child_process.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace scanclock {

/// A private Podman of the tests: its API service with its own storage, sockets and settings in a
/// temporary folder, its processes and mounts in namespaces of their own; needs root and Debian's
/// podman, runc and catatonit. Everything else is asked of it by Podman's own client, so that
/// nothing of the product is used. Blocks.
class PodmanService {
 public:
  enum class Owner {
    root,
    /// The user nobody, without further user IDs: what is possible without preparing the host.
    user,
  };

  /// Starts one and waits until it answers. Null when it cannot run here; `why_not` says why.
  static std::unique_ptr<PodmanService> start(Owner owner, std::string& why_not);
  /// Removes its containers, ends all its processes and deletes everything.
  ~PodmanService();
  PodmanService(const PodmanService&) = delete;
  PodmanService& operator=(const PodmanService&) = delete;

  /// `unix:///tmp/…/podman.sock`
  std::string url() const { return "unix://" + socket_path(); }
  std::string socket_path() const { return (folder_.path() / "podman.sock").string(); }

  /// Runs `podman ARGUMENTS` against the service; what it printed, without the line's end. Throws
  /// std::runtime_error with its words when it fails.
  std::string podman(std::vector<std::string> arguments) const;
  /// Makes the image `name` of Debian's busybox-static, with /bin/sleep; returns its ID as Podman
  /// prints it, `sha256:…`.
  std::string import_busybox(const std::string& name) const;
  /// Starts `/bin/sleep` on the host's network; returns the container ID.
  std::string run_sleeping(const std::string& name, const std::string& image,
                           const std::vector<std::string>& options = {}) const;
  /// IDs of all processes of the service and its containers.
  std::vector<pid_t> processes() const;

 private:
  explicit PodmanService(Owner owner) : owner_(owner) {}
  void write_settings();
  std::vector<std::string> as_owner(std::vector<std::string> command) const;
  static std::vector<std::string> in_namespace(std::vector<std::string> command);
  ChildProcess::Environment environment() const;
  CommandResult client(std::vector<std::string> arguments) const;
  bool wait_until_it_answers(std::string& why_not);
  void end_service();

  Owner owner_;
  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> service_;
};

}  // namespace scanclock

/// Skips the test where no Podman can run, except under CI=true, where that is a failure.
#define SKIP_OR_FAIL_WITHOUT_PODMAN(podman, why_not)         \
  do {                                                       \
    if (!(podman)) {                                         \
      const char* ci = std::getenv("CI");                    \
      if (ci != nullptr && std::string_view(ci) == "true") { \
        FAIL() << "no Podman: " << (why_not);                \
      }                                                      \
      GTEST_SKIP() << "no Podman: " << (why_not);            \
    }                                                        \
  } while (false)
