#include "core/domain/deadline_queue.hpp"

namespace scanclock {

void DeadlineQueue::set(const std::string& subject, std::optional<TimePoint> at) {
  const auto known = when_.find(subject);
  if (known != when_.end()) {
    if (at && known->second == *at) {
      return;
    }
    order_.erase({known->second, subject});
    when_.erase(known);
  }
  if (at) {
    order_.emplace(*at, subject);
    when_.emplace(subject, *at);
  }
}

std::vector<std::string> DeadlineQueue::take_due(TimePoint now) {
  std::vector<std::string> due;
  while (!order_.empty() && order_.begin()->first <= now) {
    due.push_back(order_.begin()->second);
    when_.erase(due.back());
    order_.erase(order_.begin());
  }
  return due;
}

std::optional<TimePoint> DeadlineQueue::next() const {
  return order_.empty() ? std::nullopt : std::optional(order_.begin()->first);
}

}  // namespace scanclock
