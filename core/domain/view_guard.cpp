#include "core/domain/view_guard.hpp"

namespace scanclock {

bool ViewGuard::believes(std::size_t before, std::size_t retained, TimePoint now) {
  const bool suspicious = before > 0 && (retained == 0 || (before - retained) * 2 > before);
  if (!suspicious || confirmed_) {
    doubted_since_.reset();
    confirmed_ = false;
    return true;
  }
  if (!doubted_since_) {
    doubted_since_ = now;
  }
  if (now - *doubted_since_ < suspicious_drop_hold) {
    return false;
  }
  doubted_since_.reset();
  return true;
}

}  // namespace scanclock
