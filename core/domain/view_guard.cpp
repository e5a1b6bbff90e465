#include "core/domain/view_guard.hpp"

#include <algorithm>

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

bool EndGuard::believes(std::size_t living, std::size_t beginning, std::size_t ending,
                        TimePoint now) {
  if (!counted_at_ || now - *counted_at_ >= suspicious_drop_hold) {
    members_ = 0;
    counted_at_ = now;
  }
  members_ = std::max(members_, living);
  const std::size_t left = living + beginning - std::min(ending, living + beginning);
  return ending == 0 || members_ < members_min || (left > 0 && left * 2 >= members_);
}

bool ViewGuards::believes(const std::string& source, const Namespaces& namespaces,
                          std::size_t before, std::size_t retained, TimePoint now) {
  return views_[source][namespaces].believes(before, retained, now);
}

bool ViewGuards::confirm(const std::string& source) {
  auto& views = views_[source];
  bool doubted = false;
  for (auto& [namespaces, guard] : views) {
    doubted = doubted || guard.doubted_since();
    guard.confirm();
  }
  return doubted;
}

}  // namespace scanclock
