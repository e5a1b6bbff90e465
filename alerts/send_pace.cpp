#include "alerts/send_pace.hpp"

#include <algorithm>

namespace scanclock::alerts {

SendPace::SendPace(Clock& clock, double per_second)
    : clock_(clock),
      interval_(per_second <= 0 ? Duration::zero()
                                : std::chrono::duration_cast<Duration>(
                                      std::chrono::duration<double>(1.0 / per_second))) {}

asio::awaitable<void> SendPace::turn() {
  if (interval_ == Duration::zero()) {
    co_return;
  }
  const Duration now = clock_.monotonic();
  const Duration mine = std::max(now, free_at_);
  free_at_ = mine + interval_;
  if (mine > now) {
    co_await clock_.sleep(mine - now);
  }
}

}  // namespace scanclock::alerts
