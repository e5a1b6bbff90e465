#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace scanclock {

/// A webhook receiver that costs as little as it can, so that what is measured is the sender: one
/// thread, which reads no more of a request than where it ends, and answers 204.
class HookReceiver {
 public:
  /// Head and body of a request, on the receiver's thread, before it is answered.
  using OnArrival = std::function<void(std::string_view head, std::string_view body)>;

  /// Throws std::system_error when it cannot listen.
  explicit HookReceiver(OnArrival on_arrival);
  ~HookReceiver();
  HookReceiver(const HookReceiver&) = delete;
  HookReceiver& operator=(const HookReceiver&) = delete;

  std::string url() const;

 private:
  void serve();

  OnArrival on_arrival_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

/// Of a header, given as its line begins: "\r\nwebhook-id: ".
std::string_view header_value(std::string_view head, std::string_view beginning);

}  // namespace scanclock
