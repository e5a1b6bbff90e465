#pragma once

#include "alerts/wakeup.hpp"
#include "core/domain/ports.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "daemon/engine.hpp"
#include "daemon/telemetry.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <string>

namespace scanclock {

/// Checks signatures again that no key verified, once other keys reach them: because the settings
/// got keys, or because their image came to stand where keys are bound. Evidence that is kept is
/// not fetched again, and pushed evidence could not be. What then verifies is added beside what was
/// there, under the trust class that it now has (docs/decisions/0006-trust.md). I/O thread only.
class SignatureRecheck {
 public:
  /// All must outlive it.
  SignatureRecheck(asio::any_io_executor executor, Engine& engine, Ledger& ledger,
                   BlockingPool& pool, Clock& clock, Telemetry& telemetry);

  /// Notes what is to be checked among the evidence of these images. After a change of the settings
  /// these are all images.
  void look(const Touched& touched);

  /// Until cancelled.
  asio::awaitable<void> run();

 private:
  void look_at(const EvidenceRecord& record);
  asio::awaitable<void> check_waiting();
  asio::awaitable<void> check(EvidenceKey key);

  Engine& engine_;
  Ledger& ledger_;
  BlockingPool& pool_;
  Clock& clock_;
  Telemetry& telemetry_;
  alerts::Wakeup wakeup_;
  /// By evidence, the keys that it was last checked with; `waiting_` are those to check it with.
  std::map<EvidenceKey, std::string> checked_;
  std::map<EvidenceKey, std::string> waiting_;
};

}  // namespace scanclock
