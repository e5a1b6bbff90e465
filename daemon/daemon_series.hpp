#pragma once

#include "alerts/alerting.hpp"
#include "core/domain/ports.hpp"
#include "core/domain/source_book.hpp"
#include "daemon/metric_text.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

struct DaemonSeriesInput {
  const SourceBook& sources;
  std::map<std::pair<std::string, Severity>, std::size_t> alerts;
  std::vector<alerts::Alerting::ReceiverState> receivers;
  const std::vector<OutboxStatistics>& queues;
  std::optional<TimePoint> last_evaluation_at;
  TimePoint now;
};

/// The families about sources, alerts, receivers and evaluation (contract.md, "Metrics").
std::string render_daemon_series(const DaemonSeriesInput& input, MetricFormat format);

}  // namespace scanclock
