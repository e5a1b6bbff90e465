#pragma once

#include "core/domain/inventory.hpp"
#include "daemon/image_series.hpp"
#include "daemon/inventory_tally.hpp"
#include "daemon/series_packing.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scanclock {

/// Unique running images with series of their own; beyond it the farthest deadlines are left out.
inline constexpr std::size_t image_series_max = 100'000;
/// Images that are rendered, and compressed, together.
inline constexpr std::size_t block_images_max = 128;

/// What a reader sees: all of one moment.
struct SeriesPage {
  /// All of them packed.
  std::array<std::vector<std::shared_ptr<SeriesPiece>>, image_families> families;
  /// `scanclock_image_series_dropped` and what is counted; the same in both formats.
  std::string counts;
};

/// The rendered series of all running images, kept up to date by what is touched. Images stand in
/// blocks: one that is touched has its block rendered again, and where the text is another one
/// compressed again, and nothing else. No clock, no I/O: the caller lets it work in small steps.
class SeriesStore {
 public:
  /// `inventory` must outlive it. Everything is yet to be looked at.
  explicit SeriesStore(const Inventory& inventory, std::size_t images_max = image_series_max);

  void touch(const Touched& touched);
  /// Something was touched that no round has begun to look at.
  bool is_stale() const { return looks_at_all_ || !waiting_.empty(); }

  /// A round takes what was touched until now; then work() is called until it says false, then
  /// publish(). All that take_unpacked() gives must have been packed by then.
  void begin_round();
  /// Looks at one image or container, or renders one image. False when nothing is left.
  bool work();
  /// Pieces that were rendered and have no gzip yet, and how much text they hold.
  std::vector<std::shared_ptr<SeriesPiece>> take_unpacked();
  std::size_t unpacked_bytes() const { return unpacked_bytes_; }
  std::shared_ptr<const SeriesPage> publish() const;

  /// Of packed pieces the gzip stays.
  void drop_texts();
  /// Of all series together, whether their text is kept or not.
  std::size_t text_bytes() const { return text_bytes_; }
  std::size_t kept_text_bytes() const;

 private:
  static constexpr std::uint32_t no_block = std::numeric_limits<std::uint32_t>::max();

  struct Entry {
    InventoryTally::Share share;
    /// Under which it is ranked.
    TimePoint deadline_at;
    std::uint32_t block = no_block;
    bool ranked = false;
  };
  struct Block {
    std::vector<const ImageRecord*> members;
    /// None where there is no text.
    std::array<std::shared_ptr<SeriesPiece>, image_families> pieces;
    std::size_t workloads_dropped = 0;
    bool dirty = false;
  };
  /// By deadline, then digest, so that every daemon leaves out the same images.
  struct ByDeadline {
    bool operator()(const std::pair<TimePoint, const ImageRecord*>& left,
                    const std::pair<TimePoint, const ImageRecord*>& right) const;
  };
  using Ranking = std::set<std::pair<TimePoint, const ImageRecord*>, ByDeadline>;

  void walk_containers();
  const ImageRecord* next_image();
  void look_at(const ImageRecord& image);
  void place(const ImageRecord& image, Entry& entry);
  void rank(const ImageRecord& image, Entry& entry);
  void show(const ImageRecord& image);
  void hide(const ImageRecord& image);
  bool render();
  void finish_block();

  const Inventory& inventory_;
  std::size_t images_max_;
  InventoryTally tally_;
  std::unordered_map<const ImageRecord*, Entry> entries_;
  /// Images in blocks.
  std::size_t shown_count_ = 0;
  /// There were once more running images than may have series. Before that their order does not
  /// matter, and is not kept.
  bool ranks_ = false;
  /// Running images with series, and those beyond the limit.
  Ranking shown_;
  Ranking left_out_;
  std::vector<Block> blocks_;
  /// Blocks with room.
  std::set<std::uint32_t> roomy_;
  std::vector<std::shared_ptr<SeriesPiece>> unpacked_;
  std::size_t unpacked_bytes_ = 0;
  std::size_t text_bytes_ = 0;

  bool looks_at_all_ = true;
  std::set<Digest> waiting_;
  std::set<ContainerKey> waiting_containers_;

  /// The present round.
  bool walks_all_ = false;
  /// In the first round.
  bool walks_containers_ = true;
  ContainerKey walked_container_;
  Digest walked_;
  std::set<Digest> round_;
  std::set<ContainerKey> round_containers_;
  std::size_t block_ = 0;
  std::size_t member_ = 0;
  ImageSeriesTexts texts_;
  std::size_t workloads_dropped_ = 0;
};

}  // namespace scanclock
