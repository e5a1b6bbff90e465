#pragma once

#include "core/domain/records.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "daemon/engine.hpp"
#include "daemon/telemetry.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// A report is acknowledged only when it is stored; whoever waits longer than this is told so.
inline constexpr Duration report_store_wait_max = std::chrono::seconds(15);

/// The bytes kept of a report whose time was stated by the caller begin with this, the time, and an
/// empty line.
inline constexpr std::string_view statement_header = "Scanclock-Finished-At: ";

/// A scanner's report as somebody hands it in, with what they state beside it.
struct HandedReport {
  HandedReport() = default;
  std::shared_ptr<const std::string> bytes;
  /// Name of the token or of the spool.
  std::string source;
  EvidenceOrigin origin = EvidenceOrigin::pushed;
  /// The image that it is said to be about, and where that stands; both may be empty.
  Digest image;
  std::string repository;
  /// Fills what the report leaves open, and may make the scan older, never newer.
  std::optional<TimePoint> finished_at;
};

/// What became of it.
struct HandedOutcome {
  enum class Kind {
    /// At least one policy counts it, and it is in the database.
    accepted,
    /// No policy counts it, for `reason`.
    refused,
    /// The database took no changes for report_store_wait_max: hand it in again.
    not_stored,
  };
  HandedOutcome() = default;
  Kind kind = Kind::refused;
  std::optional<Rejection> reason;
  std::string detail;
  /// Nothing when the bytes were not kept: they are no report, or give no time, which may be stated
  /// with the same bytes later.
  std::optional<EvidenceKey> evidence;
};

/// Takes reports that are handed in, by HTTP or as files: both count the same. I/O thread only.
class ScanIntake {
 public:
  /// All must outlive it.
  ScanIntake(Engine& engine, Clock& clock, BlockingPool& pool, Telemetry& telemetry);

  /// Idempotent by content. Throws PoolBusyError when a large report finds the pool full.
  boost::asio::awaitable<HandedOutcome> hand_in(HandedReport report);

 private:
  Engine& engine_;
  Clock& clock_;
  BlockingPool& pool_;
  Telemetry& telemetry_;
};

}  // namespace scanclock
