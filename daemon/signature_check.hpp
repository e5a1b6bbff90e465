#pragma once

#include "core/domain/inventory.hpp"
#include "core/evidence/reader.hpp"
#include "core/runtime/blocking_pool.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace scanclock {

/// Parsing and hashing of smaller evidence do not hold up the I/O thread for long.
inline constexpr std::size_t parse_inline_bytes_max = std::size_t{128} << 10;

/// Evidence with the envelope that its signatures stand in, until they are checked.
struct UncheckedEvidence {
  UncheckedEvidence() = default;
  Evidence evidence;
  /// Null where it came in none.
  std::shared_ptr<const Envelope> envelope;
};

/// Reads evidence, on the pool when it is large.
boost::asio::awaitable<ReadEvidence> read_evidence_on(BlockingPool& pool,
                                                      std::shared_ptr<const std::string> bytes);

/// Fills in what the signatures come to under the present settings: state, detail, and the trust
/// class `signed` where a signed statement itself names image and time. All else in the evidence is
/// filled in before. `inventory` must outlive the call. I/O thread.
boost::asio::awaitable<Evidence> check_signatures_on(BlockingPool& pool, const Inventory& inventory,
                                                     UncheckedEvidence unchecked);

}  // namespace scanclock
