#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace scanclock {

/// Container IDs that pods claim, as hashes of 64 bits in a table with open addressing: some 16
/// bytes an ID, for a cluster has hundreds of thousands. Two IDs with one hash look like one.
class ClaimedIds {
 public:
  void insert(std::string_view id);
  /// Only what was inserted, once for each time.
  void erase(std::string_view id);
  bool contains(std::string_view id) const;
  std::size_t size() const { return size_; }

 private:
  static constexpr std::uint64_t no_id = 0;

  static std::uint64_t hash_of(std::string_view id);
  std::size_t home_of(std::uint64_t hash) const { return hash & (slots_.size() - 1); }
  std::size_t after(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
  void put(std::uint64_t hash);
  void grow();

  /// A power of two, or empty.
  std::vector<std::uint64_t> slots_;
  std::size_t size_ = 0;
};

}  // namespace scanclock
