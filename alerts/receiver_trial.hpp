#pragma once

#include "alerts/notification.hpp"
#include "alerts/sender.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace scanclock::alerts {

/// Rule of test messages; no alert of the record bears it.
inline constexpr std::string_view rule_test = "ScanclockTest";

/// How one real attempt with a test message ended.
struct ReceiverTrial {
  ReceiverTrial() = default;
  std::string receiver;
  std::string kind;
  bool delivered = false;
  /// Of the answer; 0 for none.
  int status = 0;
  /// Without secrets; of a success, what should be known all the same.
  std::string error;
  Duration took{0};
};

/// A message that says of itself that it is a test: firing, severity none.
Notification trial_notification(const Receiver& receiver, const std::string& message_id,
                                TimePoint now);

/// One attempt, past the outbox. Alertmanagers are all told. Throws std::invalid_argument as
/// make_sender() does. `receiver` and `input` are copied by the caller into what outlives the call.
asio::awaitable<ReceiverTrial> try_receiver(const Receiver& receiver, const SenderTools& tools,
                                            const MessageInput& input);

}  // namespace scanclock::alerts
