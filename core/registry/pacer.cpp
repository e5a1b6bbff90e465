#include "core/registry/pacer.hpp"

#include <functional>
#include <utility>

namespace scanclock {
namespace {

PaceLimits limits_of(const RegistryOptions& options) {
  PaceLimits limits;
  limits.requests_per_second = options.max_requests_per_second;
  limits.failures_to_open = options.failures_to_open;
  limits.open_first = options.open_first;
  limits.open_max = options.open_max;
  return limits;
}

}  // namespace

Pacer::Pacer(const RegistryOptions& options, Clock& clock)
    : name_(options.name),
      clock_(clock),
      pace_(limits_of(options), std::hash<std::string>()(options.name)),
      places_(std::max<std::size_t>(options.max_concurrency, 1)) {}

Duration Pacer::blocked_for() const { return pace_.blocked_for(clock_.monotonic()); }

asio::awaitable<Result<Pacer::Permit, RegistryProblem>> Pacer::acquire() {
  FairGate::Pass pass = co_await places_.enter();
  Duration waited{0};
  for (bool has_turn = false;;) {
    const Duration wait = blocked_for();
    if (waited + wait > pacer_patience_max) {
      co_return left_alone(wait);
    }
    if (wait > Duration::zero()) {
      waited += wait;
      co_await clock_.sleep(wait);
    } else if (!has_turn) {
      // What others learn while this one waits for its turn counts: hence the second look.
      has_turn = true;
      const Duration turn = pace_.take_turn(clock_.monotonic());
      co_await clock_.sleep(turn);
    } else {
      break;
    }
  }
  pace_.start();
  Permit permit(*this, std::move(pass));
  co_return std::move(permit);
}

RegistryProblem Pacer::left_alone(Duration wait) const {
  RegistryProblem problem;
  problem.reason = pace_.last_reason();
  problem.message = "registry " + name_ + ": left alone for " + describe_duration(wait) +
                    " more after its last failure (" + pace_.last_reason() + ")";
  return problem;
}

Pacer::Permit::~Permit() {
  if (pacer_ != nullptr) {
    pacer_->pace_.abandoned();
  }
}

void Pacer::Permit::answered() {
  if (Pacer* const pacer = std::exchange(pacer_, nullptr)) {
    pacer->pace_.answered();
  }
}

void Pacer::Permit::failed(std::optional<Duration> retry_after, std::string reason) {
  if (Pacer* const pacer = std::exchange(pacer_, nullptr)) {
    pacer->pace_.failed(pacer->clock_.monotonic(), retry_after, std::move(reason));
  }
}

}  // namespace scanclock
