#pragma once

#include "core/domain/time.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

inline constexpr const char* default_server_url = "http://127.0.0.1:9630";

enum class OutputFormat { table, json };

struct ConnectionOptions {
  std::string server = default_server_url;
  std::string token_file;
  /// PEM bundle to trust instead of the system's.
  std::string ca_file;
  /// Send a token over plain http to a host that is not loopback.
  bool allow_plaintext = false;
};

/// Filters as query parameters, in the order of the command line's help; empty ones are left out.
using Filters = std::vector<std::pair<std::string, std::string>>;

struct CheckOptions {
  std::string image;
  std::string platform;
  std::optional<Duration> min_remaining;
  /// Ask again until the answer is yes or this has passed.
  Duration wait = Duration::zero();
};

struct SubmitOptions {
  /// Files, folders, or `-` for standard input, once.
  std::vector<std::string> paths;
  std::string image;
  std::optional<TimePoint> finished_at;
};

struct ReportOptions {
  /// `docker` or `podman`.
  std::string product;
  /// A socket's path, or a URL as in the settings; empty for the product's usual socket.
  std::string socket;
  /// Name of the source; the engine's host name when empty.
  std::string source;
  /// Where the document goes: a file, replaced in one step, or standard output for `-` or empty.
  std::string file;
  /// Post it to the server instead.
  bool submit = false;
};

/// Of `silence`, `ack`, `unack` and `notifications`.
struct AlertingArguments {
  std::vector<std::string> matchers;
  /// Of a silence, an alert or a message.
  std::string id;
  std::string author;
  std::string reason;
  std::optional<Duration> lasts;
  std::optional<TimePoint> until;
  std::optional<TimePoint> from;
  std::string receiver;
  std::optional<TimePoint> since;
};

struct DatabaseOptions {
  std::string config;
  /// Of backup and restore.
  std::string file;
};

}  // namespace scanclock
