#pragma once

#include "tests/support/child_process.hpp"

#include <memory>
#include <string>

namespace scanclock {

/// Debian's docker-registry on a port of its own, storing in a temporary folder. It has no
/// referrers API, so referrers are found by the fallback tag.
class RegistryServer {
 public:
  /// Why there can be none; empty when there can.
  static std::string unavailable_reason();

  /// Returns when it answers; throws std::runtime_error with its log when it does not.
  RegistryServer();

  /// `127.0.0.1:41233`
  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url() const { return "http://" + host(); }
  void stop();
  /// On the same port, with the same content.
  void start();
  /// Starts again and lets nobody in but who has a line in `htpasswd` (bcrypt).
  void demand_login(const std::string& htpasswd);

  /// Starts again and posts its notifications to `url` as `Authorization: Bearer <secret>`.
  void notify(const std::string& url, const std::string& secret);

 private:
  void write_config(const std::string& more);

  TemporaryFolder folder_;
  int port_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace scanclock
