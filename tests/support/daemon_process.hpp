#pragma once

#include "tests/support/blocking_http.hpp"
#include "tests/support/child_process.hpp"

#include <memory>
#include <string>

namespace scanclock {

/// scanclockd of this build with a settings file of the test, which must say
/// `listen: 127.0.0.1:0`.
class DaemonProcess {
 public:
  /// Where the program is missing, such as when only one target was built; empty otherwise.
  static std::string unavailable_reason();

  DaemonProcess(std::filesystem::path settings, std::filesystem::path log);

  /// Starts again after an end; the log goes on.
  void start();
  /// Waits until it has bound its address and, with `ready`, until it says so; throws
  /// std::runtime_error with the end of its log when it does not.
  void wait_until_up(bool ready = true);
  ChildProcess& process() { return *process_; }
  /// SIGKILL, and waits for the end.
  void kill();
  /// SIGTERM, and waits; the exit code.
  int terminate();

  /// `http://127.0.0.1:port`; throws before it has bound.
  std::string url() const;
  bool is_ready() const;
  HttpAnswer get(const std::string& path) const { return http_get(url() + path); }
  nlohmann::json get_json(const std::string& path) const;
  /// With the token, unless it is empty.
  HttpAnswer post(const std::string& path, const std::string& body, const std::string& token) const;
  /// Since the newest start().
  std::string log() const;

 private:
  std::filesystem::path settings_;
  std::filesystem::path log_;
  std::size_t log_start_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

/// The path of a program of this build: `scanclockd` or `scanclock`.
std::string built_program(const std::string& name);

}  // namespace scanclock
