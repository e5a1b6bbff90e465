#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace scanclock {

/// Picks one page of a list out of candidates that come in any order, in memory for one page: the
/// smallest keys behind `after`.
template <class Key>
class TopRows {
 public:
  TopRows(std::size_t limit, std::optional<Key> after) : limit_(limit), after_(std::move(after)) {}

  void add(Key key) {
    ++matches_;
    if (after_ && !(*after_ < key)) {
      ++before_;
      return;
    }
    if (kept_.size() < limit_) {
      kept_.push_back(std::move(key));
      std::push_heap(kept_.begin(), kept_.end());
    } else if (key < kept_.front()) {
      std::pop_heap(kept_.begin(), kept_.end());
      kept_.back() = std::move(key);
      std::push_heap(kept_.begin(), kept_.end());
    }
  }

  /// In order; ends the collecting.
  std::vector<Key> take() {
    std::sort_heap(kept_.begin(), kept_.end());
    return std::move(kept_);
  }

  std::size_t matches() const { return matches_; }
  /// How many candidates stand on pages before.
  std::size_t before() const { return before_; }

 private:
  std::size_t limit_;
  std::optional<Key> after_;
  /// A heap with the greatest on top.
  std::vector<Key> kept_;
  std::size_t matches_ = 0;
  std::size_t before_ = 0;
};

}  // namespace scanclock
