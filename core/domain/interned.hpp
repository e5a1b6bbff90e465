#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <algorithm>
#include <cstddef>
#include <unordered_set>
#include <utility>

namespace scanclock {

/// A value that many owners have alike, kept once: 8 bytes an owner. Never changes. A
/// default-constructed one stands for a default-constructed value.
template <class Value>
class Interned {
 public:
  Interned() = default;
  explicit Interned(Value value) : node_(new Node(std::move(value))) {}

  const Value& operator*() const {
    static const Value none{};
    return node_ ? node_->value : none;
  }
  const Value* operator->() const { return &**this; }
  bool is_shared() const { return node_ && node_->use_count() > 1; }

 private:
  /// Counted atomically, for records go to other threads with what is stored.
  struct Node : boost::intrusive_ref_counter<Node, boost::thread_safe_counter> {
    explicit Node(Value&& given) : value(std::move(given)) {}
    Value value;
  };

  boost::intrusive_ptr<const Node> node_;
};

/// Finds the one that has a value already. Forgets, now and then, values that only the pool knows.
/// `Hash` takes a value; values compare with `==`.
template <class Value, class Hash>
class InternPool {
 public:
  Interned<Value> intern(const Value& value) {
    const auto known = entries_.find(value);
    return known == entries_.end() ? add(Interned<Value>(value)) : *known;
  }
  /// Takes `value` over where no equal one is known, else gives the known one.
  Interned<Value> intern(const Interned<Value>& value) {
    const auto known = entries_.find(*value);
    return known == entries_.end() ? add(value) : *known;
  }
  std::size_t size() const { return entries_.size(); }

 private:
  static constexpr std::size_t sweep_min = 256;

  Interned<Value> add(Interned<Value> value) {
    if (entries_.size() >= sweep_at_) {
      std::erase_if(entries_, [](const Interned<Value>& entry) { return !entry.is_shared(); });
      sweep_at_ = std::max(sweep_min, entries_.size() * 2);
    }
    return *entries_.insert(std::move(value)).first;
  }

  struct HashValue {
    using is_transparent = void;
    std::size_t operator()(const Value& value) const { return Hash()(value); }
    std::size_t operator()(const Interned<Value>& value) const { return Hash()(*value); }
  };
  struct EqualValue {
    using is_transparent = void;
    static const Value& plain(const Value& value) { return value; }
    static const Value& plain(const Interned<Value>& value) { return *value; }
    template <class Left, class Right>
    bool operator()(const Left& left, const Right& right) const {
      return plain(left) == plain(right);
    }
  };

  std::unordered_set<Interned<Value>, HashValue, EqualValue> entries_;
  std::size_t sweep_at_ = sweep_min;
};

}  // namespace scanclock
