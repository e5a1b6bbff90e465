#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/domain/result.hpp"
#include "core/registry/fair_gate.hpp"
#include "core/registry/options.hpp"
#include "core/registry/pace.hpp"
#include "core/runtime/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace scanclock {

/// A request that would have to wait longer than this is refused instead: whoever wanted it tries
/// again when the registry may be asked.
inline constexpr Duration pacer_patience_max = std::chrono::seconds(2);

/// Holds one registry's requests to its limits: a thin driver of Pace with a concurrency limit.
/// Each registry has its own, so that one that fails leaves the others alone. I/O thread only.
class Pacer {
 public:
  Pacer(const RegistryOptions& options, Clock& clock);

  /// The right to send one request. Tell the outcome; a permit that is dropped without one counts
  /// as cancelled.
  class Permit;

  /// Waits for a place and for the turn. The problem tells that the registry is left alone for
  /// now, with the reason of the last failure.
  asio::awaitable<Result<Permit, RegistryProblem>> acquire();

  /// Zero when a request may start now.
  Duration blocked_for() const;

 private:
  RegistryProblem left_alone(Duration wait) const;

  std::string name_;
  Clock& clock_;
  Pace pace_;
  FairGate places_;
};

class Pacer::Permit {
 public:
  Permit(Pacer& pacer, FairGate::Pass pass) : pacer_(&pacer), pass_(std::move(pass)) {}
  Permit(Permit&& other) noexcept
      : pacer_(std::exchange(other.pacer_, nullptr)), pass_(std::move(other.pass_)) {}
  Permit& operator=(Permit&&) = delete;
  ~Permit();

  void answered();
  void failed(std::optional<Duration> retry_after, std::string reason);

 private:
  Pacer* pacer_;
  FairGate::Pass pass_;
};

}  // namespace scanclock
