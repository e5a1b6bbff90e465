#pragma once

#include "core/domain/container_record.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

/// Room for container records, many in a piece, by number. Their addresses stay.
class ContainerStore {
 public:
  std::uint32_t add(const ContainerId& id);
  void remove(std::uint32_t number);
  ContainerRecord& at(std::uint32_t number) const;

 private:
  static constexpr std::uint32_t block_records = 128;
  struct alignas(ContainerRecord) Room {
    std::byte bytes[sizeof(ContainerRecord)];
  };

  std::vector<std::unique_ptr<Room[]>> blocks_;
  std::vector<std::uint32_t> free_;
};

/// Containers of one source in the order of their IDs: sorted pieces of 8 bytes an entry, so that a
/// search hardly touches a container. Adding and erasing leave iterators invalid.
class ContainerOrder {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = ContainerRecord;
    using difference_type = std::ptrdiff_t;
    using pointer = const ContainerRecord*;
    using reference = const ContainerRecord&;

    Iterator() = default;
    Iterator(const ContainerOrder& order, std::size_t piece, std::size_t place)
        : order_(&order), piece_(piece), place_(place) {}

    reference operator*() const { return order_->at(piece_, place_); }
    pointer operator->() const { return &**this; }
    Iterator& operator++();
    bool operator==(const Iterator&) const = default;

   private:
    friend class ContainerOrder;

    const ContainerOrder* order_ = nullptr;
    std::size_t piece_ = 0;
    std::size_t place_ = 0;
  };

  explicit ContainerOrder(ContainerStore& store) : store_(&store) {}

  Iterator begin() const { return {*this, 0, 0}; }
  Iterator end() const { return {*this, pieces_.size(), 0}; }
  /// The first one that is not before `id`.
  Iterator lower_bound(const ContainerId& id) const;
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Before `position`, which lower_bound() gave for the ID; no other one has it.
  ContainerRecord& insert(Iterator position, const ContainerId& id);
  void erase(Iterator position);
  void clear();

 private:
  struct Entry {
    std::uint32_t key = 0;
    std::uint32_t record = 0;
  };
  using Piece = std::vector<Entry>;

  ContainerRecord& at(std::size_t piece, std::size_t place) const {
    return store_->at(pieces_[piece][place].record);
  }
  bool is_before(const Entry& entry, std::uint32_t key, const ContainerId& id) const;
  void split(std::size_t piece);
  void merge_small(std::size_t piece);

  ContainerStore* store_;
  std::vector<Piece> pieces_;
  std::size_t size_ = 0;
};

/// All containers, ordered by source and ID. Their addresses stay; iterators end when one is added
/// or erased.
class ContainerTable {
 public:
  using OfSource = ContainerOrder;
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
    Iterator(const Sources& sources, Sources::const_iterator source, OfSource::Iterator position);

    reference operator*() const { return *position_; }
    pointer operator->() const { return &*position_; }
    Iterator& operator++();
    bool operator==(const Iterator& other) const;

   private:
    void skip_ended_sources();

    const Sources* sources_ = nullptr;
    Sources::const_iterator source_;
    OfSource::Iterator position_;
  };

  ContainerTable() : store_(std::make_unique<ContainerStore>()) {}
  ContainerTable(ContainerTable&&) = default;
  ContainerTable& operator=(ContainerTable&&) = delete;
  ~ContainerTable();

  Iterator begin() const { return {sources_, sources_.begin()}; }
  Iterator end() const { return {sources_, sources_.end()}; }
  /// The first one behind `key`, whether that is there or not.
  Iterator behind(const ContainerKey& key) const;
  /// Throws std::out_of_range when it is not there.
  const ContainerRecord& at(const ContainerKey& key) const;
  const ContainerRecord* find(std::string_view source, const ContainerId& id) const;
  ContainerRecord* find(std::string_view source, const ContainerId& id);
  /// Those of one source; nothing for a source that has none.
  const OfSource* of(std::string_view source) const;
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Finds it, or makes it: then the second is true.
  std::pair<ContainerRecord&, bool> get(const std::string& source, const ContainerId& id);
  void erase(const ContainerRecord& record);

  /// Nothing but the ID decides the order, and the ID of a record never changes.
  static ContainerRecord& writable(const ContainerRecord& record) {
    return const_cast<ContainerRecord&>(record);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }

 private:
  std::unique_ptr<ContainerStore> store_;
  Sources sources_;
  std::size_t size_ = 0;
};

}  // namespace scanclock
