#pragma once

#include "alerts/delivery.hpp"
#include "alerts/lifecycle.hpp"
#include "alerts/receiver.hpp"
#include "alerts/wakeup.hpp"
#include "core/net/http_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scanclock::alerts {

/// As Prometheus itself does it: told again every minute, resolved ones for 15 minutes, in batches.
inline constexpr Duration alertmanager_push_every = std::chrono::minutes(1);
inline constexpr Duration alertmanager_resolved_repeated = std::chrono::minutes(15);
inline constexpr std::size_t alertmanager_batch_max = 256;

/// One entry of `POST /api/v2/alerts`.
struct PostableAlert {
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  TimePoint starts_at;
  TimePoint ends_at;
};

/// What Alertmanagers are told at `now`: firing alerts until now + resolve_after, and alerts that
/// ended after `ended_since`. A label set that fires again is not resolved in the same breath; of
/// several endings of one label set the last is told.
std::vector<PostableAlert> postable_alerts(const std::vector<Alert>& firing,
                                           const std::vector<Alert>& ended, TimePoint ended_since,
                                           Duration resolve_after, TimePoint now);

/// JSON arrays of at most alertmanager_batch_max alerts. An alert's old label set and its new one
/// share a batch when both fit into one.
std::vector<std::string> alertmanager_batches(const std::vector<PostableAlert>& alerts,
                                              const std::string& generator_url);

/// What one receiver's Alertmanagers are to hear of, asked for at every push.
struct AlertmanagerView {
  /// False until it is known since the start what is held back: nothing is told before.
  bool is_complete = true;
  std::vector<Alert> firing;
  std::vector<Alert> ended;
};
using AskAlertmanagerView = std::function<AlertmanagerView()>;

/// Tells one Alertmanager instance everything each minute, and at once after notify(). An instance
/// that was away hears of all that ended meanwhile, up to ended_alerts_kept. I/O thread only.
class AlertmanagerPusher {
 public:
  AlertmanagerPusher(asio::any_io_executor executor, Clock& clock, HttpClient& http,
                     const Receiver& receiver, std::string url, std::string external_url,
                     AskAlertmanagerView ask, CountOutcome count);

  /// Until cancelled.
  asio::awaitable<void> run();
  void notify() { wakeup_.notify(); }

  /// Of the receiver.
  const std::string& name() const { return receiver_; }
  /// Since when this instance took nothing although it was told.
  std::optional<TimePoint> failing_since() const { return failing_since_; }
  std::optional<TimePoint> last_delivered_at() const { return last_delivered_at_; }
  /// Empty after a success.
  const std::string& last_error() const { return last_error_; }

 private:
  asio::awaitable<bool> push(TimePoint now);
  asio::awaitable<bool> send(std::string batch);
  void note_error(const std::string& error);

  Clock& clock_;
  HttpClient& http_;
  std::string receiver_;
  AlertmanagerReceiver options_;
  std::optional<Duration> heartbeat_every_;
  std::string url_;
  std::string external_url_;
  AskAlertmanagerView ask_;
  CountOutcome count_;
  Wakeup wakeup_;
  std::optional<TimePoint> last_success_at_;
  std::optional<TimePoint> failing_since_;
  std::optional<TimePoint> last_delivered_at_;
  std::string last_error_;
};

}  // namespace scanclock::alerts
