#pragma once

#include "core/domain/inventory.hpp"
#include "daemon/metric_text.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace scanclock {

/// How many images and containers there are of each sort, counted as they change instead of anew
/// for every reader.
class InventoryTally {
 public:
  /// State, environment, running, observation, trust.
  using ImageSort = std::tuple<State, std::string, bool, Observation::Status, std::string_view>;
  /// Source, environment, verdict.
  using ContainerSort = std::tuple<std::string, std::string, Verdict>;
  using ImageCounts = std::map<ImageSort, int>;
  using ContainerCounts = std::map<ContainerSort, int>;

  /// What an image was counted as; belongs to the tally that filled it.
  struct Share {
    ImageCounts::value_type* image = nullptr;
    /// Of its containers, nearly always the only one.
    ContainerCounts::value_type* containers = nullptr;
    int number = 0;
    std::unique_ptr<std::vector<std::pair<ContainerCounts::value_type*, int>>> others;
  };

  /// Counts the image and the containers that are joined to it as they are now.
  void recount(const Inventory& inventory, const ImageRecord& image, Share& share);
  /// The same for a container that is joined to no image, was so before, or has ended.
  void recount(const Inventory& inventory, const ContainerKey& container);

  /// The families `scanclock_images` and `scanclock_containers`; what the scope may bring forth is
  /// there with zero, and so is what was there before.
  void write(MetricText& text, const Scope& scope) const;

 private:
  void take_back(Share& share);

  ImageCounts images_;
  ContainerCounts containers_;
  /// By a hash of source and ID, for a whole cluster may be joined to nothing.
  boost::unordered_flat_map<std::uint64_t, ContainerCounts::value_type*> unjoined_;
};

}  // namespace scanclock
