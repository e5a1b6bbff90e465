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

/// The version to speak, from the body of `GET /version`: the newest that both sides know.
/// Podman's compatible socket answers alike. Problems: `unsupported_version`, `malformed`.
Result<DockerApiVersion, SourceProblem> negotiate_docker_api_version(std::string_view body);

/// `Name` of `GET /info`; empty when the body tells none.
std::string parse_docker_host_name(std::string_view body);

/// An object of the event stream that matters here.
struct DockerEvent {
  enum class Kind { started, ended, other };
  Kind kind = Kind::other;
  std::string container_id;
  /// Since the Unix epoch by the daemon's clock; 0 when it says none.
  std::int64_t time_ns = 0;

  bool operator==(const DockerEvent&) const = default;
};

/// Reads old events (`status`, `id`) and those of API 1.52 (`Action`, `Actor.ID`) alike.
Result<DockerEvent, JsonFailure> parse_docker_event(std::string_view object);

/// The `since` parameter of `GET /events`: seconds and nanoseconds, `1795293563.206844908`.
std::string docker_since(std::int64_t time_ns);

/// The `message` of an error body, on one line and cut; empty when there is none.
std::string docker_error_message(std::string_view body);

}  // namespace scanclock
