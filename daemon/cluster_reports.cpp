#include "daemon/cluster_reports.hpp"

#include "core/runtime/log.hpp"

#include <utility>

namespace scanclock {

asio::awaitable<ScanReportOutcome> ClusterReports::report_found(ClusterScanReport report) {
  HandedReport handed;
  handed.bytes = report.bytes;
  handed.source = report.source;
  handed.origin = EvidenceOrigin::cluster;
  try {
    const HandedOutcome outcome = co_await intake_.hand_in(std::move(handed));
    switch (outcome.kind) {
      case HandedOutcome::Kind::accepted:
        co_return ScanReportOutcome::counted;
      case HandedOutcome::Kind::refused:
        log::debug("evidence", "{}: a report of the cluster does not count: {}", report.source,
                   outcome.detail);
        co_return ScanReportOutcome::refused;
      case HandedOutcome::Kind::not_stored:
        break;
    }
  } catch (const PoolBusyError& busy) {
    log::debug("evidence", "{}: {}", report.source, busy.what());
  }
  co_return ScanReportOutcome::not_kept;
}

}  // namespace scanclock
