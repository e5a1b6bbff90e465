#pragma once

#include "core/domain/result.hpp"
#include "core/workloads/bounded_json.hpp"
#include "core/workloads/source_problem.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// `1.41`; numbers, so that 1.9 comes before 1.41.
struct DockerApiVersion {
  int major = 0;
  int minor = 0;

  auto operator<=>(const DockerApiVersion&) const = default;
};

std::optional<DockerApiVersion> parse_docker_api_version(std::string_view text);
std::string to_string(DockerApiVersion version);

/// 1.48 is the first that tells the platform manifest in use (ImageManifestDescriptor), and daemons
/// hide that field from callers of older versions; nothing newer is needed.
inline constexpr DockerApiVersion docker_api_version_max{1, 48};
inline constexpr DockerApiVersion docker_api_version_min{1, 24};

/// Of Podman's own API, which counts as Podman itself does. 4.0.0 is the first with the paths and
/// fields that are read here; Podman 5 still answers to it.
inline constexpr int podman_api_major_min = 4;
inline constexpr int podman_api_major_max = 6;

/// What both sides speak.
struct EngineVersions {
  DockerApiVersion docker;
  /// `4.0.0`, for the paths below `/libpod`; empty unless Podman answers.
  std::string podman;

  bool operator==(const EngineVersions&) const = default;
};

/// The versions to speak, from the body of `GET /version`: of Docker's API the newest that both
/// sides know, of Podman's the oldest that both know, for nothing newer is needed. Podman answers
/// for both. Problems: `unsupported_version`, `malformed`.
Result<EngineVersions, SourceProblem> negotiate_engine_versions(std::string_view body);

/// `Name` of `GET /info`; empty when the body tells none.
std::string parse_docker_host_name(std::string_view body);

/// An object of the event stream that matters here.
struct DockerEvent {
  enum class Kind {
    started,
    ended,
    /// Something was done to a service or a node of the Swarm.
    swarm_changed,
    other,
  };
  Kind kind = Kind::other;
  /// Of started and ended.
  std::string container_id;
  /// Since the Unix epoch by the daemon's clock; 0 when it says none.
  std::int64_t time_ns = 0;

  bool operator==(const DockerEvent&) const = default;
};

/// Reads old events (`status`, `id`), those of API 1.52 (`Action`, `Actor.ID`) and Podman's (`died`
/// and `remove` in its own API, `die` and `remove` in Docker's) alike.
Result<DockerEvent, JsonFailure> parse_docker_event(std::string_view object);

/// The `since` parameter of `GET /events`: seconds and nanoseconds, `1795293563.206844908`.
std::string docker_since(std::int64_t time_ns);

/// The `message` of an error body, on one line and cut; empty when there is none.
std::string docker_error_message(std::string_view body);

}  // namespace scanclock
