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

/// Takes reports that workload sources come across. Implemented by the daemon; called on the I/O
/// thread.
class EvidenceSink {
 public:
  virtual ~EvidenceSink() = default;

  /// Returns when the report has been judged and, if it is evidence, kept; false when it must be
  /// handed in again, because it could not be kept now. The same report may come again.
  virtual boost::asio::awaitable<bool> report_found(ClusterScanReport report) = 0;
};

}  // namespace scanclock
