#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace scanclock {

/// A scanner's report that a cluster keeps as an object of its own.
struct ClusterScanReport {
  ClusterScanReport() = default;
  /// The workload source's name.
  std::string source;
  /// The object, without what changes though the report does not (resourceVersion, managedFields,
  /// annotations).
  std::shared_ptr<const std::string> bytes;
};

/// What became of a report.
enum class ScanReportOutcome {
  /// It is kept, and at least one policy counts it.
  counted,
  /// No policy counts it, or it is no evidence at all.
  refused,
  /// It could not be kept now: hand it in again.
  not_kept,
};

/// Takes reports that workload sources come across. Implemented by the daemon; called on the I/O
/// thread.
class EvidenceSink {
 public:
  virtual ~EvidenceSink() = default;

  /// Returns when the report has been judged and, if it is evidence, stored. The same report may
  /// come again.
  virtual boost::asio::awaitable<ScanReportOutcome> report_found(ClusterScanReport report) = 0;
};

}  // namespace scanclock
