#pragma once

#include "core/domain/container.hpp"
#include "core/domain/join.hpp"
#include "core/domain/records.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

struct ContainerRecord;
struct ImageGroup;

struct ByInternedValue {
  template <class Value>
  bool operator()(const Interned<Value>& left, const Interned<Value>& right) const {
    return *left < *right;
  }
};

/// Containers of one image group in one workload. What follows from both is kept once.
struct WorkloadGroup {
  ImageGroup* images = nullptr;
  Interned<ContainerPlace> place;
  std::string environment;
  std::string owner;
  /// An ignored image or an excluded namespace.
  bool ignored = false;
  std::vector<ContainerRecord*> members;
};

/// Containers about whose image the same was printed: they are joined all at once.
struct ImageGroup {
  Interned<ContainerImage> printed;
  /// Of the reference as printed; empty where it is none.
  std::string host;
  std::string repository;
  std::map<Interned<ContainerPlace>, WorkloadGroup, ByInternedValue> workloads;
  /// The earliest start that any member ever told.
  std::optional<TimePoint> earliest_start;

  /// Derived by Inventory::reevaluate.
  JoinResult join;
  /// No digest that a runtime printed: the image is the one that the reference is taken to mean
  /// (reference R11).
  bool assumed = false;
  /// Assumed, and nobody knows what the tag named when the containers started.
  bool doubtful = false;
  /// Of `join.image`.
  const ImageRecord* image = nullptr;
};

/// A container in memory: what is stored of it, and its place among others.
struct ContainerRecord : StoredContainer {
  explicit ContainerRecord(std::string own_id) { id = std::move(own_id); }
  ContainerRecord(const ContainerRecord&) = delete;
  ContainerRecord& operator=(const ContainerRecord&) = delete;

  const JoinResult& join() const;
  Verdict verdict() const;
  /// For people: why the verdict is no better, or that the image was assumed.
  std::string reason() const;
  std::optional<TimePoint> deadline_at() const;
  bool assumed() const;
  const std::string& environment() const;
  const std::string& owner() const;
  bool ignored() const;

  std::optional<TimePoint> unresolved_since;

  /// Kept by the inventory. Nothing for one that has ended.
  WorkloadGroup* group = nullptr;
  /// Among the members of its group.
  std::uint32_t position = 0;
  /// The look in which it was seen last.
  std::uint32_t look = 0;
  bool concluded = false;
};

/// All containers, ordered by source and ID. Their addresses stay.
class ContainerTable {
  struct ById {
    using is_transparent = void;
    bool operator()(const ContainerRecord& left, const ContainerRecord& right) const {
      return left.id < right.id;
    }
    bool operator()(const ContainerRecord& left, std::string_view right) const {
      return left.id < right;
    }
    bool operator()(std::string_view left, const ContainerRecord& right) const {
      return left < right.id;
    }
  };

 public:
  using OfSource = std::set<ContainerRecord, ById>;
  using Sources = std::map<std::string, OfSource, std::less<>>;

  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = ContainerRecord;
    using difference_type = std::ptrdiff_t;
    using pointer = const ContainerRecord*;
    using reference = const ContainerRecord&;

    Iterator() = default;
    Iterator(const Sources& sources, Sources::const_iterator source);
    Iterator(const Sources& sources, Sources::const_iterator source,
             OfSource::const_iterator position);

    reference operator*() const { return *position_; }
    pointer operator->() const { return &*position_; }
    Iterator& operator++();
    bool operator==(const Iterator& other) const;

   private:
    void skip_ended_sources();

    const Sources* sources_ = nullptr;
    Sources::const_iterator source_;
    OfSource::const_iterator position_;
  };

  Iterator begin() const { return {sources_, sources_.begin()}; }
  Iterator end() const { return {sources_, sources_.end()}; }
  /// The first one behind `key`, whether that is there or not.
  Iterator behind(const ContainerKey& key) const;
  /// Throws std::out_of_range when it is not there.
  const ContainerRecord& at(const ContainerKey& key) const;
  const ContainerRecord* find(std::string_view source, std::string_view id) const;
  ContainerRecord* find(std::string_view source, std::string_view id);
  /// Those of one source; nothing for a source that has none.
  const OfSource* of(std::string_view source) const;
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Finds or makes it.
  ContainerRecord& get(const std::string& source, const std::string& id);
  void erase(const ContainerRecord& record);

  /// Nothing but the ID decides the order, and the ID of a record never changes.
  static ContainerRecord& writable(const ContainerRecord& record) {
    return const_cast<ContainerRecord&>(record);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }

 private:
  Sources sources_;
  std::size_t size_ = 0;
};

}  // namespace scanclock
