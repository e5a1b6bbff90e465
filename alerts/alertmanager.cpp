#include "alerts/alertmanager.hpp"

#include "core/net/url.hpp"
#include "core/runtime/log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

constexpr Duration push_timeout = std::chrono::seconds(10);

/// The old label set of an alert and its new one share everything but what changed, so sorting by
/// rule and subject keeps them together.
std::string sort_key(const PostableAlert& alert) {
  std::string key;
  for (const char* name : {"alertname", "digest", "image", "source", "policy"}) {
    const auto label = alert.labels.find(name);
    key += (label == alert.labels.end() ? std::string() : label->second) + '\xff';
  }
  return key;
}

/// The instance for people: host and port, without a path that might be secret.
std::string authority_of(const std::string& url) {
  const auto parsed = parse_url(url);
  return parsed ? parsed->authority() : "an invalid URL";
}

}  // namespace

std::vector<PostableAlert> postable_alerts(const std::vector<Alert>& firing,
                                           const std::vector<Alert>& ended, TimePoint ended_since,
                                           Duration resolve_after, TimePoint now) {
  std::map<std::map<std::string, std::string>, PostableAlert> by_labels;
  for (const Alert& alert : ended) {
    if (!alert.ended_at || *alert.ended_at < ended_since) {
      continue;
    }
    PostableAlert& entry = by_labels[alert.labels];
    if (entry.labels.empty() || entry.ends_at <= *alert.ended_at) {
      entry = {alert.labels, alert.annotations, alert.started_at, std::min(*alert.ended_at, now)};
    }
  }
  for (const Alert& alert : firing) {
    by_labels[alert.labels] = {alert.labels, alert.annotations, alert.started_at,
                               now + resolve_after};
  }
  std::vector<std::pair<std::string, PostableAlert>> keyed;
  for (auto& [labels, alert] : by_labels) {
    keyed.emplace_back(sort_key(alert), std::move(alert));
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& left, const auto& right) { return left.first < right.first; });
  std::vector<PostableAlert> alerts;
  for (auto& [key, alert] : keyed) {
    alerts.push_back(std::move(alert));
  }
  return alerts;
}

std::vector<std::string> alertmanager_batches(const std::vector<PostableAlert>& alerts,
                                              const std::string& generator_url) {
  std::vector<std::string> batches;
  std::size_t begin = 0;
  while (begin < alerts.size()) {
    std::size_t end = std::min(begin + alertmanager_batch_max, alerts.size());
    // Do not cut between the label sets of one alert.
    while (end < alerts.size() && end > begin + 1 &&
           sort_key(alerts[end - 1]) == sort_key(alerts[end])) {
      --end;
    }
    nlohmann::json batch = nlohmann::json::array();
    for (std::size_t i = begin; i < end; ++i) {
      batch.push_back({{"labels", alerts[i].labels},
                       {"annotations", alerts[i].annotations},
                       {"startsAt", format_rfc3339(alerts[i].starts_at)},
                       {"endsAt", format_rfc3339(alerts[i].ends_at)},
                       {"generatorURL", generator_url}});
    }
    batches.push_back(batch.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    begin = end;
  }
  return batches;
}

AlertmanagerPusher::AlertmanagerPusher(asio::any_io_executor executor, Clock& clock,
                                       HttpClient& http, const Receiver& receiver, std::string url,
                                       std::string external_url, AskAlertmanagerView ask,
                                       CountOutcome count)
    : clock_(clock),
      http_(http),
      receiver_(receiver.name),
      options_(*receiver.alertmanager),
      heartbeat_every_(receiver.heartbeat_every),
      url_(std::move(url)),
      external_url_(std::move(external_url)),
      ask_(std::move(ask)),
      count_(std::move(count)),
      wakeup_(std::move(executor), clock) {}

asio::awaitable<void> AlertmanagerPusher::run() {
  for (;;) {
    const TimePoint now = clock_.now();
    if (co_await push(now)) {
      last_success_at_ = now;
    }
    co_await wakeup_.wait(alertmanager_push_every);
  }
}

asio::awaitable<bool> AlertmanagerPusher::push(TimePoint now) {
  const AlertmanagerView view = ask_();
  if (!view.is_complete) {
    co_return false;
  }
  TimePoint ended_since = now - alertmanager_resolved_repeated;
  ended_since = std::min(ended_since, last_success_at_.value_or(now - ended_alerts_kept));
  std::vector<PostableAlert> alerts =
      postable_alerts(view.firing, view.ended, ended_since, options_.resolve_after, now);
  for (PostableAlert& alert : alerts) {
    // A dead man's switch must fall soon after its hand is gone.
    if (heartbeat_every_ && alert.labels["alertname"] == rule_watchdog && alert.ends_at > now) {
      alert.ends_at = now + 4 * std::max(*heartbeat_every_, alertmanager_push_every);
    }
  }
  bool all_sent = true;
  for (std::string& batch : alertmanager_batches(alerts, external_url_)) {
    const bool sent = co_await send(std::move(batch));
    all_sent = all_sent && sent;
  }
  co_return all_sent;
}

asio::awaitable<bool> AlertmanagerPusher::send(std::string batch) {
  HttpRequest request;
  request.method = "POST";
  request.url = url_ + "/api/v2/alerts";
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(batch);
  request.timeout = push_timeout;
  request.body_bytes_max = response_bytes_max;
  const auto response = co_await http_.send(std::move(request));
  std::string error;
  if (!response) {
    error = "cannot be reached: " + std::string(to_string(response.error().reason));
  } else if (response->status < 200 || response->status >= 300) {
    error = "answered " + std::to_string(response->status);
  }
  if (count_) {
    count_(receiver_, error.empty() ? "delivered" : "failed");
  }
  note_error(error);
  co_return error.empty();
}

void AlertmanagerPusher::note_error(const std::string& error) {
  if (error.empty()) {
    failing_since_.reset();
    last_delivered_at_ = clock_.now();
  } else {
    failing_since_ = failing_since_.value_or(clock_.now());
  }
  if (error == last_error_) {
    return;
  }
  if (error.empty()) {
    log::info("alerts", "alertmanager {} of receiver {} accepts alerts again", authority_of(url_),
              receiver_);
  } else {
    log::error("alerts", "alertmanager {} of receiver {} {}", authority_of(url_), receiver_, error);
  }
  last_error_ = error;
}

}  // namespace scanclock::alerts
