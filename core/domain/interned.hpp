#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <compare>
#include <utility>

namespace scanclock {

/// A value that many owners have alike, kept once: 8 bytes an owner. Never changes; compares as its
/// value does. A default-constructed one stands for a default-constructed value.
template <class Value>
class Interned {
 public:
  Interned() = default;
  explicit Interned(Value value) : node_(new Node(std::move(value))) {}

  const Value& operator*() const {
    if (node_) {
      return node_->value;
    }
    static const Value none{};
    return none;
  }
  const Value* operator->() const { return &**this; }
  bool is_shared() const { return node_ && node_->use_count() > 1; }

  friend bool operator==(const Interned& left, const Interned& right) {
    return left.node_ == right.node_ || *left == *right;
  }
  friend std::strong_ordering operator<=>(const Interned& left, const Interned& right) {
    return left.node_ == right.node_ ? std::strong_ordering::equal : *left <=> *right;
  }

 private:
  /// Counted atomically, for records go to other threads with what is stored.
  struct Node : boost::intrusive_ref_counter<Node, boost::thread_safe_counter> {
    explicit Node(Value&& given) : value(std::move(given)) {}
    Value value;
  };

  boost::intrusive_ptr<const Node> node_;
};

}  // namespace scanclock
