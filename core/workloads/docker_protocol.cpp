#include "core/workloads/docker_protocol.hpp"

#include "core/workloads/docker_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <system_error>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;
using namespace docker_json;

constexpr std::size_t error_message_bytes_max = 300;
constexpr std::int64_t ns_per_second = 1'000'000'000;

DockerEvent event_of(const json& object) {
  DockerEvent event;
  std::string action = text_of(object, "Action");
  if (action.empty()) {
    action = text_of(object, "status");
  }
  if (const json* actor = find_object(object, "Actor")) {
    event.container_id = text_of(*actor, "ID");
  }
  if (event.container_id.empty()) {
    event.container_id = text_of(object, "id");
  }
  const json* nanoseconds = find(object, "timeNano");
  const json* seconds = find(object, "time");
  if (nanoseconds != nullptr && nanoseconds->is_number_integer()) {
    event.time_ns = nanoseconds->get<std::int64_t>();
  } else if (seconds != nullptr && seconds->is_number_integer()) {
    const auto value = seconds->get<std::int64_t>();
    event.time_ns = value > 0 && value < INT64_MAX / ns_per_second ? value * ns_per_second : 0;
  }
  const std::string type = text_of(object, "Type");
  if (type == "service" || type == "node") {
    event.container_id.clear();
    event.kind = DockerEvent::Kind::swarm_changed;
    return event;
  }
  if (event.container_id.empty() || (!type.empty() && type != "container")) {
    return event;
  }
  if (action == "start") {
    event.kind = DockerEvent::Kind::started;
  } else if (action == "die" || action == "died" || action == "destroy" || action == "remove") {
    event.kind = DockerEvent::Kind::ended;
  }
  return event;
}

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && number >= 0;
  return whole ? std::optional(number) : std::nullopt;
}

/// Of the component `Podman Engine`: the newest and the oldest version of its own API.
struct PodmanVersions {
  std::string newest;
  std::string oldest;
};

std::optional<PodmanVersions> podman_versions_of(const json& object) {
  const json* components = find_array(object, "Components");
  if (components == nullptr) {
    return std::nullopt;
  }
  for (const json& component : *components) {
    if (component.is_object() && text_of(component, "Name") == "Podman Engine") {
      PodmanVersions versions;
      if (const json* details = find_object(component, "Details")) {
        versions.newest = text_of(*details, "APIVersion");
        versions.oldest = text_of(*details, "MinAPIVersion");
      }
      return versions;
    }
  }
  return std::nullopt;
}

Result<std::string, SourceProblem> podman_version_to_speak(const PodmanVersions& versions) {
  const auto major_of = [](const std::string& text) {
    return number_of(std::string_view(text).substr(0, text.find('.')));
  };
  const auto newest = major_of(versions.newest);
  // The oldest version may become a part of a path.
  if (!newest || versions.oldest.find_first_not_of("0123456789.") != std::string::npos) {
    return SourceProblem("malformed", "Podman's API versions '" + versions.newest + "' and '" +
                                          versions.oldest + "' are none");
  }
  const int oldest = major_of(versions.oldest).value_or(podman_api_major_min);
  if (*newest < podman_api_major_min || oldest > podman_api_major_max) {
    return SourceProblem(
        "unsupported_version",
        "Podman speaks version " + (versions.oldest.empty() ? "" : versions.oldest + " to ") +
            versions.newest + " of its API, scanclock " + std::to_string(podman_api_major_min) +
            " to " + std::to_string(podman_api_major_max));
  }
  return oldest <= podman_api_major_min ? std::to_string(podman_api_major_min) + ".0.0"
                                        : versions.oldest;
}

}  // namespace

std::optional<DockerApiVersion> parse_docker_api_version(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) {
    return std::nullopt;
  }
  const auto major = number_of(text.substr(0, dot));
  const auto minor = number_of(text.substr(dot + 1));
  return major && minor ? std::optional(DockerApiVersion{*major, *minor}) : std::nullopt;
}

std::string to_string(DockerApiVersion version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

Result<EngineVersions, SourceProblem> negotiate_engine_versions(std::string_view body) {
  std::string newest_text;
  std::string oldest_text;
  std::optional<PodmanVersions> podman;
  const auto failure = read_object(body, [&](const json& object) {
    newest_text = text_of(object, "ApiVersion");
    oldest_text = text_of(object, "MinAPIVersion");
    podman = podman_versions_of(object);
  });
  if (failure) {
    return SourceProblem("malformed", failure->message);
  }
  const auto newest = parse_docker_api_version(newest_text);
  if (!newest) {
    return SourceProblem("malformed", "ApiVersion '" + newest_text + "' is no version");
  }
  const auto oldest = parse_docker_api_version(oldest_text);
  if (*newest < docker_api_version_min || (oldest && *oldest > docker_api_version_max)) {
    return SourceProblem("unsupported_version",
                         "the daemon speaks API " + (oldest ? to_string(*oldest) + " to " : "") +
                             newest_text + ", scanclock " + to_string(docker_api_version_min) +
                             " to " + to_string(docker_api_version_max));
  }
  EngineVersions versions;
  versions.docker = std::min(*newest, docker_api_version_max);
  if (podman) {
    auto own = podman_version_to_speak(*podman);
    if (!own) {
      return own.error();
    }
    versions.podman = std::move(*own);
  }
  return versions;
}

std::string parse_docker_host_name(std::string_view body) {
  std::string name;
  const auto failure =
      read_object(body, [&](const json& object) { name = text_of(object, "Name"); });
  return failure ? std::string() : name;
}

Result<DockerEvent, JsonFailure> parse_docker_event(std::string_view object) {
  DockerEvent event;
  const auto failure = read_object(object, [&](const json& parsed) { event = event_of(parsed); });
  if (failure) {
    return *failure;
  }
  return event;
}

std::string docker_since(std::int64_t time_ns) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%lld.%09lld",
                static_cast<long long>(time_ns / ns_per_second),
                static_cast<long long>(time_ns % ns_per_second));
  return text.data();
}

std::string docker_error_message(std::string_view body) {
  std::string line;
  const auto failure =
      read_object(body, [&](const json& object) { line = text_of(object, "message"); });
  if (failure) {
    return {};
  }
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  if (line.size() > error_message_bytes_max) {
    std::size_t end = error_message_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) {
      --end;
    }
    line.resize(end);
  }
  return line;
}

}  // namespace scanclock
