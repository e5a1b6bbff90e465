#include "daemon/systemd_notifier.hpp"

#include <systemd/sd-daemon.h>

namespace scanclock {

void SystemdNotifier::ready(const std::string& status) {
  sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
}

void SystemdNotifier::reloading(Duration monotonic) {
  // Type=notify-reload (systemd 253 and newer) waits for the time; older versions ignore it.
  sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic.count())).c_str());
}

void SystemdNotifier::stopping() { sd_notify(0, "STOPPING=1"); }

void SystemdNotifier::status(const std::string& text) { sd_notify(0, ("STATUS=" + text).c_str()); }

void SystemdNotifier::alive() { sd_notify(0, "WATCHDOG=1"); }

}  // namespace scanclock
