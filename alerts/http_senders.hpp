#pragma once

#include "alerts/sender.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scanclock::alerts {

/// One line of a receiver's answer for people: clean, cut, and without any of the secrets, should
/// the receiver repeat one.
std::string shown_answer(std::string_view answer, const std::vector<std::string>& secrets);

/// Posts within the time limit of the request. `secrets` are kept out of the outcome.
asio::awaitable<SendOutcome> post_message(HttpClient& http, HttpRequest request,
                                          std::vector<std::string> secrets);

std::unique_ptr<Sender> make_webhook_sender(const WebhookReceiver& receiver,
                                            const SenderTools& tools);
std::unique_ptr<Sender> make_pagerduty_sender(const PagerDutyReceiver& receiver,
                                              const SenderTools& tools);
std::unique_ptr<Sender> make_slack_sender(const SlackReceiver& receiver, const SenderTools& tools);
std::unique_ptr<Sender> make_teams_sender(const TeamsReceiver& receiver, const SenderTools& tools);
std::unique_ptr<Sender> make_opsgenie_sender(const OpsgenieReceiver& receiver,
                                             const SenderTools& tools);

}  // namespace scanclock::alerts
