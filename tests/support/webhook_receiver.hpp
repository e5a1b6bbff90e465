#pragma once

#include "tests/support/blocking_http.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace scanclock {

/// A webhook receiver on threads of its own that keeps what it accepted and checks signatures as
/// Standard Webhooks 1.0 says. Every call may come from the test's thread at any time.
class WebhookReceiver {
 public:
  struct Message {
    std::string id;
    nlohmann::json body;

    std::string type() const { return body.at("type"); }
    std::string text(const char* field) const;
  };
  /// The status to answer a message with; 2xx keeps it.
  using Decide = std::function<int(const nlohmann::json& body)>;

  WebhookReceiver();

  std::string url() const { return "http://" + server_->address() + "/hook"; }
  /// As the settings take it: `whsec_…`
  std::string secret() const;

  void decide_by(Decide decide);
  /// Refusals carry this from now on; 0: no such header.
  void ask_to_retry_after(int seconds) { retry_after_ = seconds; }
  void stop() { server_->stop(); }
  void start() { server_->start(); }

  std::vector<Message> messages() const;
  /// Accepted messages of this type, rule and image digest; an empty argument fits all.
  std::vector<Message> messages(const std::string& type, const std::string& rule,
                                const std::string& digest = {}) const;
  /// The ids of messages that were not accepted, in the order of coming.
  std::vector<std::string> refused() const;
  /// Messages without a right signature and a current time.
  int bad_signatures() const;

 private:
  bool take(const ServedConnection& connection, const ServedRequest& request);
  bool is_signed(const ServedRequest& request) const;

  std::string key_;
  mutable std::mutex mutex_;
  Decide decide_;
  std::vector<Message> messages_;
  std::vector<std::string> refused_;
  int bad_signatures_ = 0;
  std::atomic<int> retry_after_ = 0;
  std::unique_ptr<BlockingServer> server_;
};

}  // namespace scanclock
