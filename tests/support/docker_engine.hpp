#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace scanclock {

/// A private Docker Engine of the tests: dockerd with its own containerd, data, sockets and no
/// network of its own, in a temporary folder; needs root and Debian's docker.io. Blocks; uses
/// nothing of the product, so that it can be held against it.
class DockerEngine {
 public:
  /// Starts one and waits until it answers. Null when it cannot run here; `why_not` says why.
  static std::unique_ptr<DockerEngine> start(std::string& why_not);
  /// Removes its containers, stops dockerd by its process ID and deletes everything.
  ~DockerEngine();
  DockerEngine(const DockerEngine&) = delete;
  DockerEngine& operator=(const DockerEngine&) = delete;

  /// `unix:///tmp/…/docker.sock`
  std::string url() const { return "unix://" + socket_path(); }
  std::string socket_path() const { return (folder_ / "docker.sock").string(); }

  // All of these throw std::runtime_error with the daemon's words when it refuses.

  /// Makes the image `repository:tag` of Debian's busybox-static, with /bin/sleep; returns its ID.
  std::string import_busybox(const std::string& repository, const std::string& tag);
  /// Reads an archive as `docker save` writes it.
  void load(const std::filesystem::path& archive);
  /// From a registry; one on the loopback may speak plain HTTP.
  void pull(const std::string& repository, const std::string& tag);
  /// To the registry that the repository's name begins with, without credentials.
  void push(const std::string& repository, const std::string& tag);
  /// The digest in the first of the image's RepoDigests.
  std::string repository_digest(const std::string& image);
  void tag(const std::string& image, const std::string& repository, const std::string& tag);
  /// Removes the name, under running containers, too.
  void remove_image(const std::string& image);
  /// Creates and starts `/bin/sleep` on the host's network; returns the container ID.
  /// `labels` is a JSON object.
  std::string run_sleeping(const std::string& name, const std::string& image,
                           const std::string& labels = "{}");
  void stop_container(const std::string& id);
  void pause_container(const std::string& id);

  /// Makes this engine the one manager of a Swarm of its own, reached on the loopback only; it
  /// leaves it when it stops. Throws where Swarm cannot run.
  void begin_swarm();
  /// A service of `/bin/sleep` on the host's network; returns its ID. The image is not resolved to
  /// a digest: a client does that, and this one does not.
  std::string create_service(const std::string& name, const std::string& image, int replicas,
                             const std::string& labels = "{}");
  /// Makes the service run another image, one replica after the other.
  void update_service(const std::string& id, const std::string& image);
  void remove_service(const std::string& id);

 private:
  struct Answer {
    int status = 0;
    std::string body;
  };

  explicit DockerEngine(std::filesystem::path folder) : folder_(std::move(folder)) {}
  void spawn();
  bool wait_until_it_answers(std::string& why_not);
  void stop() noexcept;
  std::string end_of_log() const;
  Answer request(std::string_view method, const std::string& path, std::string_view body = {},
                 std::string_view content_type = "application/json") const;
  Answer require(std::string_view method, const std::string& path, std::string_view body = {},
                 std::string_view content_type = "application/json") const;

  std::filesystem::path folder_;
  pid_t pid_ = -1;
  bool in_swarm_ = false;
};

}  // namespace scanclock

/// Skips the test where no Docker Engine can run, except under CI=true, where that is a failure.
#define SKIP_OR_FAIL_WITHOUT_DOCKER(engine, why_not)         \
  do {                                                       \
    if (!(engine)) {                                         \
      const char* ci = std::getenv("CI");                    \
      if (ci != nullptr && std::string_view(ci) == "true") { \
        FAIL() << "no Docker Engine: " << (why_not);         \
      }                                                      \
      GTEST_SKIP() << "no Docker Engine: " << (why_not);     \
    }                                                        \
  } while (false)
