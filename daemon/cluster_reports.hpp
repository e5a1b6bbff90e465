#pragma once

#include "core/workloads/evidence_sink.hpp"
#include "daemon/scan_intake.hpp"

namespace scanclock {

/// Takes the reports that clusters keep as evidence of origin `cluster`. I/O thread only.
class ClusterReports final : public EvidenceSink {
 public:
  /// `intake` must outlive it.
  explicit ClusterReports(ScanIntake& intake) : intake_(intake) {}

  asio::awaitable<ScanReportOutcome> report_found(ClusterScanReport report) override;

 private:
  ScanIntake& intake_;
};

}  // namespace scanclock
