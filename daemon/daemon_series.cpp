#include "daemon/daemon_series.hpp"

#include <set>

namespace scanclock {
namespace {

double stamp_or_zero(const std::optional<TimePoint>& time) {
  return time ? std::chrono::duration<double>(time->time_since_epoch()).count() : 0;
}

template <class Value>
void write_source_family(MetricText& text, const std::vector<SourceStatus>& sources,
                         std::string_view name, std::string_view help, Value value) {
  text.begin(name, "gauge", help);
  for (const SourceStatus& source : sources) {
    text.sample({{"source", source.name}, {"kind", to_string(source.kind)}}, value(source));
  }
}

void write_source_series(MetricText& text, const DaemonSeriesInput& input) {
  const std::vector<SourceStatus> sources = input.sources.all();
  write_source_family(text, sources, "scanclock_source_up", "1 while the source answers.",
                      [](const SourceStatus& source) { return source.failing_since ? 0 : 1; });
  write_source_family(text, sources, "scanclock_source_blind",
                      "1 once the source has not answered for its blind_after.",
                      [&input](const SourceStatus& source) {
                        return input.sources.is_blind(source.name, input.now) ? 1 : 0;
                      });
  write_source_family(
      text, sources, "scanclock_source_last_success_timestamp_seconds",
      "When the source last answered; 0 for never.",
      [](const SourceStatus& source) { return stamp_or_zero(source.last_success_at); });
}

void write_alert_series(MetricText& text, const DaemonSeriesInput& input) {
  std::map<std::pair<std::string, Severity>, std::size_t> counts = input.alerts;
  for (const alerts::RuleText& rule : alerts::rule_texts()) {
    counts.try_emplace({std::string(rule.rule), Severity::warning}, 0);
    counts.try_emplace({std::string(rule.rule), Severity::critical}, 0);
  }
  text.begin("scanclock_alerts", "gauge", "Firing alerts.");
  for (const auto& [sort, number] : counts) {
    text.sample({{"rule", sort.first}, {"severity", to_string(sort.second)}},
                static_cast<double>(number));
  }
}

/// What is known of one receiver; a receiver for which nothing waits has a queue of length zero.
struct ReceiverSeries {
  OutboxStatistics queue;
  bool stopped = false;
};

std::map<std::string, ReceiverSeries> receiver_series(const DaemonSeriesInput& input) {
  std::map<std::string, ReceiverSeries> receivers;
  for (const OutboxStatistics& queue : input.queues) {
    receivers[queue.receiver].queue = queue;
  }
  for (const alerts::Alerting::ReceiverState& state : input.receivers) {
    receivers[state.name].stopped = state.stopped;
  }
  return receivers;
}

template <class Value>
void write_receiver_family(MetricText& text, const std::map<std::string, ReceiverSeries>& receivers,
                           std::string_view name, std::string_view help, Value value) {
  text.begin(name, "gauge", help);
  for (const auto& [receiver, known] : receivers) {
    text.sample({{"receiver", receiver}}, value(known));
  }
}

void write_receiver_series(MetricText& text, const DaemonSeriesInput& input) {
  const auto receivers = receiver_series(input);
  write_receiver_family(text, receivers, "scanclock_notification_queue_length",
                        "Messages that wait for the receiver.", [](const ReceiverSeries& known) {
                          return static_cast<double>(known.queue.waiting);
                        });
  write_receiver_family(
      text, receivers, "scanclock_notification_oldest_timestamp_seconds",
      "When the oldest waiting message was made; 0 when none waits.",
      [](const ReceiverSeries& known) { return stamp_or_zero(known.queue.oldest_waiting_at); });
  write_receiver_family(
      text, receivers, "scanclock_notification_set_aside",
      "Messages that the receiver refused for good; they are kept.",
      [](const ReceiverSeries& known) { return static_cast<double>(known.queue.set_aside); });
  write_receiver_family(text, receivers, "scanclock_receiver_stopped",
                        "1 once the receiver said that it wants no more messages (410).",
                        [](const ReceiverSeries& known) { return known.stopped ? 1 : 0; });
}

}  // namespace

std::string render_daemon_series(const DaemonSeriesInput& input, MetricFormat format) {
  MetricText text(format);
  write_source_series(text, input);
  write_alert_series(text, input);
  write_receiver_series(text, input);
  text.begin("scanclock_evaluation_last_timestamp_seconds", "gauge",
             "When states and alert rules were last evaluated.");
  text.sample({}, stamp_or_zero(input.last_evaluation_at));
  return text.take();
}

}  // namespace scanclock
