#include "tests/support/daemon_process.hpp"

#include "tests/support/eventually.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace scanclock {
namespace {

constexpr Duration up_max = std::chrono::seconds(40);
constexpr Duration end_max = std::chrono::seconds(60);
constexpr std::size_t shown_bytes = 4000;
constexpr std::string_view bound = "listening on ";

std::string end_of(const std::string& log) {
  return log.substr(log.size() > shown_bytes ? log.size() - shown_bytes : 0);
}

/// `127.0.0.1:41233`; empty while the log does not say it.
std::string address_in(const std::string& log) {
  const auto found = log.find(bound);
  const auto end = log.find('\n', found);
  if (found == std::string::npos || end == std::string::npos) {
    return {};
  }
  const auto begin = found + bound.size();
  return log.substr(begin, end - begin);
}

}  // namespace

std::string built_program(const std::string& name) {
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  const std::filesystem::path build = self.parent_path().parent_path();
  return (build / (name == "scanclockd" ? "daemon" : "cli") / name).string();
}

std::string DaemonProcess::unavailable_reason() {
  for (const char* name : {"scanclockd", "scanclock"}) {
    if (::access(built_program(name).c_str(), X_OK) != 0) {
      return std::string(name) + " is not built";
    }
  }
  return {};
}

DaemonProcess::DaemonProcess(std::filesystem::path settings, std::filesystem::path log)
    : settings_(std::move(settings)), log_(std::move(log)) {
  start();
}

void DaemonProcess::start() {
  log_start_ = read_text(log_).size();
  const std::vector<std::string> command{built_program("scanclockd"), "--config",
                                         settings_.string()};
  process_ = std::make_unique<ChildProcess>(command, log_);
}

void DaemonProcess::wait_until_up(bool ready) {
  const bool up = eventually(up_max, [this, ready] {
    return !process_->running() || (!address_in(log()).empty() && (!ready || is_ready()));
  });
  if (!up || !process_->running()) {
    throw std::runtime_error("scanclockd does not come up: " + end_of(log()));
  }
}

void DaemonProcess::kill() {
  process_->signal(SIGKILL);
  process_->wait_exit(end_max);
}

int DaemonProcess::terminate() { return process_->stop(end_max); }

std::string DaemonProcess::url() const {
  const std::string address = address_in(log());
  if (address.empty()) {
    throw std::runtime_error("scanclockd has not bound its address: " + end_of(log()));
  }
  return "http://" + address;
}

bool DaemonProcess::is_ready() const { return get("/-/ready").status == 200; }

nlohmann::json DaemonProcess::get_json(const std::string& path) const { return get(path).json(); }

HttpAnswer DaemonProcess::post(const std::string& path, const std::string& body,
                               const std::string& token) const {
  std::vector<HttpHeader> headers;
  if (!token.empty()) {
    headers.emplace_back("Authorization", "Bearer " + token);
  }
  return http_call("POST", url() + path, body, headers);
}

std::string DaemonProcess::log() const {
  const std::string all = read_text(log_);
  return all.substr(std::min(log_start_, all.size()));
}

}  // namespace scanclock
