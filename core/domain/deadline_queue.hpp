#pragma once

#include "core/domain/time.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

/// Which subject must be looked at again when, by the passing of time alone. One entry a subject.
class DeadlineQueue {
 public:
  /// Replaces the subject's entry; nothing removes it.
  void set(const std::string& subject, std::optional<TimePoint> at);

  /// Removes and returns the subjects that are due at `now`, earliest first.
  std::vector<std::string> take_due(TimePoint now);

  std::optional<TimePoint> next() const;
  std::size_t size() const { return when_.size(); }

 private:
  std::set<std::pair<TimePoint, std::string>> order_;
  std::map<std::string, TimePoint> when_;
};

}  // namespace scanclock
