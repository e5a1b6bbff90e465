#pragma once

#include "core/domain/interned.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace scanclock {

/// Finds the one that has a value already. Forgets, now and then, values that only the pool knows.
/// `Hash` takes a value, and whatever else values are looked for by.
template <class Value, class Hash>
class InternPool {
 public:
  Interned<Value> intern(const Value& value) {
    return intern_like(value, [&] { return value; });
  }
  /// Takes `value` over where no equal one is known, else gives the known one.
  Interned<Value> intern(const Interned<Value>& value) {
    const auto known = entries_.find(*value);
    return known == entries_.end() ? add(value) : *known;
  }
  /// Finds by what has the hash of a value and equals it; calls `make` for one that is not known.
  template <class Like, class Make>
  Interned<Value> intern_like(const Like& like, Make make) {
    const auto known = entries_.find(like);
    return known == entries_.end() ? add(Interned<Value>(make())) : *known;
  }
  std::size_t size() const { return entries_.size(); }

 private:
  static constexpr std::size_t sweep_min = 256;

  Interned<Value> add(Interned<Value> value) {
    if (entries_.size() >= sweep_at_) {
      boost::unordered::erase_if(entries_,
                                 [](const Interned<Value>& entry) { return !entry.is_shared(); });
      sweep_at_ = std::max(sweep_min, entries_.size() * 2);
    }
    return *entries_.insert(std::move(value)).first;
  }

  struct HashValue {
    using is_transparent = void;
    template <class Like>
    std::size_t operator()(const Like& like) const {
      return Hash()(like);
    }
    std::size_t operator()(const Interned<Value>& value) const { return Hash()(*value); }
  };
  struct EqualValue {
    using is_transparent = void;
    template <class Like>
    static const Like& plain(const Like& like) {
      return like;
    }
    static const Value& plain(const Interned<Value>& value) { return *value; }
    template <class Left, class Right>
    bool operator()(const Left& left, const Right& right) const {
      return plain(left) == plain(right);
    }
  };

  boost::unordered_flat_set<Interned<Value>, HashValue, EqualValue> entries_;
  std::size_t sweep_at_ = sweep_min;
};

}  // namespace scanclock
