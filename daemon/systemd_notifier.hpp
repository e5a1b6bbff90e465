#pragma once

#include "core/domain/time.hpp"

#include <string>

namespace scanclock {

/// Tells systemd how the daemon does (sd_notify(3)). Does nothing when not started by it.
class SystemdNotifier {
 public:
  void ready(const std::string& status);
  void reloading(Duration monotonic);
  void stopping();
  void status(const std::string& text);
  /// To be called when real progress was made, and only then: a scheduler that hangs must be
  /// noticed.
  void alive();
};

}  // namespace scanclock
